# Runs the command $2 and writes its output to the file $1. The output must contain $3, if it is given.
status=0
/bin/sh -e -c "$2" inlay >"$1" || status=$?
cat "$1"
if [ "$status" != 0 ]; then
  echo "inlay: the test failed with status $status" >&2
  exit "$status"
fi
if [ "$#" -lt 3 ]; then
  exit
fi
case "$(cat "$1")" in
*"$3"*) ;;
*)
  echo "inlay: the test's output, above, does not contain: $3" >&2
  exit 1
  ;;
esac
