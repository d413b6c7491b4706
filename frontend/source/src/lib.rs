//! Texts, spans in them, and diagnostics about them.
//!
//! This is the first crate of the pipeline. It holds everything that a user wrote, each text as a
//! [`SourceFile`] in [`Sources`]. What is decoded from a text keeps its [`Span`], and what is wrong with
//! it becomes a [`Diagnostic`] in [`Diagnostics`], which [`render()`] turns into text.
//!
//! Deliberately absent: reading files (the caller hands in texts), and any knowledge of YAML or BuildKit.

mod code;
mod diagnostic;
mod render;
mod shown;
mod span;
mod suggestion;

pub use code::{Code, Severity};
pub use diagnostic::{Diagnostic, Diagnostics, Label, Reported};
pub use render::render;
pub use shown::{has_credentials, printable, redacted, shown};
pub use span::{Position, SourceFile, SourceId, Sources, Span, Spanned};
pub use suggestion::closest;

#[cfg(test)]
mod tests;
