# Describes the root file system to the sweep, as an archive of small files on standard output.
#
#   listing     PATH, then TYPE MODE USER GROUP SIZE TARGET, each ended by NUL; owners by name
#   hashes      SHA256  PATH, ended by NUL, for all regular files
#   attributes  PATH, then NAME=HEXADECIMAL, each ended by NUL: extended attributes
#   packages    NAME VERSION STATUS, one line each
#   manual audit verify libraries    the output of apt-mark, dpkg and ldconfig
#   check       the output of `apt-get check`; the last line is its status
#   root/       copies of the databases
#
# It shares nothing with inlay's own scripts, so that neither can hide a mistake of the other.
set -eu
umask 022
export LC_ALL=C
out=/tmp/soundness/survey
mkdir -p "$out/root"

# Leaves out what the engine puts into a container.
walk() {
  find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp/soundness -o -path /.dockerenv \
    -o -path /etc/mtab -o -path /etc/hostname -o -path /etc/hosts -o -path /etc/resolv.conf \) -prune -o "$@"
}
walk -printf '%p\0%y %m %u %g %s %l\0' >"$out/listing"
walk -type f -print0 | xargs -0 -r sha256sum --zero -- >"$out/hashes"
# perl is essential in Debian, but getfattr is not. The numbers are those of llistxattr and lgetxattr.
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
    # Layers of images never carry access lists.
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
