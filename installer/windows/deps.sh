#!/usr/bin/env bash
# Builds, static and for Windows, the libraries that Debian does not package for MinGW-w64, from Debian's own source
# packages in the versions that the configured archives have now. Nothing is patched.
#
#   deps.sh [FOLDER]
#
# FOLDER (default build/windows-prefix) gets the libraries; a library that is there already in the same version is not
# built again. Root is not needed; the packages of `packages.sh windows` are.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix=${1:-$here/../../build/windows-prefix}
mkdir -p "$prefix/include" "$prefix/lib/pkgconfig" "$prefix/built" "$prefix/sources"
prefix=$(cd "$prefix" && pwd)
export TENON_WINDOWS_PREFIX=$prefix
mingw=x86_64-w64-mingw32
jobs=$(nproc)

# apt with lists of its own, so that source packages can be had where only binary ones are configured.
apt=$prefix/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/sources.d"
if [ ! -s "$apt/pkgcache" ]; then
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -e "$file" ] || continue
    # Paragraphs whose archive is Debian's; other archives seldom have sources.
    awk 'BEGIN { RS = ""; ORS = "\n\n" } /URIs:[^\n]*\/debian/ { gsub(/Types:[^\n]*/, "Types: deb-src"); print }' \
      "$file" >"$apt/sources.d/$(basename "$file")"
  done
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    sed -n 's/^deb \(.*\/debian.*\)/deb-src \1/p' >"$apt/sources.list" || true
fi
options=(-qq -o "Dir::Etc::SourceList=$apt/sources.list" -o "Dir::Etc::SourceParts=$apt/sources.d"
  -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o Acquire::Retries=3 -o APT::Sandbox::User=root)
apt-get "${options[@]}" update

say() { printf '[%02d:%02d] windows deps: %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"; }

# fetch SOURCE-PACKAGE: the newest version that can be had, unpacked, with Debian's patches; sets $source and $version.
# An archive's index may name a version before its files have reached every mirror: then the one before it is taken.
# Status 1: it is built already.
fetch() {
  local versions
  versions=$(apt-cache "${options[@]}" showsrc --only-source "$1" | sed -n 's/^Version: //p' | sort -rVu)
  for version in $versions; do
    [ "$(cat "$prefix/built/$1" 2>/dev/null)" != "$version" ] || return 1
    source=$prefix/sources/$1
    rm -rf "$source"
    mkdir -p "$source"
    if (cd "$source" && apt-get "${options[@]}" source "$1=$version" >"$prefix/sources/$1.log" 2>&1); then
      source=$(find "$source" -mindepth 1 -maxdepth 1 -type d)
      say "$1 $version"
      return 0
    fi
    say "$1 $version cannot be had: $(grep -m 1 '^E:' "$prefix/sources/$1.log")"
  done
  echo "deps.sh: no archive has the source of $1" >&2
  exit 1
}

finish() { # NAME
  echo "$version" >"$prefix/built/$1"
  rm -rf "$prefix/sources/$1" "$prefix/sources/build-$1"
}

# with_cmake NAME OPTION...: configures, builds and installs $source
with_cmake() {
  local name=$1 build=$prefix/sources/build-$1
  shift
  {
    cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
      "-DCMAKE_C_FLAGS_RELEASE=-O2 -DNDEBUG" "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -DNDEBUG" \
      -DCMAKE_TOOLCHAIN_FILE="$here/toolchain.cmake" -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
      -DCMAKE_POSITION_INDEPENDENT_CODE=ON ${CCACHE:+-DCMAKE_CXX_COMPILER_LAUNCHER=ccache} "$@" &&
      cmake --build "$build" -j "$jobs" && cmake --install "$build"
  } >"$prefix/sources/$name.log" 2>&1 || { tail -n 40 "$prefix/sources/$name.log" >&2; exit 1; }
}

make_openssl() {
  fetch openssl || return 0
  (cd "$source" && {
    CC=gcc-posix ./Configure mingw64 "--cross-compile-prefix=$mingw-" "--prefix=$prefix" --libdir=lib \
      no-shared no-tests no-dso no-dtls no-srp no-legacy no-capieng no-comp no-idea no-seed no-camellia no-aria no-bf \
      no-cast no-rc2 no-rc4 no-mdc2 no-whirlpool no-gost no-sm2 no-sm3 no-sm4 no-ssl-trace no-cms no-ts no-cmp -O2 &&
      make -j "$jobs" build_libs && make install_dev
  } >"$prefix/sources/openssl.log" 2>&1) || { tail -n 40 "$prefix/sources/openssl.log" >&2; exit 1; }
  finish openssl
}

make_poco() {
  fetch poco || return 0
  with_cmake poco -DCMAKE_PROJECT_Poco_INCLUDE="$here/poco-faster.cmake" -DENABLE_TESTS=OFF -DENABLE_ENCODINGS=OFF \
    -DENABLE_MONGODB=OFF -DENABLE_REDIS=OFF -DENABLE_PDF=OFF -DENABLE_ZIP=OFF -DENABLE_SEVENZIP=OFF \
    -DENABLE_APACHECONNECTOR=OFF -DENABLE_CPPPARSER=OFF -DENABLE_PAGECOMPILER=OFF -DENABLE_PAGECOMPILER_FILE2PAGE=OFF \
    -DENABLE_ACTIVERECORD=OFF -DENABLE_ACTIVERECORD_COMPILER=OFF -DENABLE_PROMETHEUS=OFF -DENABLE_POCODOC=OFF \
    -DENABLE_DATA=ON -DENABLE_DATA_SQLITE=ON -DENABLE_DATA_ODBC=OFF -DENABLE_DATA_MYSQL=OFF \
    -DENABLE_DATA_POSTGRESQL=OFF -DENABLE_NETSSL_WIN=OFF -DENABLE_NETSSL=ON -DENABLE_CRYPTO=ON -DENABLE_JWT=ON \
    -DENABLE_XML=OFF -DENABLE_JSON=ON -DENABLE_NET=ON -DENABLE_UTIL=ON
  # Its CMake package asks for XML even where it was left out.
  echo "# XML was left out." >"$prefix/cmake/PocoXMLConfig.cmake"
  # POCO brings an SQLite of its own, an old one; the plugin is linked with Debian's.
  "$mingw-gcc-ar-posix" d "$prefix/lib/libPocoDataSQLite.a" sqlite3.c.obj
  finish poco
}

make_sqlite3() {
  fetch sqlite3 || return 0
  # One source for all systems is made first, with tools of this one.
  (mkdir -p "$prefix/sources/build-sqlite3" && cd "$prefix/sources/build-sqlite3" && {
    "$source/configure" --disable-tcl --disable-shared --disable-readline && make sqlite3.c &&
      "$mingw-gcc-posix" -O2 -DSQLITE_THREADSAFE=1 -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE -DSQLITE_ENABLE_MATH_FUNCTIONS \
        -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_ENABLE_UNLOCK_NOTIFY -c sqlite3.c -o sqlite3.o &&
      rm -f "$prefix/lib/libsqlite3.a" && "$mingw-gcc-ar-posix" rcs "$prefix/lib/libsqlite3.a" sqlite3.o &&
      cp sqlite3.h "$prefix/include/"
  } >"$prefix/sources/sqlite3.log" 2>&1) || { tail -n 40 "$prefix/sources/sqlite3.log" >&2; exit 1; }
  finish sqlite3
}

make_simdjson() {
  fetch simdjson || return 0
  with_cmake simdjson -DSIMDJSON_DEVELOPER_MODE=OFF
  finish simdjson
}

make_re2() {
  fetch re2 || return 0
  # Debian takes the tables out of the source and makes them from its own Unicode data.
  make -s -C "$source" REBUILD_TABLES=1 re2/perl_groups.cc re2/unicode_groups.cc re2/unicode_casefold.cc
  with_cmake re2 -DRE2_BUILD_TESTING=OFF
  cat >"$prefix/lib/pkgconfig/re2.pc" <<PC
prefix=$prefix
Name: re2
Description: regular expressions in linear time
Version: $version
Cflags: -I\${prefix}/include
Libs: -L\${prefix}/lib -lre2
PC
  finish re2
}

# What takes one processor for long is made beside what takes all.
(
  make_sqlite3
  make_simdjson
  make_re2
) &
small=$!
make_openssl
make_poco
wait "$small"

say "everything is in $prefix"
