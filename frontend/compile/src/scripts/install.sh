# Installs the packages named by the arguments and leaves nothing else behind. Follows root.sh.
#
# Installations run at the same time and share their downloads without waiting for each other. Each works
# on its own hard links, and publishes what it fetched under names that appear only when complete.
mkdir -p "$inlay_cache/archives" "$inlay_work/archives/partial" "$inlay_work/lists/partial"
cp -al "$inlay_cache/archives/." "$inlay_work/archives/"
# Another installation may be replacing the lists at this moment. Then this one starts without lists.
cp -al "$inlay_cache/lists/." "$inlay_work/lists/" 2>/dev/null || {
  rm -rf "$inlay_work/lists"
  mkdir -p "$inlay_work/lists/partial"
}

apt() {
  # Downloads do not go to /var/cache/apt, because images of Debian are set up to empty it. What apt
  # computes from the lists is kept from one call to the next.
  apt-get --quiet \
    -o APT::Sandbox::User=root -o Acquire::Retries=3 -o APT::Update::Error-Mode=any \
    -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o Dir::Cache::archives="$inlay_work/archives" -o Dir::State::lists="$inlay_work/lists" \
    -o Dir::Cache::pkgcache="$inlay_work/packages.bin" -o Dir::Cache::srcpkgcache="$inlay_work/sources.bin" \
    ${SSL_CERT_FILE:+-o "Acquire::https::CAInfo=$SSL_CERT_FILE"} "$@"
}
# What apt and dpkg print while all goes well would bury what the other parts of the extension print. It is
# shown when something fails; warnings are always shown.
show_log() {
  cat "$inlay_work/log" >&2
}
# apt retries a connection, but gives up at once when a name cannot be resolved.
fetch() {
  attempt=1
  until apt "$@" >"$inlay_work/log" 2>"$inlay_work/errors"; do
    show_log
    cat "$inlay_work/errors" >&2
    if [ "$attempt" = 5 ] || ! grep -qE 'Temporary failure|Could not (resolve|connect)|Connection (failed|timed out|reset)|Failed to fetch' "$inlay_work/errors"; then
      return 1
    fi
    echo "inlay: the network failed in attempt $attempt of 5; trying again in $((attempt * 3)) s" >&2
    sleep $((attempt * 3))
    attempt=$((attempt + 1))
  done
  cat "$inlay_work/errors" >&2
}

# With `$INLAY_ALONE` the packages become the layer of one extension. A layer only adds, so nothing may be
# removed. The union of all packages is free to replace what the base has.
add() {
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
  for archive in "$inlay_work"/archives/*.deb; do
    ln "$archive" "$inlay_cache/archives/" 2>/dev/null || true
  done
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

inlay_begin_part packages "$*"
begin
repositories=/run/inlay/repositories
if [ -d "$repositories" ]; then
  if grep -q '^URIs: https' "$repositories"/*.sources && ! [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    # Only a package of the base's own archive may decide which certificates to trust.
    fetch update
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
fetch update
[ $# = 0 ] || add "$@"

lists=lists.$(basename "$inlay_work")
# A linked lock file would be shared by all installations.
rm -f "$inlay_work/lists/lock"
mv "$inlay_work/lists" "$inlay_cache/$lists"
old=$(readlink "$inlay_cache/lists" || true)
ln -s "$lists" "$inlay_work/link"
mv -T "$inlay_work/link" "$inlay_cache/lists"
[ -z "$old" ] || rm -rf "${inlay_cache:?}/$old"
finish
inlay_end_part
