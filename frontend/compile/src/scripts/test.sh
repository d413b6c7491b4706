# Runs the text of $2 into the file $1; what it prints must contain $3, where there is a third.
status=0
/bin/sh -e -c "$2" inlay > "$1" || status=$?
cat "$1"
if [ "$status" != 0 ]; then
  echo "inlay: the test ended with status $status" >&2
  exit "$status"
fi
if [ "$#" -lt 3 ]; then
  exit
fi
case "$(cat "$1")" in
  *"$3"*) ;;
  *)
    echo "inlay: the test printed the above, without: $3" >&2
    exit 1
    ;;
esac
