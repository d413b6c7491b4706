# What commands that change the user's base have in common: `begin`, their own work, `finish`.
#
# `$inlay_work` is a folder on a mount, for what lives as long as the command. With `$INLAY_STATE` set the
# changes become a layer of their own, and the joint has to know them. Variables have a prefix, since
# commands are given variables of the user's, whose names these would overwrite.
inlay_cache=/run/inlay/apt
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
mkdir -p "$inlay_cache"
# What a command that was killed left here.
find "$inlay_cache" -mindepth 1 -maxdepth 1 -name 'work.*' -mmin +1440 -exec rm -rf {} +
inlay_work=$(mktemp -d "$inlay_cache/work.XXXXXXXX")
trap 'rm -rf "$inlay_work"' EXIT
inlay_policy=/usr/sbin/policy-rc.d

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
  find /var/log /var/lib/apt/lists /var/cache/apt -xdev -type f 2> /dev/null || true
}

begin() {
  touch "$inlay_work/before"
  if [ -n "${INLAY_STATE-}" ]; then
    export INLAY_BEFORE="$inlay_work/root-before"
    /bin/sh -e /run/inlay/capture before
  fi
  # A build is no running system: maintainer scripts ask this file whether to start services.
  inlay_own_policy=
  if ! [ -e "$inlay_policy" ]; then
    inlay_own_policy=yes
    printf '#!/bin/sh\nexit 101\n' > "$inlay_policy"
    chmod 0755 "$inlay_policy"
  fi
  leftovers | sort > "$inlay_work/leftovers"
  # An empty identity is how images of Debian say that there is none yet.
  inlay_empty_identity=
  [ ! -e /etc/machine-id ] || [ -s /etc/machine-id ] || inlay_empty_identity=yes
}

finish() {
  [ -z "$inlay_own_policy" ] || rm -f "$inlay_policy"
  leftovers | sort | comm -13 "$inlay_work/leftovers" - | xargs -r -d '\n' rm -f --
  # Logs and backups that the base has were written to: what is in them now is of no use to the image.
  leftovers | sort | comm -12 "$inlay_work/leftovers" - | xargs -r -d '\n' /bin/sh -e -c \
    'find "$@" -maxdepth 0 -newer "$0" -size +0 ! -path /etc/machine-id -exec rm -f {} +' "$inlay_work/before"
  [ -z "$inlay_empty_identity" ] || [ ! -s /etc/machine-id ] || : > /etc/machine-id

  # What was written just now gets a fixed time, so that the same packages give the same layer. Files
  # that the engine mounts refuse it, and are in no layer.
  find / -xdev -newer "$inlay_work/before" ! -path '/proc/*' ! -path '/sys/*' ! -path '/dev/*' \
    -exec touch --no-dereference --date="@$INLAY_EPOCH" {} + 2> /dev/null || true
  [ -z "${INLAY_STATE-}" ] || /bin/sh -e /run/inlay/capture
}
