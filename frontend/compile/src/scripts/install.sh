# Installs the packages named by the arguments, and leaves nothing behind that is not of them.
#
# Installations run at the same time and share what they download, without waiting for each other: each
# works on hard links of its own, and hands on what it fetched by names that appear whole.
mkdir -p "$inlay_cache/archives" "$inlay_work/archives/partial" "$inlay_work/lists/partial"
cp -al "$inlay_cache/archives/." "$inlay_work/archives/"
# Lists of others may be replaced meanwhile: then without.
cp -al "$inlay_cache/lists/." "$inlay_work/lists/" 2> /dev/null || {
  rm -rf "$inlay_work/lists"
  mkdir -p "$inlay_work/lists/partial"
}

apt() {
  # The downloads are apart from /var/cache/apt, which images of Debian are set up to empty. What apt reads
  # out of the lists is kept from one call to the next.
  apt-get --quiet \
    -o APT::Sandbox::User=root -o Acquire::Retries=3 -o APT::Update::Error-Mode=any \
    -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o Dir::Cache::archives="$inlay_work/archives" -o Dir::State::lists="$inlay_work/lists" \
    -o Dir::Cache::pkgcache="$inlay_work/packages.bin" -o Dir::Cache::srcpkgcache="$inlay_work/sources.bin" \
    ${SSL_CERT_FILE:+-o "Acquire::https::CAInfo=$SSL_CERT_FILE"} "$@"
}
# apt tries a connection again, and gives up at once when a name is not resolved.
fetched() {
  attempt=1
  until apt "$@" 2> "$inlay_work/errors"; do
    cat "$inlay_work/errors" >&2
    if [ "$attempt" = 5 ] || ! grep -qE 'Temporary failure|Could not (resolve|connect)|Connection (failed|timed out|reset)|Failed to fetch' "$inlay_work/errors"; then
      return 1
    fi
    echo "inlay: the network failed: attempt $attempt of 5, again in $((attempt * 3)) s" >&2
    sleep $((attempt * 3))
    attempt=$((attempt + 1))
  done
  cat "$inlay_work/errors" >&2
}

# With `$INLAY_ALONE` the packages become a layer of one extension: what is there stays, as a layer is an
# addition. The one set of all is free to replace what the base has.
add() {
  fetched install --yes --no-install-recommends ${INLAY_ALONE:+--no-remove} --download-only "$@" || {
    status=$?
    removed=$(apt --simulate --no-install-recommends install "$@" 2> /dev/null |
      sed -n 's/^Remv \([^ ]*\).*/`\1`/p' | tr '\n' ' ')
    if [ -n "${INLAY_ALONE-}" ] && [ -n "$removed" ]; then
      echo "inlay: cannot install $* alone: apt would remove ${removed% }, of the base or of what it requires" >&2
      echo "  help: an extension adds to what it is put on: take one of the packages out; where the base has it, \`packages: union\` lets apt replace it" >&2
    fi
    exit "$status"
  }
  for archive in "$inlay_work"/archives/*.deb; do
    ln "$archive" "$inlay_cache/archives/" 2> /dev/null || true
  done
  apt install --yes --no-install-recommends ${INLAY_ALONE:+--no-remove} "$@"
}

begin
repositories=/run/inlay/repositories
if [ -d "$repositories" ]; then
  if grep -q '^URIs: https' "$repositories"/*.sources && ! [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    # Whom to trust is for a package of the base's own to say.
    fetched update
    add ca-certificates
  fi
  mkdir -p /etc/apt/keyrings
  for file in "$repositories"/*; do
    case $file in
    *.sources)
      cp "$file" /etc/apt/sources.list.d/
      to=/etc/apt/sources.list.d/${file##*/}
      grep -q '^Suites: ' "$to" || (
        . /etc/os-release
        echo "Suites: $VERSION_CODENAME" >> "$to"
      )
      ;;
    *) to=/etc/apt/keyrings/${file##*/} && cp "$file" "$to" ;;
    esac
    chmod 0644 "$to"
  done
fi
fetched update
[ $# = 0 ] || add "$@"

lists=lists.$(basename "$inlay_work")
# A lock that is linked would be one for all.
rm -f "$inlay_work/lists/lock"
mv "$inlay_work/lists" "$inlay_cache/$lists"
old=$(readlink "$inlay_cache/lists" || true)
ln -s "$lists" "$inlay_work/link"
mv -T "$inlay_work/link" "$inlay_cache/lists"
[ -z "$old" ] || rm -rf "${inlay_cache:?}/$old"
finish
