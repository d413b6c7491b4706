# Makes packages, in an archive on the base, whose files have mode bits, a capability and an access list
# that belong to an account which the package makes. A trigger shows the access list as it is in the joint,
# because the images of an engine carry none.
set -eu
mkdir -p /srv/archive
cd /srv/archive
for name in one two; do
  own=/usr/lib/inlay-$name
  mkdir -p "$name/DEBIAN" "$name$own" "$name/usr/lib/inlay-watched"
  touch "$name/usr/lib/inlay-watched/$name"
  echo 'interest-noawait /usr/lib/inlay-watched' >"$name/DEBIAN/triggers"
  for file in bits capable listed; do cp /bin/true "$name$own/$file"; done
  cat >"$name/DEBIAN/control" <<END
Package: inlay-$name
Version: 1.0
Architecture: all
Maintainer: nobody <nobody@example.org>
Depends: acl, adduser, libcap2-bin
Description: files with more than a mode
END
  cat >"$name/DEBIAN/postinst" <<END
#!/bin/sh -e
if [ "\$1" = triggered ]; then
  getfacl --absolute-names --numeric $own/listed >$own/list
  exit
fi
adduser --system --group --quiet --no-create-home _$name
chown _$name:_$name $own/bits $own/capable
chmod 6751 $own/bits
setcap cap_net_raw+ep $own/capable
setfacl -m u:_$name:rw,g:_$name:x $own/listed
END
  chmod 0755 "$name/DEBIAN/postinst"
  dpkg-deb --root-owner-group --build "$name" "$name.deb" >/dev/null
  rm -r "$name"
  {
    dpkg-deb --field "$name.deb"
    echo "Filename: ./$name.deb"
    echo "Size: $(stat -c %s "$name.deb")"
    echo "SHA256: $(sha256sum "$name.deb" | cut -d ' ' -f 1)"
    echo
  } >>Packages
done
echo 'deb [trusted=yes] file:/srv/archive ./' >/etc/apt/sources.list.d/inlay.list
