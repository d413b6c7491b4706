# Fetches the packages of a list. Follows apt.sh and downloads.sh.
#
# Each line of the list has the SHA256 of a package, its size, the name of its file, and where it is.
inlay_list=/run/inlay/list
inlay_archives=/run/inlay/archives

# Downloads what is not there yet of the lines that have this word.
download() {
  while read -r inlay_sha256 inlay_size inlay_file inlay_uri; do
    [ -e "$inlay_archives/$inlay_file" ] || echo "$inlay_uri $inlay_file $inlay_sha256"
  done <"$inlay_list" | grep -e "$1" >"$inlay_work/missing" || return 0
  (
    set -f
    set --
    while read -r inlay_uri inlay_file inlay_sha256; do
      set -- "$@" "$inlay_uri" "$inlay_archives/$inlay_file" "SHA256:$inlay_sha256"
    done <"$inlay_work/missing"
    try_again run_apt /usr/lib/apt/apt-helper download-file "$@"
  ) || explain_missing
}
# Says which packages could not be fetched. The status tells whether the archive no longer has one.
explain_missing() {
  inlay_gone=
  while read -r inlay_uri inlay_file _; do
    [ ! -e "$inlay_archives/$inlay_file" ] || continue
    if grep -F -e "$inlay_uri" "$inlay_work/log" "$inlay_work/errors" | grep -qE ' (404|410) |does not exist|Hash Sum mismatch|File not found'; then
      inlay_gone=yes
      echo "inlay: the archive no longer has ${inlay_file%.deb}" >&2
    fi
  done <"$inlay_work/missing"
  [ -z "$inlay_gone" ] || exit 74
  show_log
  cat "$inlay_work/errors" >&2
  exit 1
}

inlay_begin_part fetch "$(awk '{ size += $2 }
  END { printf "%d %s, %.1f MB", NR, (NR == 1 ? "package" : "packages"), size / 1e6 }' "$inlay_list")"
awk '{ print $1, $2, $3 }' "$inlay_list" >"$inlay_work/needed"
admit deb "$inlay_archives" <"$inlay_work/needed" || {
  download '^http:'
  for inlay_file in "$inlay_archives"/ca-certificates_*.deb; do
    if [ -e "$inlay_file" ] && ! [ -e /etc/ssl/certs/ca-certificates.crt ]; then
      trust_package "$inlay_file"
    fi
  done
  download .
  publish deb "$inlay_archives" <"$inlay_work/needed"
}
find "$inlay_archives" -type f -exec chmod 0644 {} + -exec touch --date="@$INLAY_EPOCH" {} +
touch --date="@$INLAY_EPOCH" "$inlay_archives"
inlay_end_part
