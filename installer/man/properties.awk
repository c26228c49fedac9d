# Turns conf/tenon.properties into the manual page tenon.properties(5): a paragraph of comment is what a key says of
# itself, "#key = default" or "key = default" is the key, "# --- Title ---" or "## Title" is a heading.
function escape(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  if (text ~ /^[.']/) text = "\\&" text
  return text
}
BEGIN {
  printf ".TH TENON.PROPERTIES 5 \"\" \"Tenon %s\" \"File formats\"\n", version
  print ".SH NAME\ntenon.properties \\- settings of the Tenon MCP server"
  print ".SH DESCRIPTION"
  print "One setting a line,"
  print ".IR key " "\" = \""
  print ".IR value ;"
  print "lines that begin with # are comments, a backslash at the end of a line goes on in the next."
  print "Every key can also be given in the environment (http.port as TENON_HTTP_PORT), which beats the file, and on the"
  print "command line (\\-\\-http.port=0), which beats both."
  print "An unknown key or a bad value stops the start;"
  print ".B tenon validate\\-config \\-\\-config=FILE"
  print "says the same without starting."
}
/^#+ *-+ .* -+ *$/ || /^## / {
  title = $0
  gsub(/^#+ *-* *| *-* *$/, "", title)
  printf ".SH %s\n", toupper(escape(title))
  headed = 1
  comment = ""
  next
}
/^#? ?[a-z][A-Za-z0-9]*\.[A-Za-z0-9_.*<>-]+ *=/ || /^#?[a-z]+ *=/ {
  if (!headed) { print ".SH SETTINGS"; headed = 1 }
  line = $0
  sub(/^# ?/, "", line)
  key = line; sub(/ *=.*/, "", key)
  value = line; sub(/^[^=]*= */, "", value)
  printf ".TP\n.B %s", escape(key)
  if (value != "") printf " \\fR(%s)\\fP", escape(value)
  print ""
  print comment == "" ? "\\&" : escape(comment)
  comment = ""
  next
}
/^#/ {
  text = $0
  sub(/^# ?/, "", text)
  comment = comment (comment == "" || text == "" ? "" : " ") text
  next
}
{ comment = "" }
END {
  print ".SH SEE ALSO\n.BR tenon (1)"
}
