//! How a build uses the lock beside its spec: `INLAY_LOCK`.

use std::collections::BTreeSet;

use gateway::Failure;
use source::closest;
use spec::ExtensionName;

/// How a build uses the lock beside its spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LockMode {
    /// If there is one, as far as it matches the spec.
    Used,
    /// There must be one, and it must match the spec.
    Locked,
    /// There must be one. It is used as it is, even if the spec asks for something else.
    Frozen,
    /// Not for these extensions; none = for nothing.
    Upgrade(BTreeSet<ExtensionName>),
}

impl LockMode {
    /// Reads the value of `INLAY_LOCK`.
    pub(crate) fn read(value: &str) -> Result<Self, Failure> {
        match value {
            "" => Ok(Self::Used),
            "locked" => Ok(Self::Locked),
            "frozen" => Ok(Self::Frozen),
            "upgrade" => Ok(Self::Upgrade(BTreeSet::new())),
            _ => {
                let Some(names) = value.strip_prefix("upgrade=") else {
                    let help = match closest(value, ["locked", "frozen", "upgrade"]) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "it is `locked`, `frozen`, `upgrade` or `upgrade=NAME`".to_owned(),
                    };
                    return Err(Failure::new(format!(
                        "--build-arg INLAY_LOCK `{value}` is not known; {help}"
                    )));
                };
                let names = names.split(',').map(|name| {
                    ExtensionName::new(name).map_err(|form| {
                        Failure::new(format!(
                            "--build-arg INLAY_LOCK `{value}`: `{name}` is not a valid extension name: {form}"
                        ))
                    })
                });
                Ok(Self::Upgrade(names.collect::<Result<_, _>>()?))
            }
        }
    }

    /// Whether the lock is not used at all.
    pub(crate) fn upgrades_all(&self) -> bool {
        matches!(self, Self::Upgrade(names) if names.is_empty())
    }

    /// Whether there must be a lock that has everything.
    pub(crate) fn is_strict(&self) -> bool {
        matches!(self, Self::Locked | Self::Frozen)
    }
}
