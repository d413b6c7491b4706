# Asks apt what it would install for the packages that the arguments name, and writes down what it says. Follows
# apt.sh.
inlay_given=/run/inlay/given
inlay_answer=/run/inlay/resolution
if [ -e "$inlay_lists/same" ]; then
  inlay_lists=$inlay_given
fi
if [ "$(cat "$inlay_lists/digest")" != "$INLAY_STATE" ]; then
  echo "inlay: the package lists that were kept are gone" >&2
  exit 75
fi
# What apt computed from the lists is used if it is still good. If not, apt puts its own in place of the link.
ln -s "$inlay_lists/sources.bin" "$inlay_work/sources.bin"
: >"$inlay_answer/answer"
: >"$inlay_answer/added"
inlay_status=$inlay_work/status
use_snapshot
cat /var/lib/dpkg/status >"$inlay_status"
for inlay_below in /run/inlay/below/*; do
  [ -e "$inlay_below" ] || continue
  echo >>"$inlay_status"
  cat "$inlay_below" >>"$inlay_status"
done
ask() {
  run_apt "$@" -o Dir::State::status="$inlay_status"
}

# Writes down the names that no package has, each with similar ones.
find_unknown() {
  ask apt-cache pkgnames >"$inlay_work/names"
  for inlay_word in "$@"; do
    inlay_name=${inlay_word%%[:=/]*}
    if grep -qxF -e "$inlay_name" "$inlay_work/names" || is_provided "$inlay_name"; then
      continue
    fi
    echo "$inlay_word	$(find_similar "$inlay_name" <"$inlay_work/names")"
  done
}
# Whether a package of another name provides this one.
is_provided() {
  ask apt-cache showpkg "$1" 2>/dev/null |
    awk -v name="$1" '
      /^Package: / { is_it = $2 == name; is_list = 0; next }
      /^Reverse Provides:/ { is_list = is_it; next }
      is_list && NF { found = 1 }
      END { exit !found }'
}
# Prints the names among those it reads that are most like $1: names that begin with it, and names that differ
# in few letters.
find_similar() {
  awk -v name="$1" '
    function distance(one, other,   row, column, cost, above, diagonal, cells) {
      for (column = 0; column <= length(other); column++) cells[column] = column
      for (row = 1; row <= length(one); row++) {
        diagonal = cells[0]
        cells[0] = row
        for (column = 1; column <= length(other); column++) {
          above = cells[column]
          cost = diagonal + (substr(one, row, 1) != substr(other, column, 1))
          if (above + 1 < cost) cost = above + 1
          if (cells[column - 1] + 1 < cost) cost = cells[column - 1] + 1
          diagonal = above
          cells[column] = cost
        }
      }
      return cells[length(other)]
    }
    index($0, name) == 1 { print 1 + (length($0) - length(name)) / 100, $0; next }
    substr($0, 1, 1) == substr(name, 1, 1) && length($0) - length(name) <= 2 && length(name) - length($0) <= 2 {
      letters = distance(name, $0)
      if (letters <= (length(name) > 5 ? 2 : 1)) print letters + 0.5, $0
    }' | sort -k1,1n -k2,2r | head -n 5 | awk '{ printf "%s%s", (NR > 1 ? " " : ""), $2 }'
}

# Writes down what apt would do for these packages, and adds what it would install to the status.
resolve() {
  [ $# != 0 ] || return 0
  if ! ask apt-get --yes --print-uris --no-install-recommends -o Acquire::ForceHash=SHA256 install "$@" \
    >"$inlay_work/said" 2>"$inlay_work/errors"; then
    find_unknown "$@" >"$inlay_work/unknown"
    if [ -s "$inlay_work/unknown" ]; then
      echo '== unknown'
      cat "$inlay_work/unknown"
    else
      echo '== failure'
      cat "$inlay_work/said" "$inlay_work/errors"
    fi >>"$inlay_answer/answer"
    exit 0
  fi
  # `'address' name_version_architecture.deb size SHA256:digest`
  sed -n "s/^'[^']*' \([^_ ]*\)_\([^_ ]*\)_\([^_ ]*\)\.deb .*/\1 \2 \3/p" "$inlay_work/said" |
    awk -v native="$(dpkg --print-architecture)" '{
      gsub("%3a", ":", $2)
      print $1 ($3 == "all" || $3 == native ? "" : ":" $3) "=" $2
    }' >"$inlay_work/chosen"
  : >"$inlay_work/records"
  # shellcheck disable=SC2046 # names of packages have no blanks
  [ ! -s "$inlay_work/chosen" ] || ask apt-cache show --no-all-versions $(cat "$inlay_work/chosen") 2>/dev/null |
    awk '
      /^[A-Z]/ {
        is_kept = /^(Package|Version|Architecture|Multi-Arch|Essential|Protected|Important|Priority|Section|Provides|Conflicts|Breaks|Replaces|Depends|Pre-Depends|Installed-Size):/
      }
      /^$/ { print ""; next }
      is_kept { print }
      /^Package: / { print "Status: install ok installed" }' >"$inlay_work/records"
  {
    echo '== said'
    cat "$inlay_work/said"
    echo '== records'
    cat "$inlay_work/records"
  } >>"$inlay_answer/answer"
  cat "$inlay_work/records" >>"$inlay_answer/added"
  cat "$inlay_work/records" >>"$inlay_status"
}

if lacks_certificates && ! grep -q '^Package: ca-certificates$' "$inlay_status"; then
  # Only a package of the base's own archive may decide which certificates to trust.
  resolve ca-certificates
  printf '== asked\nca-certificates\n' >>"$inlay_answer/answer"
fi
add_repositories
# apt takes what it computed before only if the files that name repositories are older.
find /etc/apt/sources.list.d -name 'inlay-*' -exec touch --date=@0 {} +
resolve "$@"
