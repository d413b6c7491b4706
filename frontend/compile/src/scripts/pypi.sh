# Fetches one wheel with pip as $OUT/$NAME.
# PACKAGE is name==version; SHA256 is empty for `unverified: true`. Follows checked.sh.
set -eu
work=$(mktemp -d)

# A requirements file can contain options and variables; PACKAGE must not bring any into it.
case $PACKAGE in
-* | *[!A-Za-z0-9._+!=-]*)
  echo "inlay: could not get $PACKAGE: it must have the form name==version" >&2
  exit 1
  ;;
esac

if [ -n "${SHA256:-}" ]; then
  printf '%s --hash=sha256:%s\n' "$PACKAGE" "$SHA256" >"$work/requirements"
  set -- --require-hashes
else
  printf '%s\n' "$PACKAGE" >"$work/requirements"
  set --
fi

# Given a hash, pip picks the wheel with that hash among those that this platform can run.
fetch() {
  pip download --disable-pip-version-check --no-input --no-cache-dir --progress-bar off \
    --no-deps --only-binary=:all: --timeout 60 "$@" \
    --dest "$work/wheel" --requirement "$work/requirements" 2>"$work/errors"
}
# pip retries a connection, but gives up when one breaks during a download.
is_broken() {
  grep -qE 'Read timed out|ReadTimeout|IncompleteRead|ProtocolError|Connection(Reset)?Error' "$work/errors"
}
attempt=1
until fetch "$@"; do
  if [ "$attempt" -lt 3 ] && is_broken; then
    attempt=$((attempt + 1))
    echo "inlay: the download of $PACKAGE broke off: attempt $attempt of 3" >&2
    continue
  fi
  got=$(sed -n 's/^ *Got *\([0-9a-f]\{64\}\)$/\1/p' "$work/errors" | head -n 1)
  [ -z "$got" ] || mismatch "$got"
  cat "$work/errors" >&2
  echo "inlay: could not get $PACKAGE (pip's message is above)" >&2
  exit 1
done
cat "$work/errors" >&2

set -- "$work"/wheel/*.whl
check_fetched "$1"
install -m 0644 "$1" "$OUT/$NAME"
