#!/usr/bin/env bash
# Runs a Windows program under Wine, in the prefix that WINEPREFIX names, and nothing of Wine's own on standard error.
#
#   wine.sh PROGRAM ARGUMENT...
PATH=$PATH:/usr/lib/wine
export WINEDEBUG=${WINEDEBUG:--all} WINEDLLOVERRIDES='mscoree,mshtml=;netsh.exe,icacls.exe=n,b'
exec "$(command -v wine64 || command -v wine)" "$@"
