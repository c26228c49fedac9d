# Makes one run of ctest of several build trees: BUILD/all. The tests of `release` are taken as they are; those of the
# other PARTS keep their properties and are named after their tree. A part in BROKEN is one test that shows
# the end of BUILD/PART.log, and fails.
#
# cmake -DBUILD=folder -DSOURCE=folder -DPARTS=list -DBROKEN=list -P gather.cmake
cmake_minimum_required(VERSION 3.25)
set(kept RUN_SERIAL PROCESSORS TIMEOUT LABELS COST RESOURCE_LOCK)
set(text "")

foreach(part IN LISTS PARTS)
  if(part IN_LIST BROKEN)
    string(APPEND text "add_test([=[${part}.build]=] sh -c [=[tail -n 60 '${BUILD}/${part}.log'; exit 1]=])\n")
    continue()
  endif()
  if(part STREQUAL "installer") # in the tree of release
    continue()
  endif()
  if(part STREQUAL "release")
    string(APPEND text "subdirs([=[${BUILD}/release]=])\n")
    continue()
  endif()
  if(part STREQUAL "windows")
    string(APPEND text "add_test([=[windows]=] [=[${SOURCE}/tests/windows/buildAndRun.sh]=])\n"
      "set_tests_properties([=[windows]=] PROPERTIES TIMEOUT 3600 RUN_SERIAL ON SKIP_RETURN_CODE 77 LABELS windows)\n")
    continue()
  endif()

  execute_process(COMMAND ctest --test-dir ${BUILD}/${part} --show-only=json-v1
    OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
  string(JSON count LENGTH "${listing}" tests)
  if(count EQUAL 0)
    continue()
  endif()
  math(EXPR last "${count} - 1")
  foreach(index RANGE ${last})
    string(JSON name GET "${listing}" tests ${index} name)
    string(REPLACE "." "[.]" pattern "${name}")
    string(APPEND text "add_test([=[${part}.${name}]=] ctest --test-dir [=[${BUILD}/${part}]=]"
      " -R [=[^${pattern}$]=] --output-on-failure --no-tests=error)\n")
    set(properties "SKIP_REGULAR_EXPRESSION [=[[*][*][*]Skipped]=]")
    string(JSON propertyCount ERROR_VARIABLE none LENGTH "${listing}" tests ${index} properties)
    if(propertyCount GREATER 0)
      math(EXPR lastProperty "${propertyCount} - 1")
      foreach(property RANGE ${lastProperty})
        string(JSON key GET "${listing}" tests ${index} properties ${property} name)
        if(NOT key IN_LIST kept)
          continue()
        endif()
        string(JSON value GET "${listing}" tests ${index} properties ${property} value)
        string(JSON type TYPE "${listing}" tests ${index} properties ${property} value)
        if(type STREQUAL "ARRAY")
          string(JSON value GET "${value}" 0)
        elseif(key STREQUAL "TIMEOUT")
          # The inner run reports the time-out itself.
          string(REGEX REPLACE "[.].*" "" value "${value}")
          math(EXPR value "${value} + 30")
        endif()
        string(APPEND properties " ${key} [=[${value}]=]")
      endforeach()
    endif()
    string(APPEND text "set_tests_properties([=[${part}.${name}]=] PROPERTIES ${properties})\n")
  endforeach()
endforeach()

file(WRITE ${BUILD}/all/CTestTestfile.cmake "${text}")
