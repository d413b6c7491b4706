# Leaves the checksum of the file $1 as $OUT/sha256.
set -eu
got=$(sha256sum <"$1")
echo "${got%% *}" >"$OUT/sha256"
