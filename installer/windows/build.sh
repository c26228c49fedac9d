#!/usr/bin/env bash
# Cross-builds the server for Windows into build/windows, and tenon-setup.exe into build/windows/packages.
#
#   build.sh
#
# Needs the packages of `packages.sh windows`; the libraries that Debian lacks are made first, once (deps.sh).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
./installer/windows/deps.sh build/windows-prefix
cmake --preset windows
cmake --build --preset windows
cmake --install build/windows --component dev --prefix build/windows/sdk-installed >/dev/null
version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' build/windows/CMakeCache.txt)
mkdir -p build/windows/packages
cmake -DFROM=conf/tenon.properties -DTO=build/windows/tenon.properties \
  '-DPLUGINS=C:/Program Files/Tenon/plugins, C:/ProgramData/Tenon/plugins' '-DLOG=C:/ProgramData/Tenon/log/tenon.log' \
  -P installer/system-properties.cmake
sed -i 's/$/\r/' build/windows/tenon.properties
makensis -V2 -WX "-DBUILD=$PWD/build/windows" "-DPROPERTIES=$PWD/build/windows/tenon.properties" "-DVERSION=$version" \
  installer/windows/tenon.nsi
ls -l build/windows/packages
