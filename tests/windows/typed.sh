#!/usr/bin/env bash
# Runs what is typed after a prompt of Windows' cmd.exe; tests/installer/transcript.sh calls it.
#
#   typed.sh FOLDER COMMAND
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1 command=$2
# Windows has curl.exe, Wine has not; both read quotation marks as a shell does.
case $command in curl\ *) exec bash -c "$command" ;; esac

script=$WINEPREFIX/drive_c/typed.cmd
printf '@cd /d "%s"\r\n@%s\r\n' "$folder" "$command" >"$script"
status=0
"$here/wine.sh" cmd.exe /d /c 'C:\typed.cmd' || status=$?
case $command in
  # A service counts as started a moment before it listens; nobody types that fast.
  "net start "*) until curl -fs --max-time 1 http://127.0.0.1:8080/ready >/dev/null; do sleep 0.2; done ;;
  # Wine's comes back before the service has ended.
  "net stop "*) until "$here/wine.sh" sc.exe query "${command#net stop }" | grep -q 'STATE *: 1 '; do sleep 0.2; done ;;
esac
exit $status
