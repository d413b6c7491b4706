//! The program `reconcile`, which is in the frontend's own image.

use crate::recipe::{Label, Line, Mounted, Operation, Tree};

/// The path of the program in commands.
pub(crate) const PROGRAM: &str = "/run/inlay/reconcile";

/// The program `reconcile`, mounted from the frontend's own image.
pub(crate) fn program() -> Mounted {
    let label = Label::shared("[internal] the frontend's own image", &[]).on(Line::Hidden);
    let tree = Tree::made(label, Operation::Frontend);
    Mounted::path(PROGRAM, tree, "/reconcile")
}
