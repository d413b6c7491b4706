# Installs the packages named by the arguments and leaves nothing else behind. Follows apt.sh and downloads.sh.

# Ends the command if the archive does not have packages of exactly these names. The version, the architecture
# and the release that can follow a name are left to apt.
check_names() {
  run_apt apt-cache pkgnames >"$inlay_work/names"
  unknown=
  for word in "$@"; do
    name=${word%%[:=/]*}
    if grep -qxF -e "$name" "$inlay_work/names" || is_provided "$name"; then
      continue
    fi
    unknown=yes
    echo "inlay: there is no package \`$name\` in the archive of $(describe_system)" >&2
    similar=$(find_similar "$name" <"$inlay_work/names")
    [ -z "$similar" ] || echo "  help: packages with similar names: $similar" >&2
  done
  [ -z "$unknown" ] || exit 1
}
# Whether a package of another name provides this one.
is_provided() {
  run_apt apt-cache showpkg "$1" 2>/dev/null |
    awk -v name="$1" '
      /^Package: / { is_it = $2 == name; is_list = 0; next }
      /^Reverse Provides:/ { is_list = is_it; next }
      is_list && NF { found = 1 }
      END { exit !found }'
}
describe_system() {
  # shellcheck source=/dev/null
  (. /etc/os-release && echo "${VERSION_CODENAME:-$ID}")
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
    }' | sort -k1,1n -k2,2r | head -n 5 | awk '{ printf "%s`%s`", (NR > 1 ? ", " : ""), $2 }'
}

# With `$INLAY_ALONE` the packages become the layer of one extension. A layer only adds, so nothing may be
# removed. The union of all packages is free to replace what the base has.
add() {
  check_names "$@"
  # apt names what it would fetch. What the cache has of it is then in its folder already. If apt cannot,
  # the download says why.
  apt install --yes --no-install-recommends ${INLAY_ALONE:+--no-remove} \
    --print-uris -o Acquire::ForceHash=SHA256 "$@" >"$inlay_work/log" 2>/dev/null || echo "'" >>"$inlay_work/log"
  sed -n -e "s/^'[^']*' \([^ ]*\) \([0-9]*\) SHA256:\([0-9a-f]*\)\$/\3 \2 \1/p" -e t -e "s/^'.*/- - -/p" \
    "$inlay_work/log" >"$inlay_work/needed"
  admit deb "$inlay_work/archives" <"$inlay_work/needed" || {
    download "$@"
    publish deb "$inlay_work/archives" <"$inlay_work/needed"
  }
  count=$(sed -n 's/^[0-9]* upgraded, \([0-9]*\) newly installed.*/\1/p' "$inlay_work/log")
  size=$(sed -n 's/^Need to get \(.*\/\)\{0,1\}\(.*\) of archives\.$/\2/p' "$inlay_work/log")
  case $count in
  1) inlay_tell "installing 1 package${size:+, $size}" ;;
  *) inlay_tell "installing ${count:-the} packages${size:+, $size}" ;;
  esac
  apt install --yes --no-install-recommends ${INLAY_ALONE:+--no-remove} "$@" >"$inlay_work/log" 2>&1 || {
    status=$?
    show_log
    exit "$status"
  }
  grep '^W: ' "$inlay_work/log" >&2 || true
}
download() {
  fetch install --yes --no-install-recommends ${INLAY_ALONE:+--no-remove} --download-only "$@" || {
    status=$?
    # shellcheck disable=SC2016 # the backticks are for the message
    removed=$(apt --simulate --no-install-recommends install "$@" 2>/dev/null |
      sed -n 's/^Remv \([^ ]*\).*/`\1`/p' | tr '\n' ' ')
    if [ -n "${INLAY_ALONE-}" ] && [ -n "$removed" ]; then
      echo "inlay: cannot install $* on its own: apt would remove ${removed% }, which the base or a required extension has" >&2
      echo "  help: an extension can only add: take one of the packages out, or, if the base has it, write \`packages: union\` in the spec so that apt can replace it" >&2
    fi
    exit "$status"
  }
}

inlay_begin_part packages "$*"
begin
repositories=/run/inlay/repositories
if [ -d "$repositories" ]; then
  if grep -q '^URIs: https' "$repositories"/*.sources && ! [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    # Only a package of the base's own archive may decide which certificates to trust.
    update
    add ca-certificates
  fi
  mkdir -p /etc/apt/keyrings
  for file in "$repositories"/*; do
    case $file in
    *.sources)
      cp "$file" /etc/apt/sources.list.d/
      to=/etc/apt/sources.list.d/${file##*/}
      grep -q '^Suites: ' "$to" || (
        # shellcheck source=/dev/null
        . /etc/os-release
        echo "Suites: $VERSION_CODENAME" >>"$to"
      )
      ;;
    *) to=/etc/apt/keyrings/${file##*/} && cp "$file" "$to" ;;
    esac
    chmod 0644 "$to"
  done
fi
update
[ $# = 0 ] || add "$@"
finish
inlay_end_part
