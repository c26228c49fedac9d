# cmake -DSDK=sdk -P check_readme.cmake
#
# Every file of examples/ and of the templates stands in README.md, word for word, and no other C or C++ does.
file(READ ${SDK}/README.md readme)
file(GLOB sources ${SDK}/examples/*.c ${SDK}/examples/*.cpp
  ${SDK}/template/*.cpp ${SDK}/template/CMakeLists.txt ${SDK}/template-c/*.c ${SDK}/template-c/CMakeLists.txt
  ${SDK}/template-attach/*.cpp ${SDK}/template-attach/CMakeLists.txt)

set(found 0)
foreach(source ${sources})
  file(READ ${source} text)
  if(source MATCHES "\\.cpp$")
    set(language cpp)
  elseif(source MATCHES "\\.c$")
    set(language c)
  else()
    set(language cmake)
  endif()
  string(FIND "${readme}" "```${language}\n${text}```" at)
  if(at EQUAL -1)
    file(RELATIVE_PATH name ${SDK} ${source})
    message(SEND_ERROR "README.md does not show ${name} as it is")
  else()
    math(EXPR found "${found} + 1")
  endif()
endforeach()

string(REGEX MATCHALL "\n```(cpp|c|cmake)\n" blocks "${readme}")
list(LENGTH blocks count)
if(NOT count EQUAL found)
  message(SEND_ERROR "README.md has ${count} blocks of code, ${found} of them are files")
endif()
message(STATUS "${found} blocks")
