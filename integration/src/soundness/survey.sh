# Describes the root that it runs in to the sweep: an archive of small files on standard output.
#
#   listing     PATH, then TYPE MODE USER GROUP SIZE TARGET, each ended by NUL; owners by name
#   hashes      SHA256  PATH, ended by NUL: all regular files
#   attributes  PATH, then NAME=HEXADECIMAL, each ended by NUL: extended attributes
#   packages    NAME VERSION STATUS, a line each
#   manual audit verify libraries    what apt-mark, dpkg and ldconfig say
#   check       what apt-get check says; its last line is the status
#   root/       copies of the databases
#
# Independent of what inlay itself runs, so that neither can hide the other's mistake.
set -eu
umask 022
export LC_ALL=C
out=/tmp/soundness/survey
mkdir -p "$out/root"

# What the container is given is no part of its image.
walk() {
  find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp/soundness -o -path /.dockerenv \
    -o -path /etc/mtab -o -path /etc/hostname -o -path /etc/hosts -o -path /etc/resolv.conf \) -prune -o "$@"
}
walk -printf '%p\0%y %m %u %g %s %l\0' >"$out/listing"
walk -type f -print0 | xargs -0 -r sha256sum --zero -- >"$out/hashes"
# perl is essential in Debian, and getfattr is not; the numbers are those of llistxattr and lgetxattr.
walk -print0 | perl -0 -ne '
  BEGIN {
    my ($machine) = (`uname -m` =~ /(\S+)/);
    my %numbers = (x86_64 => [195, 192], aarch64 => [12, 9]);
    ($list, $get) = @{$numbers{$machine} or die "no system calls of $machine are known\n"};
  }
  chomp(my $path = $_);
  my $names = "\0" x 65536;
  my $length = syscall($list, $path, $names, 65536);
  next if $length <= 0;
  for my $name (sort split /\0/, substr($names, 0, $length)) {
    # No layer of an image carries access lists, whoever has built it.
    next if $name =~ /^system[.]posix_acl_/;
    my $value = "\0" x 65536;
    my $size = syscall($get, $path, $name, $value, 65536);
    print "$path\0$name=", unpack("H*", substr($value, 0, $size)), "\0" if $size >= 0;
  }' >"$out/attributes"

find /etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/subuid /etc/subgid \
  /etc/shells /var/lib/shells.state /etc/xml /etc/sgml /var/lib/xml-core /var/lib/sgml-base \
  /var/lib/dpkg/status /var/lib/dpkg/diversions /var/lib/dpkg/statoverride \
  /var/lib/dpkg/triggers /var/lib/dpkg/alternatives /var/lib/apt/extended_states \
  /var/cache/debconf /var/lib/ucf /usr/lib/tmpfiles.d -type f -print0 2>/dev/null >"$out/copies" || true
find /var/lib/dpkg/info -name '*.list' -print0 >>"$out/copies"
xargs -0 -r cp --parents --target-directory "$out/root" -- <"$out/copies"
rm "$out/copies"

dpkg-query -W -f '${binary:Package} ${Version} ${Status}\n' >"$out/packages"
apt-mark showmanual >"$out/manual"
dpkg --audit >"$out/audit" 2>&1 || echo "status $?" >>"$out/audit"
dpkg --verify >"$out/verify" 2>&1 || true
ldconfig -p >"$out/libraries"
{
  apt-get check 2>&1
  echo "status $?"
} >"$out/check" || true
tar -cf - -C "$out" .
rm -r "$out"
