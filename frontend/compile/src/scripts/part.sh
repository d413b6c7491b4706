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
  echo "[$inlay_part] $1" >&2
}

inlay_end_part() {
  inlay_took=$(($(inlay_clock) - inlay_part_began))
  inlay_tell "done in $((inlay_took / 100)).$((inlay_took / 10 % 10)) s"
}
