# Runs the last step, $1, then arranges $OUT as a layer. The other arguments are the declared outputs.
inlay_begin_part build "$(inlay_first_line "$1")"
/bin/sh -e -c "$1" inlay
inlay_end_part
shift

fail() {
  echo "inlay: $1" >&2
  exit 1
}

for path in bin sbin lib lib32 lib64 libx32; do
  if [ -e "/out/$path" ] || [ -L "/out/$path" ]; then
    fail "\$OUT/$path would replace the image's link /$path: install to \$OUT/usr/$path"
  fi
done
for path in dev proc run sys tmp var/lock var/run var/tmp; do
  if [ -e "/out/$path" ] || [ -L "/out/$path" ]; then
    fail "\$OUT/$path belongs to a running system and cannot be in a layer"
  fi
done

if [ $# -gt 0 ]; then
  mkdir /out/.inlay
  for path in "$@"; do
    if [ -e "/out$path" ] || [ -L "/out$path" ]; then
      mkdir -p "/out/.inlay${path%/*}"
      mv "/out$path" "/out/.inlay$path"
    elif ! [ -e "/out/.inlay$path" ] && ! [ -L "/out/.inlay$path" ]; then
      fail "the steps did not make \$OUT$path, which \`outputs\` names"
    fi
  done
  find /out -mindepth 1 -maxdepth 1 ! -name .inlay -exec rm -rf {} +
  find /out/.inlay -mindepth 1 -maxdepth 1 -exec mv -t /out {} +
  rmdir /out/.inlay
elif [ -z "$(ls -A /out)" ]; then
  fail "the steps put nothing into \$OUT"
fi

# The last layer decides the mode of a folder, so these keep the mode that they have in the base.
for path in root etc/ssl/private; do
  [ ! -d "/out/$path" ] || chmod 0700 "/out/$path"
done
