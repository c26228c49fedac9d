# tenon_add_plugin(NAME SOURCES file... [LINK library...])
#
# A plugin library: NAME.so, NAME.dll or NAME.dylib, loaded by the server, never linked. Only `tenon_entry` leaves it.
# With TENON_PLUGIN_OUTPUT_DIRECTORY set, the library is built into that folder.
include_guard(GLOBAL)

set(TENON_PLUGIN_MAP ${CMAKE_CURRENT_LIST_DIR}/plugin.map CACHE INTERNAL "What leaves a plugin library")
set(TENON_PLUGIN_THREAD_END ${CMAKE_CURRENT_LIST_DIR}/ThreadEndMingw.cpp CACHE INTERNAL "How thread_local objects end")

function(tenon_add_plugin name)
  cmake_parse_arguments(PLUGIN "" "" "SOURCES;LINK" ${ARGN})
  if(NOT PLUGIN_SOURCES)
    message(FATAL_ERROR "tenon_add_plugin(${name}): no SOURCES")
  endif()
  if(PLUGIN_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "tenon_add_plugin(${name}): unknown ${PLUGIN_UNPARSED_ARGUMENTS}")
  endif()

  add_library(${name} MODULE ${PLUGIN_SOURCES})

  # A project in C alone has no C++ compiler to give the C++ layer's features to.
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("CXX" IN_LIST languages)
    target_link_libraries(${name} PRIVATE tenon::sdk)
  else()
    target_link_libraries(${name} PRIVATE tenon::sdk_c)
  endif()
  target_link_libraries(${name} PRIVATE ${PLUGIN_LINK})
  if(TARGET tenon_build)
    target_link_libraries(${name} PRIVATE tenon_build)
  endif()

  set_target_properties(${name} PROPERTIES
    PREFIX ""
    C_VISIBILITY_PRESET hidden
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON)
  if(APPLE)
    set_target_properties(${name} PROPERTIES SUFFIX ".dylib")
    target_link_options(${name} PRIVATE "LINKER:-exported_symbol,_tenon_entry")
  elseif(UNIX)
    # Templates of the standard library are visible whatever the flags say, and one of them with static data keeps the
    # library from being unloaded.
    target_link_options(${name} PRIVATE "LINKER:--version-script=${TENON_PLUGIN_MAP}")
    set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${TENON_PLUGIN_MAP})
  endif()
  if(TENON_PLUGIN_OUTPUT_DIRECTORY)
    # A generator expression keeps multi-configuration generators from adding a folder of their own.
    set_target_properties(${name} PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY $<1:${TENON_PLUGIN_OUTPUT_DIRECTORY}>)
  endif()
  if(MINGW)
    # The library brings the compiler's runtime along: it is copied into plugins/ alone.
    target_link_options(${name} PRIVATE -static-libgcc -static-libstdc++)
    if("CXX" IN_LIST languages)
      target_sources(${name} PRIVATE ${TENON_PLUGIN_THREAD_END})
    endif()
    target_link_libraries(${name} PRIVATE
      "-Wl,-Bstatic,--whole-archive -lwinpthread -Wl,--no-whole-archive,-Bdynamic")
  endif()
endfunction()
