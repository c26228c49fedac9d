# Installs the component `dev`, then builds both templates against it as an outsider would.
file(REMOVE_RECURSE ${WORK})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " line)
    message(FATAL_ERROR "${line}\n${output}")
  endif()
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix --component dev)
foreach(template template template-c)
  # A copy: nothing of the tree may be reached by a relative path.
  file(COPY ${WORK}/prefix/share/tenon/${template} DESTINATION ${WORK})
  run(${CMAKE_COMMAND} -S ${WORK}/${template} -B ${WORK}/${template}/build -G ${GENERATOR}
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${CXX_COMPILER})
  run(${CMAKE_COMMAND} --build ${WORK}/${template}/build)
endforeach()
foreach(plugin template/build/hello template-c/build/hello_c)
  if(NOT EXISTS ${WORK}/${plugin}${SUFFIX})
    message(FATAL_ERROR "${plugin}${SUFFIX} was not built")
  endif()
endforeach()
message(STATUS "both templates build")
