# Shared by the commands that change the user's base: they call `begin`, do their work, and call `finish`.
#
# `$inlay_work` is an empty folder that is mounted for this command alone and is in no layer. Variables have a
# prefix, so that they do not overwrite variables that the user gives to the commands.
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
inlay_work=/run/inlay/work
inlay_policy=/usr/sbin/policy-rc.d

# Lists what an installation leaves behind and no image should have: locks, backups, a machine's identity,
# random keys. Only new files are removed, because removing one of the base would put a deletion into the
# layer.
leftovers() {
  ls -d /etc/machine-id /var/lib/dbus/machine-id /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub \
    /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- /etc/subuid- /etc/subgid- /etc/.pwd.lock \
    /etc/xml/*.old /var/lib/sgml-base/*.old /var/lib/ucf/*.[0-9] /run/adduser \
    /var/lib/dpkg/lock /var/lib/dpkg/lock-frontend /var/lib/dpkg/triggers/Lock \
    /var/lib/apt/lists/lock /var/cache/apt/archives/lock \
    /var/lib/dpkg/status-old /var/lib/dpkg/available-old /var/lib/dpkg/diversions-old \
    /var/lib/dpkg/statoverride-old /var/cache/debconf/config.dat-old \
    /var/cache/debconf/templates.dat-old /var/cache/ldconfig/aux-cache 2>/dev/null || true
  find /var/log /var/lib/apt/lists /var/cache/apt -xdev -type f 2>/dev/null || true
}

begin() {
  touch "$inlay_work/before"
  # Maintainer scripts ask this file whether to start services, which a build never should.
  inlay_own_policy=
  if ! [ -e "$inlay_policy" ]; then
    inlay_own_policy=yes
    printf '#!/bin/sh\nexit 101\n' >"$inlay_policy"
    chmod 0755 "$inlay_policy"
  fi
  leftovers | sort >"$inlay_work/leftovers"
  # An empty file is how images of Debian say that the machine has no identity yet.
  inlay_empty_identity=
  [ ! -e /etc/machine-id ] || [ -s /etc/machine-id ] || inlay_empty_identity=yes
}

finish() {
  [ -z "$inlay_own_policy" ] || rm -f "$inlay_policy"
  leftovers | sort | comm -13 "$inlay_work/leftovers" - | xargs -r -d '\n' rm -f --
  # Logs and backups of the base that were written to are removed, as their content is of no use in the image.
  # shellcheck disable=SC2016 # the inner shell expands it
  leftovers | sort | comm -12 "$inlay_work/leftovers" - | xargs -r -d '\n' /bin/sh -e -c \
    'find "$@" -maxdepth 0 -newer "$0" -size +0 ! -path /etc/machine-id -exec rm -f {} +' "$inlay_work/before"
  [ -z "$inlay_empty_identity" ] || [ ! -s /etc/machine-id ] || : >/etc/machine-id

  # Everything that was just written gets a fixed time, so that the same packages give the same layer. This
  # fails for files that the engine mounts, which are in no layer.
  find / -xdev -newer "$inlay_work/before" ! -path '/proc/*' ! -path '/sys/*' ! -path '/dev/*' \
    -exec touch --no-dereference --date="@$INLAY_EPOCH" {} + 2>/dev/null || true
}
