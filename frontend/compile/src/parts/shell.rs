//! The hook through which interactive bash reads fragments.
//!
//! A function of the base alone: fragments are files of their own, and this one place reads all of
//! them, whichever there are.

use crate::parts::Ground;
use crate::recipe::{Command, Label, Line, Tree, Variables};
use crate::scripts;

/// What the history entry of the hook's layer says.
pub(crate) const CREATED_BY: &str = "let bash read /etc/inlay/bash.d";

/// The line of the hook in a client's progress.
pub(crate) const LINE: Line = Line::Titled("[shell] let bash read /etc/inlay/bash.d");

/// A root with the hook in it.
pub(crate) fn hook(ground: Ground<'_>, root: Tree) -> Tree {
    let mut command = Command::script(root, &scripts::HOOK, []);
    command.variables = Variables::of(ground.base);
    command.variables.set_command_time("INLAY_EPOCH");
    command.network = spec::Network::None;
    let label = Label::shared(format!("[shell] {CREATED_BY}"), &[]).on(LINE);
    Tree::run(label, command)
}
