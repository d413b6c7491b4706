//! Texts, spans in them, and diagnostics about them.
//!
//! The first crate of the pipeline: everything a user wrote is held here as a [`SourceFile`] in
//! [`Sources`]; whatever is decoded from it keeps a [`Span`], and whatever is wrong with it becomes a
//! [`Diagnostic`] in [`Diagnostics`]. [`render()`] makes text of one.
//!
//! Deliberately absent: reading files (texts are handed in), and any knowledge of YAML or BuildKit.

mod code;
mod diagnostic;
mod render;
mod span;
mod suggestion;

pub use code::{Code, Severity};
pub use diagnostic::{Diagnostic, Diagnostics, Label, Reported};
pub use render::render;
pub use span::{Position, SourceFile, SourceId, Sources, Span, Spanned};
pub use suggestion::closest;

#[cfg(test)]
mod tests;
