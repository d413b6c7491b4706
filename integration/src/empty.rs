//! [`EmptyEngine`]: a second engine with no images and no cache, as another machine is.

use std::fs::File;
use std::ops::Deref;

use anyhow::Result;

use crate::daemon::Store;
use crate::engine::Engine;
use crate::home::Home;
use crate::process::{Environment, privileged, run};
use crate::tools::Tools;
use crate::{daemon, network};

/// The second engine; ended, and its data removed, when dropped.
#[derive(Debug)]
pub struct EmptyEngine {
    engine: Engine,
    /// One at a time.
    _turn: File,
}

impl EmptyEngine {
    /// Starts one beside the first; the closure makes an engine of its home.
    pub(crate) fn start(
        first: &Home,
        tools: &Tools,
        store: Store,
        engine: impl FnOnce(Home) -> Engine,
    ) -> Result<EmptyEngine> {
        let turn = first.lock("empty")?;
        remove(first, tools)?;
        let home = home_of(first);
        home.create()?;
        network::up(&home, tools)?;
        daemon::up(&home, tools, store)?;
        Ok(EmptyEngine {
            engine: engine(home),
            _turn: turn,
        })
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
        // What stays, the next one and the end of the first engine remove.
        let _ = end(self.engine.home(), self.engine.tools());
    }
}

fn home_of(first: &Home) -> Home {
    first.below("empty")
}

/// Removes the engine beside the first one, if there is one.
pub(crate) fn remove(first: &Home, tools: &Tools) -> Result<()> {
    let home = home_of(first);
    if home.path("").exists() {
        end(&home, tools)?;
    }
    Ok(())
}

fn end(home: &Home, tools: &Tools) -> Result<()> {
    daemon::down(home)?;
    network::down(home, tools)?;
    for folder in home.folders() {
        let mut remove = privileged(&Environment::new(), "rm")?;
        run(remove.args(["-rf", "--one-file-system"]).arg(folder))?;
    }
    Ok(())
}
