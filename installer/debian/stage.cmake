# CPack runs this between putting the files together and making the package: what a package for a system keeps outside
# of /usr is moved there, and compressed files get no time stamps of their own.
if(NOT CPACK_GENERATOR MATCHES "^(DEB|RPM)$")
  return()
endif()
file(GLOB folders ${CPACK_TEMPORARY_DIRECTORY}/*/usr/etc ${CPACK_TEMPORARY_DIRECTORY}/usr/etc)
foreach(folder ${folders})
  get_filename_component(root ${folder}/../.. ABSOLUTE)
  file(RENAME ${folder} ${root}/etc)
endforeach()
