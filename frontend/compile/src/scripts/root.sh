# Shared by the commands that change the user's base: they call `begin`, do their work, and call `finish`.
#
# `$inlay_work` is an empty folder that is mounted for this command alone and is in no layer. Variables have a
# prefix, so that they do not overwrite variables that the user gives to the commands.
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
inlay_work=/run/inlay/work
inlay_policy=/usr/sbin/policy-rc.d

# What is mounted, one path on each line. What the engine mounts is in no layer, and may belong to other builds. In
# the kernel's table, `\040` stands for a blank.
inlay_mounts() {
  cut -d ' ' -f 5 /proc/self/mountinfo | grep -vx /
}
# Calls `find` with the paths that come before `--`, and the expression after it for all that is not mounted. In a
# pattern, `?` stands for what the kernel writes as an escape, and for characters that would be wildcards.
inlay_walk() {
  set -f
  inlay_expression=
  for inlay_pattern in $(inlay_mounts | sed -e 's/\\[0-7][0-7][0-7]/?/g' -e 's/[][*?]/?/g' | sort -u); do
    inlay_expression="$inlay_expression -path $inlay_pattern -prune -o"
  done
  inlay_roots=
  while [ "$1" != -- ]; do
    inlay_roots="$inlay_roots $1"
    shift
  done
  shift
  # shellcheck disable=SC2086 # neither roots nor patterns contain blanks
  find $inlay_roots -xdev $inlay_expression "$@"
  set +f
}

# Lists, ended by NUL, what is in the folders for files that no image has.
temporary() {
  inlay_walk /tmp /var/tmp -- ! -path /tmp ! -path /var/tmp -print0
  # Links such as /run/shm are part of a package.
  inlay_walk /run -- ! -type d ! -type l -print0
}

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
  mkdir -p /tmp /var/tmp /run
  temporary >"$inlay_work/found"
  sort -z "$inlay_work/found" >"$inlay_work/temporary"
  # An empty file is how images of Debian say that the machine has no identity yet.
  inlay_empty_identity=
  [ ! -e /etc/machine-id ] || [ -s /etc/machine-id ] || inlay_empty_identity=yes
}

# Ends what the commands left running. It would go on changing files while the layer is made.
end_processes() {
  inlay_ended=
  for inlay_signal in TERM KILL; do
    inlay_left=
    for inlay_process in /proc/[0-9]*; do
      inlay_id=${inlay_process#/proc/}
      # The first process of the container is this shell, or the one that started it.
      if [ "$inlay_id" = 1 ] || [ "$inlay_id" = $$ ]; then
        continue
      fi
      # A process that has ended stays as a zombie until the container does.
      inlay_state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "$inlay_process/status" 2>/dev/null) || continue
      if [ "$inlay_state" = Z ] || [ -z "$inlay_state" ]; then
        continue
      fi
      inlay_name=$(cat "$inlay_process/comm" 2>/dev/null) || continue
      kill -s "$inlay_signal" "$inlay_id" 2>/dev/null || continue
      inlay_left=yes
      [ "$inlay_signal" = KILL ] || inlay_ended="$inlay_ended $inlay_name"
    done
    [ -n "$inlay_left" ] || break
    sleep 0.2
  done
  [ -z "$inlay_ended" ] || inlay_tell "ended what was left running:$inlay_ended"
}

finish() {
  end_processes
  [ -z "$inlay_own_policy" ] || rm -f "$inlay_policy"
  leftovers | sort | comm -13 "$inlay_work/leftovers" - | xargs -r -d '\n' rm -f --
  # Logs and backups of the base that were written to are removed, as their content is of no use in the image.
  # shellcheck disable=SC2016 # the inner shell expands it
  leftovers | sort | comm -12 "$inlay_work/leftovers" - | xargs -r -d '\n' /bin/sh -e -c \
    'find "$@" -maxdepth 0 -newer "$0" -size +0 ! -path /etc/machine-id -exec rm -f {} +' "$inlay_work/before"
  [ -z "$inlay_empty_identity" ] || [ ! -s /etc/machine-id ] || : >/etc/machine-id
  temporary >"$inlay_work/found"
  sort -z "$inlay_work/found" >"$inlay_work/temporary-now"
  comm -z -13 "$inlay_work/temporary" "$inlay_work/temporary-now" >"$inlay_work/found"
  xargs -0 -r rm -rf -- <"$inlay_work/found"

  # Everything that was just written gets a fixed time, so that the same packages give the same layer.
  inlay_walk / -- -newer "$inlay_work/before" -exec touch --no-dereference --date="@$INLAY_EPOCH" {} +
  # The engine made the mount points before the command began, which changed the times of their folders.
  inlay_mounts | sed -e 's/\\040/ /g' -e 's|/[^/]*$||' -e 's|^$|/|' | sort -u >"$inlay_work/found"
  while IFS= read -r inlay_folder; do
    touch --no-dereference --date="@$INLAY_EPOCH" "$inlay_folder" 2>/dev/null || true
  done <"$inlay_work/found"
}
