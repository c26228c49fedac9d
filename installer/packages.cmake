# `cmake --build build/release --target package` makes tenon_VERSION_amd64.deb, tenon-dev_VERSION_amd64.deb, the same two
# as .rpm, and one .tar.gz with both, in build/release/packages.
set(CPACK_PACKAGE_NAME tenon)
set(CPACK_PACKAGE_VENDOR "The Tenon developers")
# An address of the domain reserved for those that are none: who publishes packages sets their own.
set(TENON_PACKAGE_CONTACT "The Tenon developers <tenon@tenon.invalid>" CACHE STRING "Maintainer named in the packages")
set(CPACK_PACKAGE_CONTACT ${TENON_PACKAGE_CONTACT})
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_PACKAGE_FILE_NAME tenon-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL server dev)
# Each package has a summary of its own; one for both would be put before each.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(server_summary "native plugin server for the Model Context Protocol")
set(server_description
"Drop a shared library into a folder, and every MCP client (desktop assistants,
IDEs, agents, browsers) can use its tools, resources and prompts: over
Streamable HTTP, over the older HTTP+SSE transport, over stdio.

This package has the server, as a systemd service, and the plugins clock,
filesystem, sqlite and sysinfo.")
set(dev_summary "SDK for plugins of the Tenon MCP server")
set(dev_description
"Headers of the C ABI and of the C++ layer over it, the CMake package Tenon
with tenon_add_plugin(), a template to start from, and examples.")

set(CPACK_GENERATOR TGZ)
find_program(TENON_DPKG dpkg-deb)
find_program(TENON_RPMBUILD rpmbuild)
if(TENON_DPKG)
  list(APPEND CPACK_GENERATOR DEB)
endif()
if(TENON_RPMBUILD)
  list(APPEND CPACK_GENERATOR RPM)
endif()
set(CPACK_ARCHIVE_COMPONENT_INSTALL OFF)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_SOURCE_DIR}/debian/stage.cmake)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_SERVER_PACKAGE_NAME tenon)
set(CPACK_DEBIAN_SERVER_PACKAGE_SECTION net)
set(CPACK_DEBIAN_SERVER_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_SERVER_PACKAGE_DEPENDS "adduser, tzdata")
set(CPACK_DEBIAN_SERVER_DESCRIPTION "${server_summary}\n${server_description}")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA
  ${CMAKE_CURRENT_SOURCE_DIR}/debian/postinst
  ${CMAKE_CURRENT_SOURCE_DIR}/debian/prerm
  ${CMAKE_CURRENT_SOURCE_DIR}/debian/postrm
  ${CMAKE_CURRENT_SOURCE_DIR}/debian/conffiles)
set(CPACK_DEBIAN_DEV_PACKAGE_NAME tenon-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS "tenon, cmake")
set(CPACK_DEBIAN_DEV_DESCRIPTION "${dev_summary}\n${dev_description}")

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE Apache-2.0)
set(CPACK_RPM_MAIN_COMPONENT server)
set(CPACK_RPM_SERVER_PACKAGE_NAME tenon)
set(CPACK_RPM_SERVER_PACKAGE_SUMMARY ${server_summary})
set(CPACK_RPM_SERVER_PACKAGE_DESCRIPTION ${server_description})
set(CPACK_RPM_SERVER_USER_FILELIST "%config(noreplace) /etc/tenon/tenon.properties")
set(CPACK_RPM_SERVER_PRE_INSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/rpm/pre.sh)
set(CPACK_RPM_SERVER_POST_INSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/rpm/post.sh)
set(CPACK_RPM_SERVER_PRE_UNINSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/rpm/preun.sh)
set(CPACK_RPM_SERVER_POST_UNINSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/rpm/postun.sh)
set(CPACK_RPM_DEV_PACKAGE_NAME tenon-devel)
set(CPACK_RPM_DEV_PACKAGE_SUMMARY ${dev_summary})
set(CPACK_RPM_DEV_PACKAGE_DESCRIPTION ${dev_description})
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
  /etc /usr/lib/systemd /usr/lib/systemd/system /usr/share/man /usr/share/man/man1 /usr/share/man/man5
  /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/zsh /usr/share/zsh/vendor-completions
  /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE} /usr/lib/cmake /usr/share/doc)
include(CPack)
