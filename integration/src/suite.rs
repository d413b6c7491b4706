//! [`Suite`]: the releases of Debian that bases are made of.

use std::str::FromStr;

use anyhow::{Result, anyhow};

/// A release of Debian that a base can be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suite {
    /// Debian 12.
    Bookworm,
    /// Debian 13.
    Trixie,
}

impl Suite {
    /// All of them, oldest first.
    pub const ALL: [Suite; 2] = [Suite::Bookworm, Suite::Trixie];

    /// The name in archives and tags.
    pub fn name(self) -> &'static str {
        match self {
            Suite::Bookworm => "bookworm",
            Suite::Trixie => "trixie",
        }
    }

    /// The reference of the official image: `debian:bookworm`.
    pub fn public_reference(self) -> String {
        format!("debian:{}", self.name())
    }
}

impl FromStr for Suite {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Suite> {
        Suite::ALL
            .into_iter()
            .find(|suite| suite.name() == name)
            .ok_or_else(|| anyhow!("the suite must be `bookworm` or `trixie`, not `{name}`"))
    }
}
