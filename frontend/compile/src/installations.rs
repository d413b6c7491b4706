//! Finds the commands that install packages among those that make a file system.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::recipe::{Archived, Operation, Recipe, Tree};

/// The commands below a file system that install packages, each once.
pub(crate) fn installations(tree: &Tree) -> Vec<Archived> {
    let mut found = Found::default();
    found.visit(tree);
    found.commands
}

/// What the installations below some file systems were resolved from, each once.
pub(crate) fn keepers<'a>(trees: impl IntoIterator<Item = &'a Tree>) -> BTreeMap<String, Tree> {
    let mut found = Found::default();
    for tree in trees {
        found.visit(tree);
    }
    let keepers = found
        .commands
        .into_iter()
        .flat_map(|archived| archived.keepers);
    keepers.collect()
}

/// The commands below a file system that install packages.
#[derive(Default)]
struct Found {
    seen: BTreeSet<*const Recipe>,
    commands: Vec<Archived>,
}

impl Found {
    fn visit(&mut self, tree: &Tree) {
        let Some(recipe) = tree.recipe() else { return };
        if !self.seen.insert(Arc::as_ptr(recipe)) {
            return;
        }
        if let Operation::Command(command) = &recipe.operation
            && let Some(archived) = &command.archived
        {
            self.commands.push((**archived).clone());
        }
        for input in recipe.inputs() {
            self.visit(input);
        }
    }
}
