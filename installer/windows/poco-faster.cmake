# Read by CMake at the end of POCO's project() (CMAKE_PROJECT_Poco_INCLUDE): precompiled headers, and several sources
# compiled as one, make its build several times faster. Nothing of its sources is touched.

# Sources that have names of their own, which another's could be the same as, stay apart; C has no namespaces at all.
function(tenon_unite target)
  get_target_property(sources ${target} SOURCES)
  get_target_property(folder ${target} SOURCE_DIR)
  list(FILTER sources INCLUDE REGEX "[.](c|cpp)$")
  list(TRANSFORM sources PREPEND "${folder}/" REGEX "^[^/]")
  foreach(source IN LISTS sources)
    set(own "")
    if(EXISTS ${source})
      file(STRINGS ${source} own LIMIT_COUNT 1 REGEX "^[ \t]*(namespace[ \t]*{?[ \t]*$|#[ \t]*define |static |using namespace )")
    endif()
    if(own OR source MATCHES "[.]c$")
      set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
endfunction()

function(tenon_build_faster)
  foreach(target Foundation JSON Util Net Crypto NetSSL JWT Data)
    if(TARGET ${target})
      tenon_unite(${target})
      target_precompile_headers(${target} PRIVATE
        $<$<COMPILE_LANGUAGE:CXX>:<string$<ANGLE-R>> $<$<COMPILE_LANGUAGE:CXX>:<vector$<ANGLE-R>>
        $<$<COMPILE_LANGUAGE:CXX>:<map$<ANGLE-R>> $<$<COMPILE_LANGUAGE:CXX>:<istream$<ANGLE-R>>
        $<$<COMPILE_LANGUAGE:CXX>:<algorithm$<ANGLE-R>> $<$<COMPILE_LANGUAGE:CXX>:<memory$<ANGLE-R>>
        $<$<COMPILE_LANGUAGE:CXX>:<functional$<ANGLE-R>> $<$<COMPILE_LANGUAGE:CXX>:<sstream$<ANGLE-R>>)
    endif()
  endforeach()
  # Its own SQLite, the largest source of all, is taken out again (deps.sh).
  if(TARGET DataSQLite)
    get_target_property(sources DataSQLite SOURCES)
    list(FILTER sources INCLUDE REGEX "sqlite3[.]c$")
    set_source_files_properties(${sources} TARGET_DIRECTORY DataSQLite PROPERTIES COMPILE_OPTIONS -O0)
  endif()
endfunction()
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL tenon_build_faster)
