# Describes a root file system to the joint: a listing, and copies of the databases of the system.
#
#   INLAY_STATE=… INLAY_BEFORE=… capture.sh before    writes $INLAY_BEFORE: the root as it is now
#   INLAY_STATE=… INLAY_BEFORE=… capture.sh           a layer: what has changed since that was written
#   INLAY_STATE=… capture.sh                          a base: everything
#
# `INLAY_STATE` is an empty folder and `INLAY_BEFORE` a file, both on mounts: neither may be listed, nor
# given a fixed time by what runs in between. `reconcile` reads what is written:
#
#   listing   PATH//TYPE MODE UID GID SIZE TARGET, ended by NUL; no path of `find` has two slashes
#   hashes    SHA256  PATH, ended by NUL: all regular files of a layer; of a base those below /etc
#   removed   PATH, ended by NUL: what was there before and is gone; of layers only
#   root/     copies of the databases at their paths; of a layer only those it has changed
#   accounts/ of a layer, copies of the names of users and groups, changed or not
#
# All is sorted by bytes and has a fixed time. Extended attributes and access lists are not seen:
# getfattr is not on every base, and the joint reads them itself where it changes an owner.
set -eu
umask 022
export LC_ALL=C

# Mounts are in no layer; `-xdev` alone would show the mount points. A pattern's `?` stands for what
# the kernel writes as `\040`, and for what a pattern would take for a wildcard.
patterns="/proc /sys /dev /tmp /run/inlay"
if [ -r /proc/self/mountinfo ]; then
  patterns="$patterns $(cut -d ' ' -f 5 /proc/self/mountinfo |
    sed -e '/^\/$/d' -e 's/\\[0-7][0-7][0-7]/?/g' -e 's/[][*?]/?/g' | sort -u | tr '\n' ' ')"
fi
walk() {
  # The arguments are what to ask of each path that is not left out.
  set -f
  for pattern in $patterns; do
    set -- -path "$pattern" -prune -o "$@"
  done
  set +f
  find / -xdev "$@"
}

if [ "${1-}" = before ]; then
  walk -print0 | sort -z > "$INLAY_BEFORE"
  # File systems tell times in steps of up to ten milliseconds; what follows must be later.
  sleep 0.02
  exit
fi

mkdir "$INLAY_STATE/root"
# Of these the whole is needed. The names of lists and scripts begin with those of packages.
databases() {
  find /var/lib/dpkg/status /var/lib/dpkg/diversions /var/lib/dpkg/statoverride \
    /var/lib/dpkg/triggers /var/lib/dpkg/alternatives /var/lib/apt/extended_states \
    /etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/subuid /etc/subgid \
    /etc/shells /var/lib/shells.state /etc/machine-id \
    /var/cache/debconf/config.dat /var/cache/debconf/templates.dat /var/cache/debconf/passwords.dat \
    /var/lib/ucf/hashfile /var/lib/ucf/registry \
    /etc/xml/catalog /etc/sgml /var/lib/xml-core/catalog /var/lib/sgml-base/supercatalog \
    -type f ! -name Lock "$@" -print0 2> /dev/null || true
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
  walk -print0 | sort -z > "$INLAY_STATE/now"
  comm -z -23 "$INLAY_BEFORE" "$INLAY_STATE/now" > "$INLAY_STATE/removed"
  rm "$INLAY_STATE/now"
  # One folder's files after the other; a part each, since writers of one file would mix.
  # shellcheck disable=SC2016 # the inner shell expands it
  walk "$@" -type f -print0 | xargs -0 -r -n 256 -P "$(nproc)" \
    sh -c 'sha256sum --zero -- "$@" > "$INLAY_STATE/part.$$"' sh
  # Sorted, so that neither the order of folders nor that of writers shows.
  find "$INLAY_STATE" -name 'part.*' -exec cat {} + | sort -z > "$INLAY_STATE/hashes"
  find "$INLAY_STATE" -name 'part.*' -exec rm {} +
else
  set --
  find /etc -xdev -type f -print0 | sort -z | xargs -0 -r sha256sum --zero -- > "$INLAY_STATE/hashes"
fi
# The size of a directory is its file system's matter.
walk "$@" \( -type f -printf '%p//%y %m %U %G %s \0' -o -printf '%p//%y %m %U %G 0 %l\0' \) |
  sort -z > "$INLAY_STATE/listing"
databases "$@" | sort -z > "$INLAY_STATE/copies"
# A diverted path may be another layer's too; then the joint needs the file of the layer that diverts.
if [ "$#" != 0 ] && [ -n "$(find /var/lib/dpkg/diversions "$@")" ]; then
  awk 'NR % 3 == 1' /var/lib/dpkg/diversions | while IFS= read -r path; do
    find "$path" -maxdepth 0 -type f "$@" -print0 2> /dev/null || true
  done >> "$INLAY_STATE/copies"
fi
xargs -0 -r cp --parents --no-dereference --target-directory "$INLAY_STATE/root" -- < "$INLAY_STATE/copies"
rm "$INLAY_STATE/copies"
find "$INLAY_STATE" -exec touch --no-dereference --date=@0 {} +
