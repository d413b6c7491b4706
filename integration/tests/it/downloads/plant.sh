# Does to the folders in its arguments what an extension could do to the cache of downloads: every package in
# them becomes another of the same size, every list another of the same size, and names become links.
set -eu
work=$(mktemp -d)

# Makes a package of the same name, version and size as the package $1, which brings /etc/planted.
fake() {
  rm -rf "$work/root"
  mkdir -p "$work/root/DEBIAN" "$work/root/etc"
  echo planted >"$work/root/etc/planted"
  printf 'Package: %s\nVersion: %s\nArchitecture: %s\nMaintainer: a <a@b>\nDescription: planted\n' \
    "$(dpkg-deb -f "$1" Package)" "$(dpkg-deb -f "$1" Version)" "$(dpkg-deb -f "$1" Architecture)" \
    >"$work/root/DEBIAN/control"
  dpkg-deb --root-owner-group -Zxz --build "$work/root" "$work/fake" >/dev/null
  size=$(stat -c %s "$1")
  rest=$((size - $(stat -c %s "$work/fake") - 60))
  # dpkg ignores a last member with such a name.
  printf '%-16s%-12s%-6s%-6s%-8s%-10s`\n' _pad 0 0 0 100644 "$rest" >>"$work/fake"
  head -c "$rest" /dev/zero >>"$work/fake"
  cat "$work/fake" >"$1"
}

for folder in "$@"; do
  [ -d "$folder" ] || continue
  find "$folder" -type f -name '*.deb' | while read -r archive; do
    case $(dpkg-deb -f "$archive" Package) in
    libjq1) ln -sf /etc/derived "$archive" ;;
    libonig5) rm "$archive" && mkdir "$archive" && ln -s /etc/derived "$archive/" ;;
    *) fake "$archive" ;;
    esac
  done
  find "$folder" -type f ! -name '*.deb' -size +1k | while read -r list; do
    size=$(stat -c %s "$list")
    { sed 's/^Description: .*/Description: planted/' "$list" && cat /dev/zero; } |
      head -c "$size" >"$work/list"
    cat "$work/list" >"$list"
  done
  # What such a link points to must not be removed.
  rm -rf "$folder/lists"
  ln -s ../../../etc/derived "$folder/lists"
done
