# Installs the packages named by the arguments, and leaves nothing behind that is not of them.
cache=/run/inlay/apt
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
mkdir -p "$cache/archives/partial" "$cache/lists/partial"
touch "$cache/before"
if [ -n "${STATE-}" ]; then
  # A layer of its own: the joint needs to know what the installation changes.
  export BEFORE="$cache/root-before"
  /bin/sh -e /run/inlay/capture before
fi

# A build is no running system: maintainer scripts ask this file whether to start services.
policy=/usr/sbin/policy-rc.d
if [ -e "$policy" ]; then
  own_policy=
else
  own_policy=yes
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 0755 "$policy"
fi
# What an installation leaves behind and no image should have: locks and backups, a machine's identity,
# keys made at random. Where the base has one, removing it would put a deletion into the layer, so
# only what is new is removed.
leftovers() {
  ls -d /etc/machine-id /var/lib/dbus/machine-id /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub \
    /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- /etc/subuid- /etc/subgid- /etc/.pwd.lock \
    /etc/xml/*.old /var/lib/sgml-base/*.old /var/lib/ucf/*.[0-9] /run/adduser \
    /var/lib/dpkg/lock /var/lib/dpkg/lock-frontend /var/lib/dpkg/triggers/Lock \
    /var/lib/apt/lists/lock /var/cache/apt/archives/lock \
    /var/lib/dpkg/status-old /var/lib/dpkg/available-old /var/lib/dpkg/diversions-old \
    /var/lib/dpkg/statoverride-old /var/cache/debconf/config.dat-old \
    /var/cache/debconf/templates.dat-old /var/cache/ldconfig/aux-cache 2> /dev/null || true
  find /var/log -xdev -type f
}
leftovers | sort > "$cache/leftovers"
# An empty identity is how images of Debian say that there is none yet.
empty_identity=
[ ! -e /etc/machine-id ] || [ -s /etc/machine-id ] || empty_identity=yes

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
leftovers | sort | comm -13 "$cache/leftovers" - | xargs -r -d '\n' rm -f --
# Logs and backups that the base has were written to: what is in them now is of no use to the image.
leftovers | sort | comm -12 "$cache/leftovers" - | xargs -r -d '\n' /bin/sh -e -c \
  'find "$@" -maxdepth 0 -newer "$0" -size +0 ! -path /etc/machine-id -exec rm -f {} +' "$cache/before"
[ -z "$empty_identity" ] || [ ! -s /etc/machine-id ] || : > /etc/machine-id

# What was written just now gets a fixed time, so that the same packages give the same layer. Files
# that the engine mounts refuse it, and are in no layer.
find / -xdev -newer "$cache/before" ! -path '/proc/*' ! -path '/sys/*' ! -path '/dev/*' \
  -exec touch --no-dereference --date="@$EPOCH" {} + 2> /dev/null || true
[ -z "${STATE-}" ] || /bin/sh -e /run/inlay/capture
