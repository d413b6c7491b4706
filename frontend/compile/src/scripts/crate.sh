# Fetches the source of one crate with cargo and unpacks it into $OUT/$NAME/. The crates that its
# Cargo.lock names go into vendor/. PACKAGE is name@version; SHA256 is empty for `unverified: true`.
# Follows checked.sh.
set -eu
work=$(mktemp -d)
cd "$work"

# `info` is the only command of cargo that downloads a crate without its dependencies.
if ! cargo info --quiet "$PACKAGE" >/dev/null; then
  echo "inlay: could not get $PACKAGE (cargo's message is above)" >&2
  exit 1
fi

# cargo has already compared the file with the checksum in the registry's index.
set -- "${CARGO_HOME:-$HOME/.cargo}"/registry/cache/*/"${PACKAGE%@*}-${PACKAGE#*@}.crate"
if [ ! -f "$1" ]; then
  echo "inlay: could not get $PACKAGE: cargo kept no file with that name and version" >&2
  exit 1
fi
check_fetched "$1"

mkdir -p "$OUT/$NAME"
cd "$OUT/$NAME"
tar --extract --gzip --no-same-owner --strip-components=1 --file "$1"

# These settings are for the author's own checkout; `cargo install` does not read them either.
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
