#!/usr/bin/env bash
# Read by scripts that build. Objects are shared by trees in different places, and by trees with and without warnings as errors.
#
#   compile_once SOURCE CACHE    the builds of SOURCE that this shell starts keep their objects in the folder CACHE, and
#                                take them from there; nothing happens where there is no ccache

compile_once() {
  command -v ccache >/dev/null || return 0
  export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
  export CCACHE_DIR=$2 CCACHE_BASEDIR=$1 CCACHE_NOHASHDIR=1 CCACHE_IGNOREOPTIONS='-Werror*'
  export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
}
