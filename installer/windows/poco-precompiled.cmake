# Read by CMake at the end of POCO's project() (CMAKE_PROJECT_Poco_INCLUDE): precompiled headers, which POCO does not have
# by itself, make its build several times faster. Nothing of its sources is touched.
function(tenon_precompile)
  foreach(target Foundation XML JSON Util Net Crypto NetSSL JWT Data)
    if(TARGET ${target})
      target_precompile_headers(${target} PRIVATE
        $<$<COMPILE_LANGUAGE:CXX>:<string$<ANGLE-R>> $<$<COMPILE_LANGUAGE:CXX>:<vector$<ANGLE-R>>
        $<$<COMPILE_LANGUAGE:CXX>:<map$<ANGLE-R>> $<$<COMPILE_LANGUAGE:CXX>:<istream$<ANGLE-R>>
        $<$<COMPILE_LANGUAGE:CXX>:<algorithm$<ANGLE-R>> $<$<COMPILE_LANGUAGE:CXX>:<memory$<ANGLE-R>>
        $<$<COMPILE_LANGUAGE:CXX>:<functional$<ANGLE-R>> $<$<COMPILE_LANGUAGE:CXX>:<sstream$<ANGLE-R>>)
    endif()
  endforeach()
endfunction()
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL tenon_precompile)
