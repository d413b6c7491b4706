//! The shell scripts that commands run. Each is a file that is mounted read-only.
//!
//! A script is a file rather than part of the command's text: errors of the engine quote the whole command, and
//! should show the user's words and not ours. BuildKit keys a read-only mount by the content that its selector
//! names (`ops/exec.go`), so a release with other scripts only runs again the commands whose scripts have
//! changed.

use spec::contract::RUN;

/// A script. Scripts that may use a network first trust the user's certificates.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

macro_rules! with_certificates {
    ($($file:literal),+) => {
        concat!(include_str!("scripts/certificates.sh"), $("\n", include_str!($file)),+)
    };
}

/// Runs the text in its argument.
pub(crate) static STEP: Script = Script {
    name: "step",
    text: with_certificates!("scripts/part.sh", "scripts/step.sh"),
};
/// Runs the text in its first argument, then arranges `$OUT` as a layer. The other arguments are the outputs.
pub(crate) static LAST_STEP: Script = Script {
    name: "last-step",
    text: with_certificates!("scripts/part.sh", "scripts/arrange.sh"),
};
/// Installs the Debian packages that its arguments name.
pub(crate) static INSTALL: Script = Script {
    name: "install",
    text: with_certificates!(
        "scripts/part.sh",
        "scripts/root.sh",
        "scripts/downloads.sh",
        "scripts/apt.sh",
        "scripts/install.sh"
    ),
};
/// Runs the texts in its arguments on the user's base.
pub(crate) static STEPS: Script = Script {
    name: "steps",
    text: with_certificates!("scripts/part.sh", "scripts/root.sh", "scripts/steps.sh"),
};
/// Runs a test of an extension.
pub(crate) static TEST: Script = Script {
    name: "test",
    text: include_str!("scripts/test.sh"),
};
/// Fetches a wheel.
pub(crate) static PYPI: Script = Script {
    name: "pypi",
    text: with_certificates!("scripts/pypi.sh"),
};
/// Fetches a package from npm's registry.
pub(crate) static NPM: Script = Script {
    name: "npm",
    text: with_certificates!("scripts/npm.sh"),
};
/// Fetches a crate and its locked dependencies.
pub(crate) static CRATE: Script = Script {
    name: "crate",
    text: with_certificates!("scripts/crate.sh"),
};

/// The scripts that each download and check one thing.
pub(crate) static DOWNLOADS: [&Script; 3] = [&PYPI, &NPM, &CRATE];

impl Script {
    /// The path at which commands find it.
    pub(crate) fn path(&self) -> String {
        format!("{RUN}/{}", self.name)
    }
}
