//! The hook through which interactive bash reads the fragments of extensions.
//!
//! It is a function of the base alone: each fragment is a file of its own, and the hook reads whichever files
//! there are.

use crate::parts::Ground;
use crate::recipe::{Command, Label, Line, Tree, Variables};
use crate::scripts;

/// The text of the history entry for the hook's layer.
pub(crate) const CREATED_BY: &str = "let bash read /etc/inlay/bash.d";

/// The line that shows the hook in a client's progress.
pub(crate) const LINE: Line = Line::Titled("[shell] let bash read /etc/inlay/bash.d");

/// Puts the hook into a root.
pub(crate) fn hook(ground: Ground<'_>, root: Tree) -> Tree {
    let mut command = Command::script(root, &scripts::HOOK, []);
    command.variables = Variables::of(ground.base);
    command.variables.set_command_time("INLAY_EPOCH");
    command.network = spec::Network::None;
    let label = Label::shared(format!("[shell] {CREATED_BY}"), &[]).on(LINE);
    Tree::run(label, command)
}
