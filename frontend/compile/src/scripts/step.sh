# Runs the command $1.
exec /bin/sh -e -c "$1" inlay
