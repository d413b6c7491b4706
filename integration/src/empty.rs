//! [`EmptyEngine`]: a second engine with no images and no cache, like an engine on another machine.

use std::fs::File;
use std::ops::Deref;

use anyhow::Result;

use crate::daemon::{self, Store};
use crate::engine::{Engine, Kind};

/// The second engine. Dropping it stops it and removes its data.
#[derive(Debug)]
pub struct EmptyEngine {
    engine: Engine,
    /// Only one may exist at a time.
    _turn: File,
}

impl EmptyEngine {
    /// Starts one beside the first engine, whose programs and registry it shares.
    ///
    /// # Errors
    /// When one that is left from before cannot be removed, or the daemon does not answer.
    ///
    /// # Panics
    /// For the user's engine, whose programs are not ours to start.
    pub fn start(first: &Engine, store: Store) -> Result<EmptyEngine> {
        assert_eq!(first.kind(), Kind::Private, "the first engine is ours");
        let turn = first.home().lock("empty")?;
        let home = first.home().second();
        daemon::remove_home(&home, first.tools())?;
        home.create()?;
        daemon::up(&home, first.tools(), store)?;
        let empty = EmptyEngine {
            engine: first.with_home(home),
            _turn: turn,
        };
        empty.link_buildx()?;
        Ok(empty)
    }
}

impl Deref for EmptyEngine {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        &self.engine
    }
}

impl Drop for EmptyEngine {
    fn drop(&mut self) {
        // Whatever remains is removed by the next empty engine, or when the first engine stops.
        let _ = daemon::remove_home(self.engine.home(), self.engine.tools());
    }
}
