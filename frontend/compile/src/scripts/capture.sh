# Describes a root file system to the joint: a listing, and copies of the system-wide databases.
#
#   INLAY_STATE=… INLAY_BEFORE=… capture.sh before    writes $INLAY_BEFORE: the paths of the root as it is
#   INLAY_STATE=… INLAY_BEFORE=… capture.sh           describes a layer: what has changed since then
#   INLAY_STATE=… capture.sh                          describes a base: everything
#
# `INLAY_STATE` is an empty folder and `INLAY_BEFORE` a file. Both are on mounts, so that neither is listed
# nor given a fixed time by what runs in between. `reconcile` reads what is written:
#
#   listing   PATH//TYPE MODE UID GID SIZE TARGET, ended by NUL; no path of `find` has two slashes
#   hashes    SHA256  PATH, ended by NUL: all regular files of a layer; for a base, those below /etc
#   removed   PATH, ended by NUL: paths that no longer exist; only for a layer
#   root/     copies of the databases at their paths; for a layer, only those that it has changed
#   accounts/ only for a layer: copies of /etc/passwd and /etc/group, changed or not
#
# Everything is sorted by bytes and has a fixed time. Extended attributes and access lists are left out:
# not every base has getfattr, and the joint reads them itself where it changes an owner.
set -eu
umask 022
export LC_ALL=C

# No layer contains what is mounted, but `-xdev` alone would list the mount points. In a pattern, `?`
# stands for what the kernel writes as `\040`, and for characters that would be wildcards.
patterns="/proc /sys /dev /tmp /run/inlay"
if [ -r /proc/self/mountinfo ]; then
  patterns="$patterns $(cut -d ' ' -f 5 /proc/self/mountinfo |
    sed -e '/^\/$/d' -e 's/\\[0-7][0-7][0-7]/?/g' -e 's/[][*?]/?/g' | sort -u | tr '\n' ' ')"
fi
walk() {
  # The arguments are the expression of `find` for each path that is not left out.
  set -f
  for pattern in $patterns; do
    set -- -path "$pattern" -prune -o "$@"
  done
  set +f
  find / -xdev "$@"
}

if [ "${1-}" = before ]; then
  walk -print0 | sort -z >"$INLAY_BEFORE"
  # File systems record times in steps of up to ten milliseconds; what follows must get a later one.
  sleep 0.02
  exit
fi

mkdir "$INLAY_STATE/root"
# These are needed whole. The names of lists and scripts begin with the names of their packages.
databases() {
  find /var/lib/dpkg/status /var/lib/dpkg/diversions /var/lib/dpkg/statoverride \
    /var/lib/dpkg/triggers /var/lib/dpkg/alternatives /var/lib/apt/extended_states \
    /etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/subuid /etc/subgid \
    /etc/shells /var/lib/shells.state /etc/machine-id \
    /var/cache/debconf/config.dat /var/cache/debconf/templates.dat /var/cache/debconf/passwords.dat \
    /var/lib/ucf/hashfile /var/lib/ucf/registry \
    /etc/xml/catalog /etc/sgml /var/lib/xml-core/catalog /var/lib/sgml-base/supercatalog \
    -type f ! -name Lock "$@" -print0 2>/dev/null || true
  find /var/lib/dpkg/info -type f \( -name '*.list' -o -name '*.triggers' \) "$@" -print0
  find /var/lib/dpkg/info -type f -name '*.postinst' "$@" \
    -exec grep --files-with-matches --null --fixed-strings dpkg-trigger {} + || true
}

if [ -n "${INLAY_BEFORE-}" ]; then
  if [ ! -s "$INLAY_BEFORE" ]; then
    echo "inlay: capture: \`$INLAY_BEFORE\` is empty or missing: run \`capture.sh before\` first" >&2
    exit 1
  fi
  set -- -cnewer "$INLAY_BEFORE"
  mkdir "$INLAY_STATE/accounts"
  cp --parents --target-directory "$INLAY_STATE/accounts" /etc/passwd /etc/group
  walk -print0 | sort -z >"$INLAY_STATE/now"
  comm -z -23 "$INLAY_BEFORE" "$INLAY_STATE/now" >"$INLAY_STATE/removed"
  rm "$INLAY_STATE/now"
  # Each process writes a part of its own, because their lines would mix in one file.
  # shellcheck disable=SC2016 # the inner shell expands it
  walk "$@" -type f -print0 | xargs -0 -r -n 256 -P "$(nproc)" \
    sh -c 'sha256sum --zero -- "$@" > "$INLAY_STATE/part.$$"' sh
  # Sorted, so that the order of folders and of processes does not show.
  find "$INLAY_STATE" -name 'part.*' -exec cat {} + | sort -z >"$INLAY_STATE/hashes"
  find "$INLAY_STATE" -name 'part.*' -exec rm {} +
else
  set --
  find /etc -xdev -type f -print0 | sort -z | xargs -0 -r sha256sum --zero -- >"$INLAY_STATE/hashes"
fi
# The size of a directory depends on the file system and is left out.
walk "$@" \( -type f -printf '%p//%y %m %U %G %s \0' -o -printf '%p//%y %m %U %G 0 %l\0' \) |
  sort -z >"$INLAY_STATE/listing"
databases "$@" | sort -z >"$INLAY_STATE/copies"
# Another layer may have the diverted path too. Then the joint needs the file of the layer that diverts it.
if [ "$#" != 0 ] && [ -n "$(find /var/lib/dpkg/diversions "$@")" ]; then
  awk 'NR % 3 == 1' /var/lib/dpkg/diversions | while IFS= read -r path; do
    find "$path" -maxdepth 0 -type f "$@" -print0 2>/dev/null || true
  done >>"$INLAY_STATE/copies"
fi
xargs -0 -r cp --parents --no-dereference --target-directory "$INLAY_STATE/root" -- <"$INLAY_STATE/copies"
rm "$INLAY_STATE/copies"
find "$INLAY_STATE" -exec touch --no-dereference --date=@0 {} +
