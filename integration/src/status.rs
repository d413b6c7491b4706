//! [`Status`]: how the private engine is, read without starting anything.

use std::fmt;

use anyhow::Result;

use crate::home::Home;
use crate::suite::Suite;
use crate::{daemon, registry};

/// How the private engine is.
#[derive(Clone, Debug)]
pub struct Status {
    /// The socket, if the engine answers there.
    pub engine: Option<String>,
    /// The address, if the registry answers there.
    pub registry: Option<String>,
    /// The bases in the registry.
    pub bases: Vec<Suite>,
}

impl Status {
    /// Asks the engine and the registry, and starts neither.
    ///
    /// # Errors
    /// When the engine's home cannot be determined.
    pub fn read() -> Result<Status> {
        let home = Home::find()?;
        let port = registry::port(&home);
        let registry = port.filter(|_| registry::answers(&home));
        let has = |suite: &Suite| {
            registry
                .is_some_and(|port| registry::has(port, "debian", suite.name()).unwrap_or(false))
        };
        Ok(Status {
            engine: daemon::answers(&home).then(|| daemon::socket(&home).display().to_string()),
            registry: registry.map(|port| format!("127.0.0.1:{port}")),
            bases: Suite::ALL.into_iter().filter(has).collect(),
        })
    }

    /// Whether both the engine and the registry answer.
    pub fn is_up(&self) -> bool {
        self.engine.is_some() && self.registry.is_some()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_down = |place: &Option<String>| place.clone().unwrap_or_else(|| "down".to_owned());
        let bases: Vec<&str> = self.bases.iter().map(|suite| suite.name()).collect();
        let bases = if bases.is_empty() {
            "none".to_owned()
        } else {
            bases.join(" ")
        };
        writeln!(formatter, "engine    {}", or_down(&self.engine))?;
        writeln!(formatter, "registry  {}", or_down(&self.registry))?;
        writeln!(formatter, "bases     {bases}")
    }
}
