//! Classes of paths that need no agreement.

/// What an installation leaves behind and no image should hold.
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

/// What is made from the files of all packages, by a trigger or `ldconfig`; or is made anew by
/// each installation and equally good from any.
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
    "/usr/share/mime/**",
    "/usr/share/icons/**",
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

/// Whether a path is of the logs, locks, backups, downloads and identities that a layer should not
/// hold.
pub fn is_left_behind(path: &[u8]) -> bool {
    matches_any(LEFT_BEHIND, path)
}

/// Whether a path's content is made by the joint, or needs no agreement.
pub(crate) fn is_generated(path: &[u8]) -> bool {
    matches_any(GENERATED, path)
}

fn matches_any(patterns: &[&str], path: &[u8]) -> bool {
    patterns
        .iter()
        .any(|pattern| is_match(pattern.as_bytes(), path))
}

/// `?` is a byte and `*` bytes other than a slash, `**` any bytes.
fn is_match(pattern: &[u8], path: &[u8]) -> bool {
    match pattern {
        [] => path.is_empty(),
        [b'*', b'*', rest @ ..] => (0..=path.len()).any(|skip| is_match(rest, &path[skip..])),
        [b'*', rest @ ..] => {
            let end = path
                .iter()
                .position(|byte| *byte == b'/')
                .unwrap_or(path.len());
            (0..=end).any(|skip| is_match(rest, &path[skip..]))
        }
        [b'?', rest @ ..] => {
            path.first().is_some_and(|byte| *byte != b'/') && is_match(rest, &path[1..])
        }
        [letter, rest @ ..] => path.first() == Some(letter) && is_match(rest, &path[1..]),
    }
}

#[cfg(test)]
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    is_match(pattern.as_bytes(), path.as_bytes())
}
