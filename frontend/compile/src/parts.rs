//! Makes the recipes for the parts of one extension, as functions of the base, the extension and what it
//! requires.

pub(crate) mod builder;
pub(crate) mod content;
pub(crate) mod fetch;
pub(crate) mod packages;
pub(crate) mod program;
mod repositories;
mod secrets;
pub(crate) mod shell;
pub(crate) mod steps;

use source::Spanned;
use spec::contract::CERTIFICATES;
use spec::{ImageReference, SnapshotTime};

use crate::known::Known;
use crate::recipe::{Label, Mounted, Operation, Tree};

/// All that a part may know about the image.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground<'a> {
    /// The user's base.
    pub(crate) base: &'a ImageReference,
    /// The architecture, as OCI names it.
    pub(crate) architecture: &'a str,
    /// When the archives of Debian packages are looked at; `None` = now.
    pub(crate) snapshot: Option<&'a Spanned<SnapshotTime>>,
    /// What is known about packages.
    pub(crate) known: &'a Known,
}

impl<'a> Ground<'a> {
    /// What parts may know about the image of a plan.
    pub(crate) fn of(plan: &'a plan::Plan, known: &'a Known) -> Self {
        Self {
            base: &plan.base.value,
            architecture: &plan.architecture,
            snapshot: plan.snapshot.as_ref(),
            known,
        }
    }

    /// The recipe for an image of the plan. `spans` are the places that ask for it.
    pub(crate) fn image(self, image: &ImageReference, spans: &[source::Span]) -> Tree {
        let kind = if image == self.base {
            "base"
        } else {
            "builder"
        };
        let label = Label::constant(format!("[{kind}] {image}"), spans);
        Tree::made(label, Operation::Image(image.clone()))
    }
}

/// The certificates that commands with a network trust, if the build was given any
/// (`--secret id=inlay-ca,src=…`). The value of a secret is not part of any cache key.
pub(crate) fn certificates() -> Mounted {
    Mounted::optional_secret("inlay-ca", CERTIFICATES)
}

/// The first line of a command that is not blank, shortened for display. A password is left out before, since it
/// could not be recognized in half an address.
pub(crate) fn first_line(run: &str) -> String {
    let run = source::redacted(run);
    let line = run
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let mut cut: String = line.chars().take(72).collect();
    if cut.len() < line.len() || run.trim().lines().count() > 1 {
        cut.push_str(" …");
    }
    cut
}
