# The settings file of an installed server: FROM, with the folders of an installation. Writes TO.
#
# cmake -DFROM=file -DTO=file -DPLUGINS=folders -DLOG=file -P system-properties.cmake
cmake_minimum_required(VERSION 3.25)
file(READ ${FROM} text)

# set_key(KEY VALUE): sets a key that stands in the file, set or as a comment with its default.
function(set_key key value)
  string(REPLACE "." "[.]" pattern "${key}")
  string(REGEX MATCH "(^|\n)#? *${pattern} *=[^\n]*" line "${text}")
  if(NOT line)
    message(FATAL_ERROR "${FROM} has no ${key}")
  endif()
  string(REGEX REPLACE "(^|\n)#? *${pattern} *=[^\n]*" "\\1${key} = ${value}" text "${text}")
  set(text "${text}" PARENT_SCOPE)
endfunction()

set_key(plugins.directory "${PLUGINS}")
set_key(log.file "${LOG}")
file(WRITE ${TO} "${text}")
