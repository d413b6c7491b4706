//! The complete list of paths that may differ between two equal systems, with the reasons.
//!
//! Databases are not listed, because they are compared by their records.

/// How a path may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freedom {
    /// It may hold other bytes; type, mode and owner are compared.
    Content,
    /// It may hold other bytes, or be only in the reference, because inlay removes it from every layer.
    Absence,
}

/// Paths that may differ for one reason.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Class {
    pub(crate) name: &'static str,
    pub(crate) freedom: Freedom,
    /// Patterns in which `*` matches any bytes but slashes, and `**` any bytes.
    paths: &'static [&'static str],
}

const CLASSES: &[Class] = &[
    // No layer holds these, and those of the base stay as they are: docs/isolation.md.
    Class {
        name: "logs",
        freedom: Freedom::Absence,
        paths: &["/var/log/**"],
    },
    Class {
        name: "temporary files",
        freedom: Freedom::Absence,
        paths: &["/tmp/**", "/var/tmp/**"],
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
    // ucf makes this folder when it is first called. The script of libsensors5 calls ucf only if it is
    // already installed, to forget a file that nobody has.
    Class {
        name: "an empty folder of ucf's own",
        freedom: Freedom::Absence,
        paths: &["/var/lib/ucf/cache"],
    },
    // These are random or contain a time, so that two equal installations differ as well.
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
            // The records of this cache are compared as `ldconfig -p` prints them.
            "/etc/ld.so.cache",
        ],
    },
];

/// Finds the class of a path that may differ.
pub(crate) fn find_class(path: &str) -> Option<&'static Class> {
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
        assert_eq!(
            find_class(path).map(|class| class.freedom),
            freedom,
            "{path}"
        );
    }

    #[test]
    fn few_paths_may_differ() {
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
