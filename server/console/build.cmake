# Builds the console in WORK, a copy of SOURCE, since a source tree stays as it is, and writes its files as OUTPUT.
#
# cmake -DSOURCE=folder -DWORK=folder -DNODE=program -DNPM=program -DOUTPUT=file -DREQUIRED=ON|AUTO -P build.cmake
#
# npm may have no way to its packages: then the server is built without the console, unless it is REQUIRED.
file(REMOVE_RECURSE ${WORK}/src ${WORK}/public) # what is gone from the sources is gone here
file(COPY ${SOURCE}/ DESTINATION ${WORK} PATTERN node_modules EXCLUDE)
set(lock ${WORK}/package-lock.json)
set(installed ${WORK}/installed.json)
execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${lock} ${installed} RESULT_VARIABLE differs ERROR_QUIET)
if(differs)
  set(patience "")
  if(NOT REQUIRED STREQUAL "ON") # a build is not held up for long by a network that npm has no way through
    set(patience --fetch-retries=1 --fetch-timeout=30000)
  endif()
  execute_process(COMMAND ${NPM} ci --no-audit --no-fund --ignore-scripts --loglevel=error ${patience}
    WORKING_DIRECTORY ${WORK} RESULT_VARIABLE failed OUTPUT_QUIET)
  if(failed)
    if(REQUIRED STREQUAL "ON")
      message(FATAL_ERROR "npm did not install what the console is built with")
    endif()
    message(WARNING "The console is left out: npm did not install what it is built with")
    execute_process(COMMAND ${NODE} ${WORK}/embed.mjs ${OUTPUT} COMMAND_ERROR_IS_FATAL ANY)
    return()
  endif()
  file(COPY_FILE ${lock} ${installed})
endif()
file(REMOVE_RECURSE ${WORK}/dist)
execute_process(COMMAND ${NODE} node_modules/typescript/bin/tsc --noEmit WORKING_DIRECTORY ${WORK} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${NODE} node_modules/vite/bin/vite.js build --logLevel warn
  WORKING_DIRECTORY ${WORK} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${NODE} ${WORK}/embed.mjs ${OUTPUT} ${WORK}/dist COMMAND_ERROR_IS_FATAL ANY)
