//! Paths on which layers need not agree, and those that no layer should hold.

/// What installations leave behind and no image should hold.
const LEFT_BEHIND: &[&str] = &[
    "/var/log/**",
    "/run/**",
    "/var/cache/ldconfig/aux-cache",
    "/var/cache/debconf/*-old",
    "/var/cache/apt/*.bin",
    "/var/cache/apt/archives/lock",
    "/var/cache/apt/archives/*.deb",
    "/var/lib/apt/lists/**",
    "/var/lib/dpkg/status-old",
    "/var/lib/dpkg/available-old",
    "/var/lib/dpkg/diversions-old",
    "/var/lib/dpkg/statoverride-old",
    "/var/lib/dpkg/lock*",
    "/var/lib/dpkg/triggers/Lock",
    "/var/lib/ucf/*.?",
    "/var/lib/dbus/machine-id",
    "/etc/passwd-",
    "/etc/group-",
    "/etc/shadow-",
    "/etc/gshadow-",
    "/etc/subuid-",
    "/etc/subgid-",
    "/etc/.pwd.lock",
    "/etc/xml/*.old",
    "/etc/sgml/*.old",
    "/var/lib/sgml-base/*.old",
    "/var/lib/xml-core/*.old",
    "/etc/ssh/ssh_host_*_key",
    "/etc/ssh/ssh_host_*_key.pub",
];

/// Files that a trigger or `ldconfig` generates from all packages, or that every installation creates anew
/// and that are equally good from any layer.
const GENERATED: &[&str] = &[
    "/etc/ld.so.cache",
    "/etc/machine-id",
    "/etc/ssl/certs/java/cacerts",
    "/etc/ssl/certs/ssl-cert-snakeoil.pem",
    "/etc/ssl/private/ssl-cert-snakeoil.key",
    "/etc/udev/hwdb.bin",
    "/usr/lib/udev/hwdb.bin",
    "/usr/share/info/dir",
    "/usr/share/info/dir.old",
    // What is below `packages` there is shipped, and the rest is made of it.
    "/usr/share/mime/*",
    "/usr/share/mime/*/*.xml",
    "/usr/share/icons/**/icon-theme.cache",
    "/usr/share/applications/*.cache",
    "/var/cache/dictionaries-common/**",
    "/var/cache/fontconfig/**",
    "/var/cache/man/**",
    "/var/lib/dpkg/triggers/Unincorp",
    "/var/lib/sgml-base/supercatalog",
    "/var/lib/systemd/catalog/database",
    "/var/lib/texmf/**",
    "/usr/**/__pycache__/*.pyc",
    "/usr/**/gschemas.compiled",
    "/usr/**/giomodule.cache",
    "/usr/**/immodules.cache",
    "/usr/**/loaders.cache",
];

/// The databases that a system has only one of. Each layer has its own version, and rules of their own unite these.
const DATABASES: &[&str] = &[
    "/etc/passwd",
    "/etc/group",
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/subuid",
    "/etc/subgid",
    "/etc/shells",
    "/etc/ld.so.cache",
    "/etc/alternatives/**",
    "/var/lib/apt/extended_states",
    "/var/lib/dpkg/**",
    "/var/lib/shells.state",
    "/var/lib/ucf/**",
    "/var/cache/debconf/**",
];

/// Whether a path is a database that a system has only one of.
pub(crate) fn is_database(path: &[u8]) -> bool {
    matches_any(DATABASES, path)
}

/// Whether a path is a log, lock, backup, download or identity that no layer should hold.
pub fn is_left_behind(path: &[u8]) -> bool {
    matches_any(LEFT_BEHIND, path)
}

/// What is shipped although a pattern of [`GENERATED`] matches it.
const SHIPPED: &[&str] = &["/usr/share/mime/packages/*.xml"];

/// Whether the joint generates the content of a path, or any installation's content will do.
pub(crate) fn is_generated(path: &[u8]) -> bool {
    matches_any(GENERATED, path) && !matches_any(SHIPPED, path)
}

fn matches_any(patterns: &[&str], path: &[u8]) -> bool {
    patterns
        .iter()
        .any(|pattern| matches_pattern(pattern.as_bytes(), path))
}

/// Whether a path matches a pattern. `?` stands for one byte other than a slash, `*` for any number of
/// them, and `**` for any bytes.
pub(crate) fn matches_pattern(pattern: &[u8], path: &[u8]) -> bool {
    match pattern {
        [] => path.is_empty(),
        [b'*', b'*', rest @ ..] => {
            (0..=path.len()).any(|skip| matches_pattern(rest, &path[skip..]))
        }
        [b'*', rest @ ..] => {
            let end = path
                .iter()
                .position(|byte| *byte == b'/')
                .unwrap_or(path.len());
            (0..=end).any(|skip| matches_pattern(rest, &path[skip..]))
        }
        [b'?', rest @ ..] => {
            path.first().is_some_and(|byte| *byte != b'/') && matches_pattern(rest, &path[1..])
        }
        [letter, rest @ ..] => path.first() == Some(letter) && matches_pattern(rest, &path[1..]),
    }
}
