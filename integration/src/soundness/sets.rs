//! The package sets of the sweep, each with a command that fails when the set is broken.
//!
//! The smoke runs as `sh -e -c` in a container, as root and without a network, after those of the
//! other sets. It has to pass in an image of one plain installation too, or it is the smoke that is
//! wrong. Beyond running its programs, it asks what a joint could spoil: owners, caches, links.

use crate::base::Suite;

/// Packages that make one extension.
#[derive(Clone, Copy, Debug)]
pub struct Set {
    /// The extension's name.
    pub name: &'static str,
    bookworm: &'static [&'static str],
    /// Where the names differ.
    trixie: Option<&'static [&'static str]>,
    /// Shell text.
    pub(crate) smoke: &'static str,
}

impl Set {
    /// The packages' names in the release.
    pub fn packages(&self, suite: Suite) -> &'static [&'static str] {
        match suite {
            Suite::Bookworm => self.bookworm,
            Suite::Trixie => self.trixie.unwrap_or(self.bookworm),
        }
    }

    /// The set of that name.
    pub fn named(name: &str) -> Option<&'static Set> {
        SETS.iter().find(|set| set.name == name)
    }
}

const fn set(
    name: &'static str,
    bookworm: &'static [&'static str],
    trixie: Option<&'static [&'static str]>,
    smoke: &'static str,
) -> Set {
    Set {
        name,
        bookworm,
        trixie,
        smoke,
    }
}

/// All sets.
pub const SETS: &[Set] = &[
    set(
        "curl",
        &["curl", "ca-certificates"],
        None,
        "curl -sS file:///etc/passwd | grep -q ^root:
         test \"$(grep -c BEGIN /etc/ssl/certs/ca-certificates.crt)\" -gt 100",
    ),
    set(
        "git",
        &["git"],
        None,
        "cd \"$(mktemp -d)\"; git init -q .
         git -c user.name=a -c user.email=a@b commit -q --allow-empty -m first
         git log --oneline | grep -q first",
    ),
    set(
        "sshclient",
        &["openssh-client"],
        None,
        "ssh -V; ssh-keygen -q -t ed25519 -N '' -f \"$(mktemp -d)/key\"
         test \"$(stat -c '%G %a' /usr/bin/ssh-agent)\" = '_ssh 2755'",
    ),
    set(
        "locales",
        &["locales"],
        None,
        "localedef -i de_DE -f UTF-8 de_DE.UTF-8
         LC_ALL=de_DE.UTF-8 locale -k LC_TIME | grep -q Montag",
    ),
    set(
        "tzdata",
        &["tzdata"],
        None,
        "test \"$(TZ=Europe/Berlin date -d '2024-07-01 12:00 UTC' +%H)\" = 14",
    ),
    // The links are made by a trigger on the compilers of other sets.
    set(
        "ccache",
        &["ccache"],
        None,
        "ccache --version
         for compiler in gcc g++ clang; do
           test ! -e /usr/bin/$compiler || test -L /usr/lib/ccache/$compiler
         done",
    ),
    set(
        "build",
        &["build-essential"],
        None,
        "cd \"$(mktemp -d)\"
         printf '#include <iostream>\\nint main() { std::cout << 6 * 7; }\\n' > a.cc
         printf 'all: a\\n' > Makefile; make CXX=c++ LINK.o='$(CXX)'; test \"$(./a)\" = 42
         printf 'int main(void) { return 0; }\\n' > b.c; cc b.c -o b; ./b
         dpkg-architecture -qDEB_HOST_ARCH",
    ),
    set(
        "cmake",
        &["cmake", "ninja-build"],
        None,
        "cd \"$(mktemp -d)\"; echo 'project(a NONE)' > CMakeLists.txt
         cmake -G Ninja . && ninja",
    ),
    set(
        "clang",
        &["clang", "lldb"],
        None,
        "cd \"$(mktemp -d)\"; printf 'int main(void) { return 42; }\\n' > a.c
         clang a.c -o a; code=0; ./a || code=$?; test $code = 42
         lldb --version",
    ),
    set(
        "python",
        &["python3", "python3-pip", "python3-venv"],
        None,
        "folder=\"$(mktemp -d)\"; python3 -m venv \"$folder\"; pip3 --version
         \"$folder/bin/python\" -c 'import ssl, sqlite3, ctypes, lzma; print(6 * 7)' | grep -qx 42",
    ),
    set(
        "nodejs",
        &["nodejs", "npm"],
        None,
        "node -e 'require(\"crypto\").createHash(\"sha256\"); console.log(6 * 7)' | grep -qx 42
         npm --version",
    ),
    set(
        "rust",
        &["cargo", "rustc"],
        None,
        "cd \"$(mktemp -d)\"; cargo init --quiet --name a --vcs none .
         cargo run --quiet --offline | grep -q world",
    ),
    set(
        "golang",
        &["golang-go"],
        None,
        "cd \"$(mktemp -d)\"; export HOME=\"$PWD\" GO111MODULE=off
         printf 'package main\\nfunc main() { println(6 * 7) }\\n' > a.go
         go run a.go 2>&1 | grep -qx 42",
    ),
    set(
        "java",
        &["openjdk-17-jdk-headless"],
        Some(&["openjdk-21-jdk-headless"]),
        "cd \"$(mktemp -d)\"
         echo 'class A { public static void main(String[] a) { System.out.print(6 * 7); } }' > A.java
         javac A.java; test \"$(java A)\" = 42
         keytool -list -cacerts -storepass changeit 2> /dev/null > list
         test \"$(grep -c trustedCertEntry list)\" -gt 100",
    ),
    set(
        "ffmpeg",
        &["ffmpeg"],
        None,
        "ffmpeg -v error -f lavfi -i testsrc=duration=0.2:size=64x64 -f null -",
    ),
    set(
        "vim",
        &["vim"],
        None,
        "file=\"$(mktemp)\"; vim -es -u NONE -c \"call writefile([6 * 7], '$file')\" -c q
         grep -qx 42 \"$file\"",
    ),
    set(
        "neovim",
        &["neovim"],
        None,
        "file=\"$(mktemp)\"
         nvim --headless -u NONE +\"call writefile([string(6 * 7)], '$file')\" +q
         grep -qx 42 \"$file\"",
    ),
    set(
        "cli",
        &["fzf", "ripgrep", "fd-find"],
        None,
        "cd \"$(mktemp -d)\"; echo here > there
         rg here; fdfind there; printf 'one\\ntwo\\n' | fzf -f two",
    ),
    set("jq", &["jq"], None, "echo '[40, 2]' | jq add | grep -qx 42"),
    set(
        "tmux",
        &["tmux"],
        None,
        "export LC_ALL=C.UTF-8; tmux -L smoke new-session -d 'sleep 5'
         tmux -L smoke list-sessions; tmux -L smoke kill-server",
    ),
    set(
        "zsh",
        &["zsh"],
        None,
        "zsh -fc 'zmodload zsh/datetime; print $((6 * 7))' | grep -qx 42
         grep -q /zsh$ /etc/shells",
    ),
    set(
        "sudo",
        &["sudo"],
        None,
        "visudo -c; sudo -n id -u | grep -qx 0; stat -c '%a %U' /usr/bin/sudo | grep -qx '4755 root'
         getent group sudo",
    ),
    set(
        "pgclient",
        &["postgresql-client"],
        None,
        "psql --version | grep -q PostgreSQL",
    ),
    set(
        "postgres",
        &["postgresql"],
        None,
        "version=\"$(pg_lsclusters -h | cut -d ' ' -f 1)\"
         test \"$(stat -c %U:%G /var/lib/postgresql/*/main)\" = postgres:postgres
         test -z \"$(find /var/lib/postgresql ! -user postgres)\"
         test \"$(stat -c '%U:%G %a' /etc/ssl/private/ssl-cert-snakeoil.key)\" = 'root:ssl-cert 640'
         test \"$(stat -c '%U:%G %a' /run/postgresql)\" = 'postgres:postgres 2775'
         id -nG postgres | grep -qw ssl-cert
         pg_ctlcluster \"$version\" main start
         test \"$(su postgres -c \"psql -tAc 'select 6 * 7'\")\" = 42
         test \"$(su postgres -c \"psql -tAc 'show ssl'\")\" = on
         pg_ctlcluster \"$version\" main stop",
    ),
    set(
        "nginx",
        &["nginx"],
        None,
        "nginx -t; nginx
         bash -c 'exec 3<> /dev/tcp/127.0.0.1/80
           printf \"GET / HTTP/1.0\\r\\n\\r\\n\" >&3; grep -q \"Welcome to nginx\" <&3'
         nginx -s stop",
    ),
    set(
        "sshd",
        &["openssh-server"],
        None,
        "ssh-keygen -A; mkdir -p /run/sshd; /usr/sbin/sshd -t; getent passwd sshd",
    ),
    set(
        "xdev",
        &["libxi6", "libxcursor-dev", "libxrandr-dev"],
        None,
        "ldconfig -p | grep -q libXi.so.6
         test -e /usr/include/X11/Xcursor/Xcursor.h; test -e /usr/include/X11/extensions/Xrandr.h
         ! command -v cc || (cd \"$(mktemp -d)\"; echo 'int main(void) { return 0; }' > a.c
           cc a.c -lXcursor -lXrandr -o a; ./a)",
    ),
    set(
        "mesa",
        &["libgl1-mesa-glx", "libgl1-mesa-dri"],
        Some(&["libgl1", "libgl1-mesa-dri"]),
        "ldconfig -p | grep -q libGL.so.1
         ldd /usr/lib/*/dri/swrast_dri.so > /tmp/libraries; ! grep 'not found' /tmp/libraries",
    ),
    set(
        "debug",
        &["gdb", "valgrind", "strace"],
        None,
        "gdb --batch -ex 'python print(6 * 7)' | grep -qx 42; valgrind --version
         strace -o /tmp/trace true; grep -q execve /tmp/trace",
    ),
    set(
        "sqlite",
        &["sqlite3", "libsqlite3-dev"],
        None,
        "sqlite3 :memory: 'select 6 * 7' | grep -qx 42; test -e /usr/include/sqlite3.h
         ! command -v pkg-config || pkg-config --exists sqlite3",
    ),
    set(
        "graphviz",
        &["graphviz"],
        None,
        "echo 'digraph { a -> b }' | dot -Tsvg | grep -q '</svg>'",
    ),
    set(
        "dbus",
        &["dbus", "policykit-1"],
        Some(&["dbus", "polkitd", "pkexec"]),
        "stat -c '%U:%G %a' /usr/lib/dbus-1.0/dbus-daemon-launch-helper | grep -qx 'root:messagebus 4754'
         dbus-uuidgen --ensure; mkdir -p /run/dbus; dbus-daemon --system --fork
         dbus-send --system --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus \\
           org.freedesktop.DBus.ListNames | grep -q org.freedesktop.DBus
         pkaction --version; getent passwd polkitd
         kill \"$(cat /run/dbus/pid)\"",
    ),
    set(
        "redis",
        &["redis-server"],
        None,
        "su -s /bin/sh redis -c 'test -r /etc/redis/redis.conf && test -w /var/lib/redis'
         redis-server --daemonize yes --dir /tmp > /dev/null
         for _ in $(seq 50); do redis-cli ping && break || sleep 0.1; done | grep -q PONG
         redis-cli shutdown nosave",
    ),
    set(
        "docker",
        &["docker.io"],
        Some(&["docker.io", "docker-cli"]),
        "docker --version; dockerd --version; containerd --version; runc --version
         getent group docker",
    ),
    set(
        "mariadb",
        &["mariadb-server"],
        None,
        "test -z \"$(find /var/lib/mysql -mindepth 1 ! -user mysql ! -name 'debian-*.flag' ! -name mysql_upgrade_info)\"
         install -d -o mysql -g mysql /run/mysqld
         mariadbd --user=mysql > /tmp/mariadb 2>&1 &
         for _ in $(seq 100); do
           mariadb -Ne 'select 6 * 7' 2> /dev/null && break || sleep 0.2
         done | grep -qx 42
         mariadb-admin shutdown",
    ),
    set(
        "gtk",
        &["libgtk-3-dev"],
        None,
        "pkg-config --cflags gtk+-3.0 | grep -q gtk-3.0; test -e /usr/include/gtk-3.0/gtk/gtk.h
         test -s /usr/lib/*/gdk-pixbuf-2.0/2.10.0/loaders.cache
         test -s /usr/share/glib-2.0/schemas/gschemas.compiled; fc-list | grep -q .",
    ),
    set(
        "pkgconfig",
        &["pkg-config"],
        None,
        "pkg-config --version; pkg-config --variable=pc_path pkg-config | grep -q /usr/share/pkgconfig",
    ),
    // The key is made at random: it has to be the certificate's, whoever else has made one.
    set(
        "certificate",
        &["ssl-cert"],
        None,
        "cd /etc/ssl; openssl x509 -noout -pubkey -in certs/ssl-cert-snakeoil.pem > /tmp/one
         openssl pkey -pubout -in private/ssl-cert-snakeoil.key > /tmp/two; cmp /tmp/one /tmp/two
         test \"$(stat -c '%U:%G %a' private)\" = 'root:ssl-cert 710'",
    ),
    set(
        "php",
        &["php-cli", "php-sqlite3"],
        None,
        "php -r 'echo 6 * 7;' | grep -qx 42; php -m | grep -qx sqlite3",
    ),
    set(
        "maven",
        &["maven"],
        None,
        "mvn --version | grep -q 'Apache Maven'",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_one_each() {
        let names: BTreeSet<&str> = SETS.iter().map(|set| set.name).collect();
        assert_eq!(names.len(), SETS.len());
        assert!(SETS.len() >= 30);
        assert!(Set::named("postgres").is_some() && Set::named("absent").is_none());
    }

    #[test]
    fn names_of_packages_follow_the_release() {
        let java = Set::named("java").unwrap();
        assert_eq!(java.packages(Suite::Bookworm), ["openjdk-17-jdk-headless"]);
        assert_eq!(java.packages(Suite::Trixie), ["openjdk-21-jdk-headless"]);
        let jq = Set::named("jq").unwrap();
        assert_eq!(jq.packages(Suite::Trixie), jq.packages(Suite::Bookworm));
    }
}
