//! The hook through which interactive bash reads the fragments of extensions, for images that are made in one root.
//!
//! Each fragment is a file of its own, and the hook reads whichever files there are. In other images the joint adds it.

use crate::parts::Ground;
use crate::parts::program::{PROGRAM, program};
use crate::recipe::{Command, Label, Line, Program, Tree, Variables};

/// The text of the history entry for the hook's layer.
pub(crate) const CREATED_BY: &str = "let bash read /etc/inlay/bash.d";

/// The line that shows the hook in a client's progress.
const LINE: Line = Line::Titled("[shell] let bash read /etc/inlay/bash.d");

/// Puts the hook into a root.
pub(crate) fn hook(ground: Ground<'_>, root: Tree) -> Tree {
    let arguments = [PROGRAM, "--hook"].map(str::to_owned);
    let mut command = Command::new(root, Program::Arguments(arguments.into()));
    command.variables = Variables::of(ground.base);
    command.variables.set_command_time("EPOCH");
    command.mounts = vec![program()];
    command.network = spec::Network::None;
    let label = Label::shared(format!("[shell] {CREATED_BY}"), &[]).on(LINE);
    Tree::run(label, command)
}
