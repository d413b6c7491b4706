# Fetches the tarball of one package with npm as $OUT/$NAME.
# PACKAGE is name@version; SHA256 is empty for `unverified: true`.
set -eu
work=$(mktemp -d)
cd "$work"

# npm compares the tarball with the integrity hash that its registry states.
if ! npm pack --ignore-scripts --no-update-notifier --loglevel=warn \
  --cache "$work/cache" -- "$PACKAGE" >/dev/null; then
  echo "inlay: could not get $PACKAGE (npm's message is above)" >&2
  exit 1
fi

set -- *.tgz
got=$(sha256sum <"$1")
got=${got%% *}
if [ "$got" != "${SHA256:-$got}" ]; then
  echo "inlay: $PACKAGE has another checksum: expected sha256 $SHA256, got $got" >&2
  exit 1
fi
echo "$got" >"$OUT/sha256"
install -m 0644 "$1" "$OUT/$NAME"
