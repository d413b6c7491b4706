# Installs exactly the packages of a list, and leaves nothing else behind. Follows root.sh and apt.sh.
#
# Each line of the list has a word and a package: `install` with its name, architecture, version, mark and file;
# `manual` and `remove` with its name and architecture.
inlay_list=/run/inlay/list
inlay_marks=/var/lib/apt/extended_states

# Marks the packages of the list as the resolution says: which of them are there only because others need them. apt
# takes all that it is given as files for what the user asks for, so the marks from before it ran are completed.
mark() {
  awk -v native="$(dpkg --print-architecture)" '
    function key(name, architecture) { return name " " (architecture == "all" ? native : architecture) }
    function keep(   id) {
      if (name == "") return
      id = key(name, architecture)
      if (!(id in mark) || mark[id] != "manual") { printf "%s\n", stanza; kept[id] }
      name = stanza = ""
    }
    FILENAME == ARGV[1] {
      if ($1 == "install") mark[key($2, $3)] = $6
      else mark[key($2, $3)] = "manual"
      if ($6 == "auto") order[++count] = key($2, $3)
      next
    }
    /^Package: / { name = $2 }
    /^Architecture: / { architecture = $2 }
    /^$/ { keep(); next }
    { stanza = stanza $0 "\n" }
    END {
      keep()
      for (at = 1; at <= count; at++) if (!(order[at] in kept)) {
        split(order[at], words, " ")
        printf "Package: %s\nArchitecture: %s\nAuto-Installed: 1\n\n", words[1], words[2]
      }
    }' "$inlay_list" "$inlay_work/marks-before" >"$inlay_work/marks"
  if cmp -s "$inlay_work/marks" "$inlay_work/marks-before"; then
    [ -z "$inlay_had_marks" ] || cmp -s "$inlay_work/marks" "$inlay_marks" || cat "$inlay_work/marks" >"$inlay_marks"
    [ -n "$inlay_had_marks" ] || rm -f "$inlay_marks"
  else
    cat "$inlay_work/marks" >"$inlay_marks"
  fi
}

inlay_begin_part packages "$(awk '
  $1 == "install" && $6 == "manual" || $1 == "manual" { names = names (names == "" ? "" : " ") $2 }
  END { print names }' "$inlay_list")"
inlay_tell "$(awk '$1 == "install" { count++ } END { print "installing " count + 0 (count == 1 ? " package" : " packages") }' "$inlay_list")"
begin
: >"$inlay_work/marks-before"
inlay_had_marks=
if [ -e "$inlay_marks" ]; then
  inlay_had_marks=yes
  cat "$inlay_marks" >"$inlay_work/marks-before"
fi
add_repositories
inlay_lists=$inlay_work/lists
mkdir -p "$inlay_lists/partial"
set -f
# shellcheck disable=SC2046 # names of packages and files have no blanks
set -- $(awk '
  $1 == "install" { print "/run/inlay/archives/" $7 }
  $1 == "remove" { print $2 ":" $3 "-" }' "$inlay_list")
set +f
if [ $# != 0 ]; then
  run_apt apt-get install --yes --no-install-recommends \
    ${INLAY_ALONE:+--no-remove} "$@" >"$inlay_work/log" 2>&1 || {
    inlay_status=$?
    show_log
    exit "$inlay_status"
  }
  # apt was given files. That they are what is installed now is the whole point.
  dpkg-query -W -f '${Package} ${Architecture} ${Version} ${db:Status-Abbrev}\n' >"$inlay_work/installed"
  awk 'FILENAME == ARGV[1] { there[$1 " " $2 " " $3] = $4; next }
    $1 == "install" && there[$2 " " $3 " " $4] !~ /^.i$/ { print "inlay: " $2 " " $4 " is not installed"; failed = 1 }
    END { exit failed }' "$inlay_work/installed" "$inlay_list" >&2 || {
    show_log
    exit 1
  }
fi
mark
finish
inlay_end_part
