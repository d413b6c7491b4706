# Runs the commands that its arguments are, one after another, and leaves nothing behind that is not of
# them.
begin
inlay_count=$#
inlay_at=0
for inlay_run in "$@"; do
  inlay_at=$((inlay_at + 1))
  # What is this script's own is none of theirs.
  (
    unset INLAY_STATE INLAY_BEFORE INLAY_EPOCH
    exec /bin/sh -e -c "$inlay_run" inlay
  ) || {
    inlay_status=$?
    [ "$inlay_count" = 1 ] || echo "inlay: step $inlay_at of $inlay_count failed" >&2
    exit "$inlay_status"
  }
done
finish
