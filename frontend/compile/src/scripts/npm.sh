# One package's tarball, by npm, into $OUT/$NAME.
# PACKAGE is name@version; an empty SHA256 is the user's `unverified: true`.
set -eu
work=$(mktemp -d)
cd "$work"

# npm compares the tarball with the integrity its registry states.
if ! npm pack --ignore-scripts --no-update-notifier --loglevel=warn \
    --cache "$work/cache" -- "$PACKAGE" >/dev/null; then
    echo "inlay: could not get $PACKAGE (npm's message is above)" >&2
    exit 1
fi

set -- *.tgz
if [ -n "${SHA256:-}" ]; then
    got=$(sha256sum <"$1")
    got=${got%% *}
    if [ "$got" != "$SHA256" ]; then
        echo "inlay: $PACKAGE has another checksum: expected sha256 $SHA256, got $got" >&2
        exit 1
    fi
fi
install -m 0644 "$1" "$OUT/$NAME"
