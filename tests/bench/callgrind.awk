# Reads what callgrind counted of two lives of the same server, FEW and MANY, the second with so many requests more: what
# they differ by is those requests'. callgrind writes it with --dump-instr=yes --compress-strings=no --compress-pos=no.
#
#   awk -v mode=path -v root=DIR -v requests=N -f callgrind.awk FEW MANY
#       each function of server/ that every request passes, a line: FILE TIMES FUNCTION
#   awk -v mode=locked -v requests=N -f callgrind.awk LOCKED FEW MANY
#       how many of the instructions in LOCKED, lines of "OBJECT ADDRESS", one request executes

FNR == 1 { ++input }
mode == "locked" && input == 1 { locked[$1, $2] = 1; next }
/^ob=/ { object = substr($0, 4); next }
/^fl=/ { file = substr($0, 4); next }
/^fn=/ { callee_file = ""; next }
/^cf[il]=/ { callee_file = substr($0, 5); next }
/^cfn=/ { callee = substr($0, 5); next }
/^calls=/ {
  split(substr($0, 7), part, " ")
  calls[input, callee] += part[1]
  place[callee] = callee_file != "" ? callee_file : file
  callee_file = ""
  inclusive = 1 # the next line is what the calls cost, not an instruction of this function
  next
}
/^0x/ {
  if (inclusive) inclusive = 0
  else if ((object, $1) in locked) executed[input] += $3
}
END {
  if (mode == "locked") {
    printf "%.1f\n", (executed[3] - executed[2]) / requests
    exit
  }
  for (name in place) {
    times = (calls[2, name] - calls[1, name]) / requests
    where = place[name]
    at = index(where, "/../../server/") # as ninja names files of the tree
    if (at) where = substr(where, at + 7)
    else if (index(where, root "/server/") == 1) where = substr(where, length(root) + 2)
    else continue
    if (times >= 0.9) printf "%s %.1f %s\n", where, times, name
  }
}
