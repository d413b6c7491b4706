# Fetches the tarball of one package with npm as $OUT/$NAME.
# PACKAGE is name@version; SHA256 is empty for `unverified: true`. Follows checked.sh.
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
check_fetched "$1"
install -m 0644 "$1" "$OUT/$NAME"
