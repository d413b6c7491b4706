# Runs the command $1 as a step of a builder.
inlay_begin_part build "$(inlay_first_line "$1")"
/bin/sh -e -c "$1" inlay
inlay_end_part
