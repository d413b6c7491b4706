# Takes downloads from the cache that all installations on one image and platform share, and puts new ones
# into it. Follows root.sh.
#
# Every installation can write to the cache, and the scripts of packages from any repository run while it is
# mounted. So nothing in it is believed: its files are named by their SHA256, only what a verified package
# list names is looked for, and it is used if a private copy of it has this SHA256. The files are in the
# mounted folder itself, which nobody can replace with a link, and nothing is written through a link.
inlay_cache=/run/inlay/downloads
# Removes what a killed command left here, and lists that have probably changed since.
find "$inlay_cache" -maxdepth 1 -type f \( -name 'new.*' -mmin +1440 -o -name '*.list' -mmin +43200 \) \
  -delete 2>/dev/null || true

# Copies files from the cache into the folder $2. Reads lines of SHA256, size and file; $1 is the ending of
# their names in the cache. Fails if a file is still to be fetched.
admit() {
  inlay_incoming=$2/incoming
  rm -rf "$inlay_incoming"
  mkdir "$inlay_incoming"
  select_files "$1" >"$inlay_work/wanted"
  find "$inlay_cache" -maxdepth 1 -type f -printf '%f %s\n' >"$inlay_work/cached"
  # Another installation may remove a file at this moment.
  awk 'FILENAME == ARGV[1] { cached[$1 " " $2]; next } ($1 " " $2) in cached { print $1 }' \
    "$inlay_work/cached" "$inlay_work/wanted" | sort -u |
    (cd "$inlay_cache" && xargs -r cp --no-dereference --target-directory "$inlay_incoming" -- 2>/dev/null) || true
  (cd "$inlay_incoming" && find . -type f -printf '%f\n' | xargs -r sha256sum --) |
    awk '$1 == substr($2, 1, 64) { print $2 }' | sort >"$inlay_work/verified"
  find "$inlay_incoming" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort |
    comm -23 - "$inlay_work/verified" >"$inlay_work/false"
  if [ -s "$inlay_work/false" ]; then
    inlay_tell "files in the cache that are not what the package lists name: $(wc -l <"$inlay_work/false"); fetching them again"
    (cd "$inlay_cache" && xargs rm -f --) <"$inlay_work/false" || true
  fi
  # Only what was verified has a name here. Two files may have the same content.
  awk 'FILENAME == ARGV[1] { verified[$1]; next } { print ($1 in verified) ? $1 : "-", $3 }' \
    "$inlay_work/verified" "$inlay_work/wanted" >"$inlay_work/places"
  inlay_admitted=0
  while read -r inlay_name inlay_file; do
    if [ "$inlay_name" != - ] && ln -f -- "$inlay_incoming/$inlay_name" "$2/$inlay_file"; then
      inlay_admitted=$((inlay_admitted + 1))
    fi
  done <"$inlay_work/places"
  rm -rf "$inlay_incoming"
  [ "$inlay_admitted" = "$(wc -l <"$inlay_work/wanted")" ]
}

# Copies files of the folder $2 into the cache, unless it has them. The rest is as for `admit`, which has removed
# files of the right size with another content.
publish() {
  select_files "$1" | while read -r inlay_name inlay_size inlay_file; do
    inlay_to=$inlay_cache/$inlay_name
    if [ "$inlay_name" = - ] || ! [ -f "$2/$inlay_file" ] ||
      [ -n "$(find "$inlay_to" -maxdepth 0 -type f -size "${inlay_size}c" 2>/dev/null)" ]; then
      continue
    fi
    # The name is not known before, and a file that is there nevertheless is removed and not written to.
    inlay_new=$(mktemp -u "$inlay_cache/new.XXXXXXXXXXXXXXXX")
    if cp --remove-destination -T -- "$2/$inlay_file" "$inlay_new" 2>/dev/null; then
      rm -rf -- "$inlay_to"
      mv -T -- "$inlay_new" "$inlay_to" 2>/dev/null || rm -f -- "$inlay_new"
    fi
  done
}

# Makes lines of SHA256, size and file into lines of the name in the cache, size and file name. The name is `-`
# if the cache cannot have the file, because nothing says its SHA256.
select_files() {
  awk -v ending="$1" '{
    sub(".*/", "", $3)
    name = $1 "." ending
    if (length($1) != 64 || $1 ~ /[^0-9a-f]/ || $2 ~ /[^0-9]/ || $3 !~ /^[A-Za-z0-9]/) name = "-"
    print name, $2, $3
  }'
}
