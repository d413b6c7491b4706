# One crate's source, by cargo, unpacked into $OUT/$NAME/, with what its Cargo.lock names in vendor/.
# PACKAGE is name@version; an empty SHA256 is the user's `unverified: true`.
set -eu
work=$(mktemp -d)
cd "$work"

# Of cargo's commands only `info` downloads one crate and not what it depends on.
if ! cargo info --quiet "$PACKAGE" >/dev/null; then
    echo "inlay: could not get $PACKAGE (cargo's message is above)" >&2
    exit 1
fi

# cargo has compared the file with the checksum in its registry's index.
set -- "${CARGO_HOME:-$HOME/.cargo}"/registry/cache/*/"${PACKAGE%@*}-${PACKAGE#*@}.crate"
if [ ! -f "$1" ]; then
    echo "inlay: could not get $PACKAGE: cargo kept no file of that name and version" >&2
    exit 1
fi
if [ -n "${SHA256:-}" ]; then
    got=$(sha256sum <"$1")
    got=${got%% *}
    if [ "$got" != "$SHA256" ]; then
        echo "inlay: $PACKAGE has another checksum: expected sha256 $SHA256, got $got" >&2
        exit 1
    fi
fi

mkdir -p "$OUT/$NAME"
cd "$OUT/$NAME"
tar --extract --gzip --no-same-owner --strip-components=1 --file "$1"

# Settings of the author's own checkout; `cargo install` does not read them either.
rm -rf .cargo
if [ ! -f Cargo.lock ]; then
    echo "inlay: $PACKAGE has no Cargo.lock, so nothing is vendored" >&2
    exit 0
fi
if ! cargo vendor --quiet --locked vendor; then
    echo "inlay: could not get the dependencies of $PACKAGE (cargo's message is above)" >&2
    exit 1
fi
mkdir .cargo
cat >.cargo/config.toml <<'END'
[source.crates-io]
replace-with = "vendored"

[source.vendored]
directory = "vendor"
END
