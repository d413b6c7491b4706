# Tells which part of an extension runs, and how long it took: all of its parts are on one line of a
# client's progress.
inlay_newline='
'

# Hundredths of a second since the machine started.
inlay_clock() {
  read -r inlay_up _ </proc/uptime 2>/dev/null || inlay_up=0.00
  echo "${inlay_up%.*}${inlay_up#*.}"
}

# The first line of $1 that is not blank.
inlay_first_line() {
  inlay_text=${1#"${1%%[![:space:]]*}"}
  echo "${inlay_text%%"$inlay_newline"*}"
}

inlay_begin_part() {
  inlay_part=$1
  inlay_part_began=$(inlay_clock)
  inlay_tell "$2"
}

inlay_tell() {
  printf '%s\n' "[$inlay_part] $(inlay_show "$1")" >&2
}

# The text $1 on one line, without passwords in addresses, and with a question mark for whatever could command
# a terminal or change the direction of writing. The names of vertices are made so by the frontend.
inlay_show() {
  # In UTF-8, these are U+0080 to U+009F, U+061C, U+200E, U+200F, U+2028 to U+202E and U+2066 to U+2069.
  inlay_c1=$(printf '\302[\200-\237]')
  inlay_mark=$(printf '\330\234')
  inlay_general=$(printf '\342\200[\216\217\250-\256]')
  inlay_isolate=$(printf '\342\201[\246-\251]')
  printf %s "$1" | LC_ALL=C tr '\000-\037\177' '?' | LC_ALL=C sed \
    -e "s/$inlay_c1/?/g" -e "s/$inlay_mark/?/g" -e "s/$inlay_general/?/g" -e "s/$inlay_isolate/?/g" \
    -e 's#\([hH][tT][tT][pP][sS]\{0,1\}://\)[^]/?#@[:space:]"'\''`<>[]*@#\1***@#g' \
    -e 's#\([?&][A-Za-z0-9_-]*\([Tt]oken\|[Ss]ecret\|[Pp]assw\|[Ss]ig\|[Aa]uth\|[Kk]ey\)[A-Za-z0-9_-]*=\)[^&"'\''`<>[:space:]]*#\1***#g'
}

inlay_end_part() {
  inlay_took=$(($(inlay_clock) - inlay_part_began))
  inlay_tell "done in $((inlay_took / 100)).$((inlay_took / 10 % 10)) s"
}
