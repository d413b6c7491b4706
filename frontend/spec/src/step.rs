//! Steps: the commands of a builder or on the user's base, and what they are given.

use source::{Span, Spanned};

use crate::{AgentId, CacheId, ImagePath, SecretId, VariableName};

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Shell text for `/bin/sh -e -c`. Parameters reach it as variables and are never put into the text.
    pub run: Spanned<String>,
    /// What it can reach over the network.
    pub network: Network,
    /// Folders that are kept between builds.
    pub cache: Vec<CacheMount>,
    /// Secrets of the client.
    pub secrets: Vec<SecretUse>,
    /// The client's ssh agents.
    pub agents: Vec<Spanned<AgentId>>,
    /// The whole entry.
    pub span: Span,
}

/// What a step can reach over the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// Whatever the engine usually lets it reach.
    #[default]
    Default,
    /// Nothing.
    None,
}

/// A folder that is kept between builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheMount {
    /// Its id. Caches with the same id are shared.
    pub id: Spanned<CacheId>,
    /// Where steps see it.
    pub path: Spanned<ImagePath>,
}

/// A secret of the client that a step is given, as a file or as a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretUse {
    /// The id that the client gives it.
    pub id: Spanned<SecretId>,
    /// The file that holds it; `None` means `/run/secrets/<id>`, or no file if a variable holds it.
    pub path: Option<Spanned<ImagePath>>,
    /// The variable that holds it.
    pub environment: Option<Spanned<VariableName>>,
    /// Whether the step can run without it.
    pub need: Need,
    /// The whole entry.
    pub span: Span,
}

impl SecretUse {
    /// The file in which the step finds it, if there is one.
    ///
    /// # Panics
    ///
    /// Never, because an id is one path component.
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

/// Whether something is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Need {
    /// The step can run without it.
    #[default]
    Optional,
    /// Without it, the build fails.
    Required,
}
