//! Reads a YAML text as a small tree, with the place of every key and value.
//!
//! Built on the events of `granit-parser`. What this format does not use (aliases, anchors, tags,
//! several documents, keys that are not text) is reported here, as are errors of syntax. Text stays as
//! it was written: nothing becomes a number, a boolean or a date.

mod builder;
mod syntax_error;
pub(crate) mod tree;

#[cfg(test)]
mod tests;

use granit_parser::Parser;
use source::{Code, Diagnostic, Diagnostics, SourceId, Span};

use crate::yaml::builder::Builder;
use crate::yaml::tree::Tree;

/// How deeply lists and mappings may be nested; a valid file needs nine levels.
const DEPTH: usize = 64;

/// Reads a text and reports whatever is wrong with it as YAML. Never fails: the tree has what was read
/// before the first error of syntax.
pub(crate) fn parse(diagnostics: &mut Diagnostics, id: SourceId, text: &str) -> Tree {
    let mut options = granit_parser::options! {
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        flow_nesting_limit: DEPTH,
        block_nesting_limit: DEPTH,
    };
    options.set_emit_comments(false);
    let mut builder = Builder::new(diagnostics, id, text);
    let mut error = None;
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, place)) => {
                if builder.take(event, &place).is_break() {
                    break;
                }
            }
            Err(found) => {
                error = Some(found);
                break;
            }
        }
    }
    let Some(error) = error else {
        let root = builder.finish();
        return Tree {
            root,
            broken_at: None,
        };
    };
    let at = builder.offset(error.marker().byte_offset());
    let bracket = builder.open_bracket();
    let hiding = builder.hiding_comment(at);
    let closed = builder.closed_before(at);
    let root = builder.finish();
    let broken_at = Some(Span::new(id, at, at).start);
    if let Some(comment) = hiding {
        let mut diagnostic = Diagnostic::new(
            Code::Yaml,
            comment,
            "this is not YAML: a `#` after a blank begins a comment, which hides the closing bracket",
        );
        diagnostic.help = Some("put quotes around text that contains ` #`".to_owned());
        if let Some(bracket) = bracket {
            diagnostic = diagnostic.label(bracket, "this bracket is not closed");
        }
        diagnostics.push(diagnostic);
        return Tree { root, broken_at };
    }
    let place = syntax_error::locate(text, at);
    let (mut message, mut help) = syntax_error::explain(error.kind());
    if closed.is_some() {
        "something follows a closing bracket".clone_into(&mut message);
        help = Some("put quotes around text that begins with `[` or `{`");
    }
    let mut diagnostic = Diagnostic::new(
        Code::Yaml,
        Span::new(id, place.start, place.end),
        format!("this is not YAML: {message}"),
    );
    diagnostic.help = help.map(str::to_owned);
    if let Some(bracket) = bracket.filter(|bracket| bracket.start as usize != at) {
        diagnostic = diagnostic.label(bracket, "this bracket was opened here");
    }
    diagnostics.push(diagnostic);
    Tree { root, broken_at }
}
