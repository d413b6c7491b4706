# Runs its arguments as commands, one after another, and leaves nothing else behind. Follows root.sh.
begin
inlay_count=$#
inlay_at=0
for inlay_run in "$@"; do
  inlay_at=$((inlay_at + 1))
  inlay_begin_part "step $inlay_at/$inlay_count" "$(inlay_first_line "$inlay_run")"
  # The commands do not see this script's own variables.
  (
    unset INLAY_EPOCH
    exec /bin/sh -e -c "$inlay_run" inlay
  ) || {
    inlay_status=$?
    [ "$inlay_count" = 1 ] || echo "inlay: step $inlay_at of $inlay_count failed" >&2
    exit "$inlay_status"
  }
  inlay_end_part
done
finish
