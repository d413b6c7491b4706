# Runs apt, with folders of the command's own. Follows part.sh.
inlay_work=/run/inlay/work
inlay_lists=/run/inlay/lists
inlay_repositories=/run/inlay/repositories
export LC_ALL=C
mkdir -p "$inlay_work/archives/partial"

# $1 is the program of apt.
run_apt() {
  inlay_program=$1
  shift
  # Downloads do not go to /var/cache/apt, because images of Debian are set up to empty it. What apt computes from
  # the lists is kept from one call to the next. A word that is no package's name must not be taken as a pattern.
  # Updates that Ubuntu gives to some machines first would make the answer random.
  "$inlay_program" --quiet \
    -o APT::Sandbox::User=root -o Acquire::Retries=3 -o APT::Update::Error-Mode=any \
    -o APT::Cmd::Pattern-Only=true -o Acquire::Languages=none -o Acquire::GzipIndexes=false \
    -o APT::Get::Always-Include-Phased-Updates=true -o Debug::NoLocking=true \
    -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o Dir::Cache::archives="$inlay_work/archives" -o Dir::State::lists="$inlay_lists" \
    -o Dir::Cache::pkgcache="$inlay_work/packages.bin" -o Dir::Cache::srcpkgcache="$inlay_work/sources.bin" \
    ${INLAY_SNAPSHOT:+-o Acquire::Check-Valid-Until=false} \
    ${SSL_CERT_FILE:+-o "Acquire::https::CAInfo=$SSL_CERT_FILE"} "$@"
}
# What apt and dpkg print while all goes well would bury what the other parts of the extension print. It is
# shown when something fails; warnings are always shown.
show_log() {
  cat "$inlay_work/log" >&2
}
# Looks at the archives as they were at the time in INLAY_SNAPSHOT, if there is one: the services of the distributions
# have all of them. Whatever else the root has would be as it is now, so it is refused.
use_snapshot() {
  [ -n "${INLAY_SNAPSHOT-}" ] || return 0
  inlay_distribution=$(
    # shellcheck source=/dev/null
    . /etc/os-release
    echo "$ID"
  )
  for inlay_file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    case $inlay_file in
    */inlay-*) continue ;;
    esac
    [ -f "$inlay_file" ] || continue
    awk -v distribution="$inlay_distribution" -v moment="$INLAY_SNAPSHOT" -v unknown="$inlay_work/unknown-archives" '
      function at_moment(address,   parts, count, last) {
        sub("/+$", "", address)
        count = split(address, parts, "/")
        last = parts[count]
        if (distribution == "debian" && address ~ "^https?://" && last ~ "^debian(-security|-debug)?$")
          return "http://snapshot.debian.org/archive/" last "/" moment "/"
        if (distribution == "ubuntu" && address ~ "^https?://" && last == "ubuntu")
          return "http://snapshot.ubuntu.com/ubuntu/" moment "/"
        print address >unknown
        return address
      }
      /^[[:space:]]*(#|$)/ { print; next }
      FILENAME ~ /\.sources$/ && /^[^[:space:]]/ { is_uris = tolower($1) == "uris:" }
      FILENAME ~ /\.sources$/ && !is_uris { print; next }
      {
        for (field = 1; field <= NF; field++)
          if ($field ~ "^[a-z][a-z+-]*:/") $field = at_moment($field)
        print (FILENAME ~ /\.sources$/ && $1 != "URIs:" && !/^[^[:space:]]/ ? " " : "") $0
      }' "$inlay_file" >"$inlay_work/sources"
    cat "$inlay_work/sources" >"$inlay_file"
    # apt takes what it computed before only if the files that name repositories are older.
    touch --date=@0 "$inlay_file"
  done
  [ -s "$inlay_work/unknown-archives" ] || return 0
  echo "inlay: no snapshots are known of these archives of the image (distribution $inlay_distribution):" >&2
  sort -u "$inlay_work/unknown-archives" >&2
  exit 76
}
# Runs a command again while the network fails. apt retries a connection, but gives up at once when a name cannot be
# resolved.
try_again() {
  inlay_attempt=1
  until "$@" >"$inlay_work/log" 2>"$inlay_work/errors"; do
    if [ "$inlay_attempt" = 5 ] || ! grep -qE 'Temporary failure|Could not (resolve|connect)|Connection (failed|timed out|reset)' "$inlay_work/errors"; then
      return 1
    fi
    show_log
    cat "$inlay_work/errors" >&2
    echo "inlay: the network failed in attempt $inlay_attempt of 5; trying again in $((inlay_attempt * 3)) s" >&2
    sleep $((inlay_attempt * 3))
    inlay_attempt=$((inlay_attempt + 1))
  done
  grep '^W: ' "$inlay_work/errors" >&2 || true
}

# Adds the repositories that are mounted to those of the root.
add_repositories() {
  [ -d "$inlay_repositories" ] || return 0
  mkdir -p /etc/apt/keyrings
  for inlay_file in "$inlay_repositories"/*; do
    case $inlay_file in
    *.sources)
      inlay_to=/etc/apt/sources.list.d/${inlay_file##*/}
      cp "$inlay_file" "$inlay_to"
      grep -q '^Suites: ' "$inlay_to" || (
        # shellcheck source=/dev/null
        . /etc/os-release
        echo "Suites: $VERSION_CODENAME" >>"$inlay_to"
      )
      ;;
    *) inlay_to=/etc/apt/keyrings/${inlay_file##*/} && cp "$inlay_file" "$inlay_to" ;;
    esac
    chmod 0644 "$inlay_to"
  done
}
# Whether the root cannot tell whom to trust in a repository that is added by https.
lacks_certificates() {
  ! [ -e /etc/ssl/certs/ca-certificates.crt ] &&
    grep -q '^URIs: https' "$inlay_repositories"/*.sources 2>/dev/null
}
# Trusts the certificates in the package ca-certificates, which is the file $1, without installing it.
trust_package() {
  mkdir -p "$inlay_work/trusted"
  dpkg-deb --fsys-tarfile "$1" | tar -x -C "$inlay_work/trusted" ./usr/share/ca-certificates
  find "$inlay_work/trusted" -name '*.crt' -exec cat {} + >"$inlay_work/trusted.crt"
  [ -z "${SSL_CERT_FILE-}" ] || cat "$SSL_CERT_FILE" >>"$inlay_work/trusted.crt"
  SSL_CERT_FILE=$inlay_work/trusted.crt
}
