//! The shell scripts that commands run, each a file mounted read-only.
//!
//! As a file rather than as text of the command, so that an error of the engine, which quotes the
//! whole command, shows the user's words and not ours. BuildKit keys a read-only mount by the
//! content that its selector names (`ops/exec.go`): a release with other scripts runs only the
//! commands whose script it changed.

use buildkit_llb::{FileActions, MakeFile, Mount, MountKind, Output, Timestamp};

use crate::LAYER_TIME_SECONDS;
use crate::compilation::Compilation;

/// A script; those with a network begin by trusting the user's certificates.
pub(crate) struct Script {
    name: &'static str,
    text: &'static str,
}

macro_rules! with_certificates {
    ($($file:literal),+) => {
        concat!(include_str!("scripts/certificates.sh"), $("\n", include_str!($file)),+)
    };
}

/// Runs the text of its argument.
pub(crate) const STEP: Script = Script {
    name: "step",
    text: with_certificates!("scripts/step.sh"),
};
/// Runs the text of its first argument, then arranges `$OUT` for a layer; the rest are outputs.
pub(crate) const LAST_STEP: Script = Script {
    name: "last-step",
    text: with_certificates!("scripts/arrange.sh"),
};
/// Installs the Debian packages that its arguments name.
pub(crate) const INSTALL: Script = Script {
    name: "install",
    text: with_certificates!("scripts/root.sh", "scripts/install.sh"),
};
/// Runs the texts of its arguments on the user's base.
pub(crate) const STEPS: Script = Script {
    name: "steps",
    text: with_certificates!("scripts/root.sh", "scripts/steps.sh"),
};
/// Runs a test of an extension.
pub(crate) const TEST: Script = Script {
    name: "test",
    text: include_str!("scripts/test.sh"),
};
/// Describes the root for the joint.
pub(crate) const CAPTURE: Script = Script {
    name: "capture",
    text: include_str!("scripts/capture.sh"),
};
/// Lets bash read fragments.
pub(crate) const HOOK: Script = Script {
    name: "hook",
    text: include_str!("scripts/hook.sh"),
};
/// Fetches a wheel.
pub(crate) const PYPI: Script = Script {
    name: "pypi",
    text: with_certificates!("scripts/pypi.sh"),
};
/// Fetches a package of npm.
pub(crate) const NPM: Script = Script {
    name: "npm",
    text: with_certificates!("scripts/npm.sh"),
};
/// Fetches a crate and its locked dependencies.
pub(crate) const CRATE: Script = Script {
    name: "crate",
    text: with_certificates!("scripts/crate.sh"),
};

impl Script {
    /// The command that runs it, and the mount that the command needs.
    pub(crate) fn command(
        &self,
        compilation: &mut Compilation<'_>,
        arguments: &[&str],
    ) -> (Vec<String>, Mount) {
        let file = format!("/{}", self.name);
        let mut script = MakeFile::new(file.as_str(), 0o644, self.text);
        script.time = Some(Timestamp::from_seconds(LAYER_TIME_SECONDS));
        let mut about = compilation.about(format!("[internal] script {}", self.name), &[]);
        // Never run again: see `Compilation::image`.
        about.ignore_cache = false;
        let actions = FileActions::on(Output::SCRATCH).make_file(script);
        let input = compilation.graph.file(actions, about);
        let destination = format!("/run/inlay/{}", self.name);
        let command = ["/bin/sh", "-e", destination.as_str()];
        let command = command
            .iter()
            .chain(arguments)
            .map(|text| (*text).to_owned())
            .collect();
        let kind = MountKind::Bind {
            input,
            selector: file,
            readonly: true,
            output: false,
        };
        (command, Mount { destination, kind })
    }
}
