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
    /// Whether a variable holds it. The command then has one input less.
    ///
    /// An engine before BuildKit 0.32 that has just made a file for one command does not find another command with
    /// the same file in its cache by what makes the file (`solver/edge.go`, `processExecReq`), and reads the content
    /// of the file otherwise, which it reports as a cancelled run if it finds the command before it has. Packages are
    /// asked for in several solves of one build, so this would happen to each of them.
    pub(crate) is_in_environment: bool,
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
    is_in_environment: false,
};
/// Runs the text in its first argument, then arranges `$OUT` as a layer. The other arguments are the outputs.
pub(crate) static LAST_STEP: Script = Script {
    name: "last-step",
    text: with_certificates!("scripts/part.sh", "scripts/arrange.sh"),
    is_in_environment: false,
};
/// Fetches package lists.
pub(crate) static LISTS: Script = Script {
    name: "fetch-lists",
    text: with_certificates!("scripts/part.sh", "scripts/apt.sh", "scripts/lists.sh"),
    is_in_environment: true,
};
/// Asks apt what it would install for the packages that its arguments name.
pub(crate) static RESOLVE: Script = Script {
    name: "resolve-packages",
    text: concat!(
        include_str!("scripts/part.sh"),
        "\n",
        include_str!("scripts/apt.sh"),
        "\n",
        include_str!("scripts/resolve.sh")
    ),
    is_in_environment: true,
};
/// Fetches the packages of a list.
pub(crate) static FETCH: Script = Script {
    name: "fetch-packages",
    text: with_certificates!(
        "scripts/part.sh",
        "scripts/apt.sh",
        "scripts/downloads.sh",
        "scripts/fetch.sh"
    ),
    is_in_environment: true,
};
/// Installs exactly the packages of a list.
pub(crate) static INSTALL: Script = Script {
    name: "install",
    text: concat!(
        include_str!("scripts/part.sh"),
        "\n",
        include_str!("scripts/root.sh"),
        "\n",
        include_str!("scripts/apt.sh"),
        "\n",
        include_str!("scripts/install.sh")
    ),
    is_in_environment: false,
};
/// Runs the texts in its arguments on the user's base.
pub(crate) static STEPS: Script = Script {
    name: "steps",
    text: with_certificates!("scripts/part.sh", "scripts/root.sh", "scripts/steps.sh"),
    is_in_environment: false,
};
/// Runs a test of an extension.
pub(crate) static TEST: Script = Script {
    name: "test",
    text: include_str!("scripts/test.sh"),
    is_in_environment: false,
};
/// Fetches a wheel.
pub(crate) static PYPI: Script = Script {
    name: "pypi",
    text: with_certificates!("scripts/checked.sh", "scripts/pypi.sh"),
    is_in_environment: false,
};
/// Fetches a package from npm's registry.
pub(crate) static NPM: Script = Script {
    name: "npm",
    text: with_certificates!("scripts/checked.sh", "scripts/npm.sh"),
    is_in_environment: false,
};
/// Fetches a crate and its locked dependencies.
pub(crate) static CRATE: Script = Script {
    name: "crate",
    text: with_certificates!("scripts/checked.sh", "scripts/crate.sh"),
    is_in_environment: false,
};
/// Computes the checksum of a file.
pub(crate) static CHECKSUM: Script = Script {
    name: "checksum",
    text: concat!(
        include_str!("scripts/checked.sh"),
        "\n",
        include_str!("scripts/checksum.sh")
    ),
    is_in_environment: false,
};

/// The scripts that each download and check one thing.
pub(crate) static DOWNLOADS: [&Script; 3] = [&PYPI, &NPM, &CRATE];

impl Script {
    /// The path at which commands find it.
    pub(crate) fn path(&self) -> String {
        format!("{RUN}/{}", self.name)
    }
}
