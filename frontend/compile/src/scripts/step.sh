exec /bin/sh -e -c "$1" inlay
