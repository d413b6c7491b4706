# Makes a signed repository of small packages in two states, a week apart: /out/first and /out/second. In the second,
# `libshared` and `p7` have newer versions, and the older ones are gone. The key is in /out/key. `$TOKEN` is in each package, so that no engine has it from before.
export GNUPGHOME=/tmp/keys
# Packages of both states are the same bytes, whenever each is made.
export SOURCE_DATE_EPOCH=1000000000
mkdir -m 0700 "$GNUPGHOME"
mkdir -p /out
gpg --batch --quiet --passphrase '' --quick-gen-key test default default never
gpg --export >/out/key

# Makes the package $2 in version $3 for the state $1, with more lines for its control file.
make() {
  rm -rf /tmp/package
  mkdir -p /tmp/package/DEBIAN "/tmp/package/usr/share/$2" "/out/$1/pool"
  echo "$2 $3 $TOKEN" >"/tmp/package/usr/share/$2/version"
  {
    printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: a <a@b>\nDescription: a\n' "$2" "$3"
    [ -z "$4" ] || echo "$4"
  } >/tmp/package/DEBIAN/control
  find /tmp/package -exec touch --date=@1000000000 {} +
  dpkg-deb --root-owner-group --build /tmp/package "/out/$1/pool/$2_$3_all.deb" >/dev/null
}

# Writes the lists of the state $1, with the date $2.
index() {
  cd "/out/$1"
  for file in pool/*.deb; do
    dpkg-deb -f "$file"
    printf 'Filename: %s\nSize: %s\nSHA256: %s\n\n' "$file" "$(stat -c %s "$file")" "$(sha256sum "$file" | cut -c 1-64)"
  done >Packages
  printf 'Origin: test\nSuite: stable\nCodename: test\nDate: %s\nSHA256:\n %s %s Packages\n' \
    "$(date -uR --date="$2")" "$(sha256sum Packages | cut -c 1-64)" "$(stat -c %s Packages)" >Release
  gpg --batch --quiet --clearsign --output InRelease Release
}

for state in first second; do
  new=1
  [ "$state" = first ] || new=2
  make "$state" libshared "$new" ''
  for number in 0 1 2 3 4; do
    make "$state" "p$number" 1 'Depends: libshared (>= 1)'
  done
  for number in 5 6 8 9; do
    make "$state" "p$number" 1 ''
  done
  make "$state" p7 "$new" ''
  make "$state" extra 1 'Depends: libshared'
  make "$state" against 1 'Conflicts: p5'
done
index first '2026-01-01'
index second '2026-01-08'
