# Leaves the checksum of the file $1 as $OUT/sha256. Follows checked.sh.
set -eu
check_fetched "$1"
