#!/usr/bin/env bash
# Types what a document says was typed, and holds what appears against what it says appeared.
#
#   transcript.sh DOCUMENT HEADING
#
# Under the heading, blocks of ```console are what happened in a terminal; "```console NAME" names it, where there are
# several. A line that begins with a prompt (`$ `, `# `, `C:\folder>`) is typed, with the lines after it until the command is
# whole. What follows must appear, all of it and nothing else, but that `...` stands for any text in a line,
# and a line that is `...` for any lines. Each command must succeed. `$ ^C` is Ctrl-C: the command before it in that
# terminal is left running once it has said what it should.
#
# TRANSCRIPT_WINDOWS is the program that runs what is typed after a prompt of Windows: it gets the folder and the command.
# TRANSCRIPT_PATIENCE is how many seconds a command may take (600).
set -euo pipefail
document=$1 heading=$2
patience=${TRANSCRIPT_PATIENCE:-600}
work=$(mktemp -d)
# A terminal's shell ends with its input; what it left running does not.
cleanup() {
  local shell
  for shell in "${shells[@]}"; do interrupt "$shell" || true; done
  rm -rf "$work"
}
trap cleanup EXIT

# --- the document: what is typed, in which terminal, and what should appear

whole() { [[ $1 != *\\ ]] && bash -n -c "$1" 2>/dev/null; } # COMMAND: whether a shell would run it

terminals=() typed=() appears=()
read_document() { # FILE HEADING
  local line inside=0 here=0 goes_on=0 terminal=''
  local prompt='^([$#]|[A-Z]:\\[^>]*>) (.*)$'
  while IFS= read -r line; do
    if [[ $line == '```'* ]]; then
      inside=0 goes_on=0
      if [[ $here = 1 && $line == '```console'* ]]; then
        inside=1 terminal="terminal${line#'```console'}"
      fi
    elif [[ $inside = 0 ]]; then
      if [[ $line =~ ^#+\ (.*)$ ]]; then
        if [[ ${BASH_REMATCH[1]} == "$2" ]]; then here=1; else here=0; fi
      fi
    elif [[ $goes_on = 1 ]]; then
      typed[-1]+=$'\n'$line
      if whole "${typed[-1]}"; then goes_on=0; fi
    elif [[ $line =~ $prompt ]]; then
      terminals+=("${terminal% }") appears+=('')
      case ${BASH_REMATCH[1]} in
        '$' | '#') typed+=("${BASH_REMATCH[2]}") ;;
        *) typed+=("$(printf '%q %q %q' "$TRANSCRIPT_WINDOWS" "${BASH_REMATCH[1]%>}" "${BASH_REMATCH[2]}")") ;;
      esac
      if ! whole "${typed[-1]}"; then goes_on=1; fi
    elif [ ${#appears[@]} -gt 0 ]; then
      appears[-1]+=$line$'\n'
    fi
  done <"$1"
  [ ${#typed[@]} -gt 0 ] || { echo "$1 has nothing to type under '$2'" >&2; exit 2; }
}

# --- the terminals: a shell each, which reads commands and writes into a file

declare -A shells=() inputs=()
open_terminal() {
  local file=$work/$1 input
  mkfifo "$file.in"
  : >"$file.out"
  # Shells let their background processes ignore Ctrl-C.
  env --default-signal=INT bash --noprofile --norc <"$file.in" >>"$file.out" 2>&1 &
  shells[$1]=$!
  exec {input}>"$file.in"
  inputs[$1]=$input
}

# Ctrl-C, for what the shell waits for.
interrupt() {
  local children
  children=$(cat "/proc/$1/task/$1/children" 2>/dev/null)
  # shellcheck disable=SC2086 # several
  [ -z "$children" ] || kill -INT $children
}

# What has appeared since the last command of a terminal was typed, without the line that tells of its end.
shown() { tail -c "+$(($2 + 1))" "$work/$1.out" | tr -d '\r' | sed -e "/^$ended [0-9]*\$/d" -e 's/[[:space:]]*$//'; }
status_of() { tail -c "+$(($2 + 1))" "$work/$1.out" | sed -n "s/^$ended \([0-9]*\)\$/\1/p"; }
ended="command-of-$$-ended:"

# matches EXPECTED ACTUAL, two texts: the last line of `...` takes as many lines as it must.
matches() {
  local -a wanted=() actual=()
  [ -z "$1" ] || mapfile -t wanted < <(sed -e '/^\.\.\.$/b' -e 's/[][\\*?]/\\&/g' -e 's/\.\.\./*/g' <<<"${1%$'\n'}") # patterns
  [ -z "$2" ] || mapfile -t actual <<<"$2"
  local w=0 a=0 wild=-1 taken=0
  while [ $a -lt ${#actual[@]} ]; do
    # shellcheck disable=SC2053 # a pattern
    if [ "${wanted[w]-}" = ... ]; then
      wild=$w taken=$a w=$((w + 1))
    elif [ $w -lt ${#wanted[@]} ] && [[ ${actual[a]} == ${wanted[w]} ]]; then
      w=$((w + 1)) a=$((a + 1))
    elif [ $wild -ge 0 ]; then
      taken=$((taken + 1)) w=$((wild + 1)) a=$taken
    else
      return 1
    fi
  done
  while [ "${wanted[w]-}" = ... ]; do w=$((w + 1)); done
  [ $w -eq ${#wanted[@]} ]
}

run() { # INDEX
  local terminal=${terminals[$1]} command=${typed[$1]} expected=${appears[$1]} next position text status stays=0
  local since=$SECONDS
  for ((next = $1 + 1; next < ${#typed[@]}; ++next)); do
    if [ "${terminals[next]}" = "$terminal" ]; then
      if [ "${typed[next]}" = '^C' ]; then stays=1; fi
      break
    fi
  done
  printf '== %s: %s\n' "$terminal" "$command"
  [ -n "${shells[$terminal]-}" ] || open_terminal "$terminal"
  position=$(stat -c %s "$work/$terminal.out")
  if [ "$command" = '^C' ]; then
    interrupt "${shells[$terminal]}"
  else
    # What is typed must not be read by the command itself.
    # The line of its end is one of its own, whatever the command's last line ended with.
    printf '{ %s\n} </dev/null; printf "\\n%s %%s\\n" $?\n' "$command" "$ended" >&"${inputs[$terminal]}"
  fi
  while true; do
    status=$(status_of "$terminal" "$position")
    text=$(shown "$terminal" "$position")
    if [ -n "$status" ] && [ $stays = 0 ]; then break; fi
    if [ $stays = 1 ] && matches "$expected" "$text"; then status=0; break; fi
    if [ -n "$status" ] || [ $((SECONDS - since)) -ge "$patience" ] || ! kill -0 "${shells[$terminal]}" 2>/dev/null; then
      status=${status:-none}
      break
    fi
    sleep 0.1
  done
  printf '%s\n' "$text" | tail -n 60
  if [ "$status" != 0 ] || ! matches "$expected" "$text"; then
    printf 'FAILED after %d s, with status %s: this should have appeared:\n%s' $((SECONDS - since)) "$status" "$expected"
    exit 1
  fi
}

read_document "$document" "$heading"
for index in "${!typed[@]}"; do
  run "$index"
done
echo "== all ${#typed[@]} commands did as $document says"
