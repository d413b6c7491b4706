//! Which paths of two equal systems differ all the same, and why: the whole list.
//!
//! Databases are not here: they are compared by what they say.

/// What a path is free to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freedom {
    /// To hold other bytes; type, mode and owner are compared.
    Content,
    /// That, and to be in the reference alone: inlay takes it out of every layer.
    Absence,
}

/// Paths of one reason.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Class {
    pub(crate) name: &'static str,
    pub(crate) freedom: Freedom,
    /// Patterns: `*` is any bytes but slashes, `**` any bytes.
    paths: &'static [&'static str],
}

const CLASSES: &[Class] = &[
    // No layer holds them, and the base's stay as they are: docs/isolation.md.
    Class {
        name: "logs",
        freedom: Freedom::Absence,
        paths: &["/var/log/**"],
    },
    Class {
        name: "locks and backups",
        freedom: Freedom::Absence,
        paths: &[
            "/etc/passwd-",
            "/etc/group-",
            "/etc/shadow-",
            "/etc/gshadow-",
            "/etc/subuid-",
            "/etc/subgid-",
            "/etc/.pwd.lock",
            "/etc/xml/*.old",
            "/var/lib/xml-core/*.old",
            "/var/lib/sgml-base/*.old",
            "/var/lib/ucf/*.[0-9]",
            "/var/lib/dpkg/*-old",
            "/var/lib/dpkg/lock",
            "/var/lib/dpkg/lock-frontend",
            "/var/lib/dpkg/triggers/Lock",
            "/var/lib/apt/lists/lock",
            "/var/cache/apt/archives/lock",
            "/var/cache/debconf/*-old",
            "/var/cache/ldconfig/aux-cache",
            "/run/adduser",
        ],
    },
    Class {
        name: "identity of a machine, made at its first start",
        freedom: Freedom::Absence,
        paths: &[
            "/etc/machine-id",
            "/var/lib/dbus/machine-id",
            "/etc/ssh/ssh_host_*_key",
            "/etc/ssh/ssh_host_*_key.pub",
        ],
    },
    // ucf makes it when it is first called. A script (libsensors5's) calls it where it is there already, to
    // forget a file that nobody has.
    Class {
        name: "an empty folder of ucf's own",
        freedom: Freedom::Absence,
        paths: &["/var/lib/ucf/cache"],
    },
    // Random, or with a time in them: two installations of the same differ as well.
    Class {
        name: "keys and clusters made at random",
        freedom: Freedom::Content,
        paths: &[
            "/etc/ssl/certs/ssl-cert-snakeoil.pem",
            "/etc/ssl/private/ssl-cert-snakeoil.key",
            "/var/lib/postgresql/*/main/**",
            "/var/lib/mysql/**",
        ],
    },
    Class {
        name: "times inside",
        freedom: Freedom::Content,
        paths: &[
            "/usr/**/__pycache__/*.pyc",
            "/etc/ssl/certs/java/cacerts",
            "/var/cache/fontconfig/*",
            "/var/cache/man/**",
            // The cache's records are compared as `ldconfig -p` tells them.
            "/etc/ld.so.cache",
        ],
    },
];

/// The class of a path that may differ.
pub(crate) fn class(path: &str) -> Option<&'static Class> {
    CLASSES.iter().find(|class| {
        let mut patterns = class.paths.iter();
        patterns.any(|pattern| matches(pattern.as_bytes(), path.as_bytes()))
    })
}

fn matches(pattern: &[u8], path: &[u8]) -> bool {
    match pattern {
        [] => path.is_empty(),
        [b'*', b'*', rest @ ..] => (0..=path.len()).any(|skip| matches(rest, &path[skip..])),
        [b'*', rest @ ..] => {
            let slash = path.iter().position(|byte| *byte == b'/');
            (0..=slash.unwrap_or(path.len())).any(|skip| matches(rest, &path[skip..]))
        }
        [b'[', b'0', b'-', b'9', b']', rest @ ..] => {
            path.first().is_some_and(u8::is_ascii_digit) && matches(rest, &path[1..])
        }
        [letter, rest @ ..] => path.first() == Some(letter) && matches(rest, &path[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, freedom: Option<Freedom>) {
        assert_eq!(class(path).map(|class| class.freedom), freedom, "{path}");
    }

    #[test]
    fn few_paths_are_free() {
        check("/var/log/apt/history.log", Some(Freedom::Absence));
        check("/var/lib/ucf/registry.0", Some(Freedom::Absence));
        check("/var/lib/ucf/registry", None);
        check("/var/lib/ucf/cache", Some(Freedom::Absence));
        check("/var/lib/ucf/cache/:etc:x", None);
        check(
            "/usr/lib/python3/a/__pycache__/b.pyc",
            Some(Freedom::Content),
        );
        check("/usr/lib/python3/a/b.py", None);
        check(
            "/var/lib/postgresql/15/main/base/1/2",
            Some(Freedom::Content),
        );
        check("/var/lib/postgresql/15", None);
        check("/var/cache/fontconfig/a/b", None);
        check("/etc/ssh/sshd_config", None);
    }
}
