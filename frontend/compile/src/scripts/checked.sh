# Compares the file $1, which a client has fetched, with SHA256, and leaves its checksum as $OUT/sha256. SHA256 is empty for
# `unverified: true`.
check_fetched() {
  got=$(sha256sum <"$1")
  got=${got%% *}
  [ "$got" = "${SHA256:-$got}" ] || mismatch "$got"
  echo "$got" >"$OUT/sha256"
}
mismatch() {
  echo "inlay: $PACKAGE has another checksum: expected sha256 $SHA256, got $1" >&2
  exit 1
}
