# Runs the commands that its arguments are, one after another, and leaves nothing behind that is not of
# them.
begin
count=$#
at=0
for run in "$@"; do
  at=$((at + 1))
  # What is this script's own is none of theirs.
  (
    unset INLAY_STATE INLAY_BEFORE INLAY_EPOCH
    exec /bin/sh -e -c "$run" inlay
  ) || {
    status=$?
    [ "$count" = 1 ] || echo "inlay: step $at of $count failed" >&2
    exit "$status"
  }
done
finish
