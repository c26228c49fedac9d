# Cross-building for Windows (x86-64) with Debian's MinGW-w64. The libraries that Debian does not package for it are made
# by deps.sh, which prints where they are: TENON_WINDOWS_PREFIX.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(TENON_MINGW x86_64-w64-mingw32)

# The variant with POSIX threads: the other one has no std::thread.
set(CMAKE_C_COMPILER ${TENON_MINGW}-gcc-posix)
set(CMAKE_CXX_COMPILER ${TENON_MINGW}-g++-posix)
set(CMAKE_RC_COMPILER ${TENON_MINGW}-windres)
set(CMAKE_MC_COMPILER ${TENON_MINGW}-windmc)

# In the environment too, because CMake reads this file again for its own small trial projects.
if(TENON_WINDOWS_PREFIX)
  set(ENV{TENON_WINDOWS_PREFIX} ${TENON_WINDOWS_PREFIX})
endif()
set(prefix $ENV{TENON_WINDOWS_PREFIX})
set(CMAKE_FIND_ROOT_PATH ${prefix} /usr/${TENON_MINGW})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_PREFIX_PATH ${prefix})
set(ENV{PKG_CONFIG_LIBDIR} ${prefix}/lib/pkgconfig)
set(ENV{PKG_CONFIG_PATH})
set(OPENSSL_ROOT_DIR ${prefix})
set(OPENSSL_USE_STATIC_LIBS ON)
set(ZLIB_USE_STATIC_LIBS ON)

# POCO spells two headers as Windows itself does; MinGW has them in small letters.
set(shims ${CMAKE_CURRENT_LIST_DIR}/shims)
set(CMAKE_C_FLAGS_INIT "-isystem ${shims}")
# POCO is built without XML, and says so to those that use its Util alone; precompiled headers must all be told the same.
set(CMAKE_CXX_FLAGS_INIT "-isystem ${shims} -DPOCO_UTIL_NO_XMLCONFIGURATION")
# The programs bring the compiler's runtime along.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-static-libgcc -static-libstdc++ -Wl,-Bstatic,-lstdc++,-lpthread,-Bdynamic")
set(CMAKE_MODULE_LINKER_FLAGS_INIT "${CMAKE_SHARED_LINKER_FLAGS_INIT}")

# Wine runs what is built, where a build wants to run it.
find_program(TENON_WINE NAMES wine64 wine PATHS /usr/lib/wine)
if(TENON_WINE)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${TENON_WINE})
endif()
