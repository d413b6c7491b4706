//! Sets of services and libraries, and of what builds on them.

use crate::soundness::sets::{Set, set};

pub(super) const SERVICES: &[Set] = &[
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
        "test -z \"$(find /var/lib/mysql -mindepth 1 ! -user mysql ! -name 'debian-*.flag' ! -name '*_upgrade_info')\"
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
    // The key is random. It must fit the certificate, even if another set has made one too.
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
