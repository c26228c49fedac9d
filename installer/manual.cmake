# Man pages, completions, the settings of an installed server. Made at build time with sed, awk and gzip; where these
# are not there (Windows) they are left out.
find_program(TENON_GZIP gzip)
find_program(TENON_AWK awk)
if(WIN32 OR NOT TENON_GZIP OR NOT TENON_AWK OR NOT EXISTS ${PROJECT_SOURCE_DIR}/conf/tenon.properties)
  return()
endif()

set(made)

# packed(OUTPUT COMMAND...): a compressed file, without a time stamp, of what the command prints.
function(packed output)
  string(REPLACE ";" " " command "${ARGN}")
  add_custom_command(OUTPUT ${output}
    COMMAND sh -c "${command} | ${TENON_GZIP} -9n > ${output}"
    DEPENDS ${DEPENDENCIES} VERBATIM)
  set(made ${made} ${output} PARENT_SCOPE)
endfunction()

set(manual ${CMAKE_CURRENT_SOURCE_DIR}/man)
set(properties ${PROJECT_SOURCE_DIR}/conf/tenon.properties)
set(out ${CMAKE_CURRENT_BINARY_DIR})

set(DEPENDENCIES ${manual}/tenon.1)
packed(${out}/tenon.1.gz sed s/@VERSION@/${PROJECT_VERSION}/ ${manual}/tenon.1)
set(DEPENDENCIES ${manual}/tenon-client.1)
packed(${out}/tenon-client.1.gz sed s/@VERSION@/${PROJECT_VERSION}/ ${manual}/tenon-client.1)
set(DEPENDENCIES ${manual}/properties.awk ${properties})
packed(${out}/tenon.properties.5.gz ${TENON_AWK} -v version=${PROJECT_VERSION} -f ${manual}/properties.awk ${properties})
set(DEPENDENCIES ${CMAKE_CURRENT_SOURCE_DIR}/debian/changelog)
packed(${out}/changelog.gz cat ${CMAKE_CURRENT_SOURCE_DIR}/debian/changelog)

# An installed server keeps its plugins and its log elsewhere than a build tree.
add_custom_command(OUTPUT ${out}/tenon.properties
  COMMAND ${CMAKE_COMMAND} -DFROM=${properties} -DTO=${out}/tenon.properties
    "-DPLUGINS=/usr/${plugin_folder}, /var/lib/tenon/plugins" -DLOG=/var/log/tenon/tenon.log
    -P ${CMAKE_CURRENT_SOURCE_DIR}/system-properties.cmake
  DEPENDS ${properties} ${CMAKE_CURRENT_SOURCE_DIR}/system-properties.cmake VERBATIM)
add_custom_target(manual ALL DEPENDS ${made} ${out}/tenon.properties)

install(FILES ${out}/tenon.1.gz ${out}/tenon-client.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT server)
install(FILES ${out}/tenon.properties.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT server)
install(FILES ${out}/tenon.properties DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/tenon COMPONENT server)
install(FILES completions/tenon.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME tenon COMPONENT server)
install(FILES completions/tenon.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _tenon COMPONENT server)
install(FILES systemd/tenon.service systemd/tenon.socket DESTINATION lib/systemd/system COMPONENT server)

foreach(component server dev)
  set(document ${CMAKE_INSTALL_DATADIR}/doc/tenon)
  if(component STREQUAL "dev")
    set(document ${document}-dev)
  endif()
  install(FILES ${out}/changelog.gz debian/copyright DESTINATION ${document} COMPONENT ${component})
endforeach()
