# Installs the packages named by the arguments, and leaves nothing behind that is not of them.
cache=/run/inlay/apt
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
mkdir -p "$cache/archives/partial" "$cache/lists/partial"
touch "$cache/before"

# A build is no running system: maintainer scripts ask this file whether to start services.
policy=/usr/sbin/policy-rc.d
if [ -e "$policy" ]; then
  own_policy=
else
  own_policy=yes
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 0755 "$policy"
fi
identity=
[ -s /etc/machine-id ] || identity=/etc/machine-id
# Where the base has these, removing them would put a deletion into the layer.
locks=
for lock in /var/lib/dpkg/lock /var/lib/dpkg/lock-frontend /var/lib/dpkg/triggers/Lock \
  /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
  [ -e "$lock" ] || locks="$locks $lock"
done

apt() {
  # The downloads are apart from /var/cache/apt, which images of Debian are set up to empty.
  apt-get --quiet \
    -o APT::Sandbox::User=root -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o Dir::Cache::archives="$cache/archives" -o Dir::State::lists="$cache/lists" \
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    ${SSL_CERT_FILE:+-o "Acquire::https::CAInfo=$SSL_CERT_FILE"} "$@"
}
apt update
apt install --yes --no-install-recommends "$@"

[ -z "$own_policy" ] || rm "$policy"
# A machine's identity is made at its first start, and is not part of an image.
[ -z "$identity" ] || [ ! -s "$identity" ] || : > "$identity"
# shellcheck disable=SC2086 # they are several words, none with a blank
rm -f $locks
rm -f /var/log/apt/*.log /var/log/apt/*.xz /var/log/dpkg.log /var/log/alternatives.log
rm -f /var/cache/ldconfig/aux-cache
rm -f /var/lib/dpkg/status-old /var/lib/dpkg/available-old /var/lib/dpkg/diversions-old \
  /var/lib/dpkg/statoverride-old
rm -f /var/cache/debconf/config.dat-old /var/cache/debconf/templates.dat-old

# What was written just now gets a fixed time, so that the same packages give the same layer. Files
# that the engine mounts refuse it, and are in no layer.
find / -xdev -newer "$cache/before" ! -path '/proc/*' ! -path '/sys/*' ! -path '/dev/*' \
  -exec touch --no-dereference --date="@$EPOCH" {} + 2> /dev/null || true
