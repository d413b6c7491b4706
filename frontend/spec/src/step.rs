//! Steps: commands of a builder or on the user's base, and what they are given.

use source::{Span, Spanned};

use crate::{AgentId, ImagePath, SecretId, VariableName};

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Text for `/bin/sh -e -c`; parameters reach it as variables, never as text.
    pub run: Spanned<String>,
    /// What it can reach.
    pub network: Network,
    /// Folders kept between builds.
    pub cache: Vec<CacheMount>,
    /// Secrets of the client.
    pub secrets: Vec<SecretUse>,
    /// The client's ssh agents.
    pub agents: Vec<Spanned<AgentId>>,
    /// The whole entry.
    pub span: Span,
}

/// What a step can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// The engine's usual network.
    #[default]
    Default,
    /// Nothing.
    None,
}

/// A folder kept between builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheMount {
    /// Names the cache; caches of one id are one.
    pub id: Spanned<String>,
    /// Where steps see it.
    pub path: Spanned<ImagePath>,
}

/// A secret of the client that a step is given, as a file or as a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretUse {
    /// The name the client knows it by.
    pub id: Spanned<SecretId>,
    /// The file; none written means `/run/secrets/<id>`, or no file where there is a variable.
    pub path: Option<Spanned<ImagePath>>,
    /// The variable.
    pub environment: Option<Spanned<VariableName>>,
    /// Whether the step can do without it.
    pub need: Need,
    /// The whole entry.
    pub span: Span,
}

impl SecretUse {
    /// The file that the step finds it in, if any.
    ///
    /// # Panics
    /// Never: an id is one path component.
    pub fn file(&self) -> Option<ImagePath> {
        match (&self.path, &self.environment) {
            (Some(path), _) => Some(path.value.clone()),
            (None, Some(_)) => None,
            (None, None) => {
                let path = ImagePath::new(&format!("/run/secrets/{}", self.id.value));
                Some(path.expect("an id is one path component"))
            }
        }
    }
}

/// Whether something can be done without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Need {
    /// It can.
    #[default]
    Optional,
    /// It cannot: the build fails.
    Required,
}
