//! From a text to what it says: the two entry points.
//!
//! The decoders below walk the tree of [`crate::yaml`] and report everything they find; what they
//! found is put in the order of the text here. A value is given back only when nothing is wrong.

mod arguments;
mod build;
mod extension;
mod image;
mod install;
pub(crate) mod scalar;
pub(crate) mod secrets;
mod source;
mod value;

use std::collections::BTreeMap;

use ::source::{Code, Diagnostic, Diagnostics, SourceId, Sources, Span};

use crate::decode::value::{Label, Value, text};
use crate::{Extension, Image, yaml};

/// Reads a spec, with the defaults of its arguments.
///
/// Every problem of the text is reported, in the order of the text; `None` means that an error was.
/// Never panics, whatever the text.
pub fn parse_image(
    diagnostics: &mut Diagnostics,
    sources: &Sources,
    id: SourceId,
) -> Option<Image> {
    parse_image_with(diagnostics, sources, id, &BTreeMap::new())
}

/// Reads a spec, with values given to its arguments; those it does not declare are not looked at.
///
/// Every problem of the text is reported, in the order of the text; `None` means that an error was.
/// Never panics, whatever the text and the values.
pub fn parse_image_with(
    diagnostics: &mut Diagnostics,
    sources: &Sources,
    id: SourceId,
    given: &BTreeMap<String, String>,
) -> Option<Image> {
    let decode =
        |diagnostics: &mut Diagnostics, value: &Value<'_>| image::image(diagnostics, value, given);
    parse(diagnostics, sources, id, "a spec", "base", decode)
}

/// Reads an extension's file.
///
/// Every problem of the text is reported, in the order of the text; `None` means that an error was.
/// Never panics, whatever the text.
pub fn parse_extension(
    diagnostics: &mut Diagnostics,
    sources: &Sources,
    id: SourceId,
) -> Option<Extension> {
    let decode = |diagnostics: &mut Diagnostics, value: &Value<'_>| {
        extension::extension(diagnostics, value, &text)
    };
    parse(diagnostics, sources, id, "an extension", "name", decode)
}

fn parse<T>(
    diagnostics: &mut Diagnostics,
    sources: &Sources,
    id: SourceId,
    what: &'static str,
    first_key: &str,
    decode: impl FnOnce(&mut Diagnostics, &Value<'_>) -> Option<T>,
) -> Option<T> {
    let text = &sources.get(id).text;
    let mut of_yaml = Diagnostics::new();
    let mut of_content = Diagnostics::new();
    let tree = yaml::parse(&mut of_yaml, id, text);
    let decoded = if let Some(node) = &tree.root {
        let file = Value {
            label: Label::File(what),
            place: node.span,
            node,
        };
        decode(&mut of_content, &file)
    } else {
        let empty = Diagnostic::new(Code::MissingKey, Span::new(id, 0, 0), "the file is empty")
            .help(format!("{what} has at least `{first_key}: …`"));
        of_content.push(empty);
        None
    };
    let mut found: Vec<&Diagnostic> = of_yaml
        .iter()
        .chain(of_content.iter().filter(|diagnostic| {
            tree.broken_at
                .is_none_or(|end| holds_without_the_rest(diagnostic, end))
        }))
        .collect();
    found.sort_by_key(|diagnostic| (diagnostic.primary.start, diagnostic.code));
    let decoded = decoded.filter(|_| !of_yaml.has_errors() && !of_content.has_errors());
    for diagnostic in found {
        diagnostics.push(diagnostic.clone());
    }
    decoded
}

/// Whether a diagnostic about the part before an error of syntax is true of the whole text too:
/// what seems to be missing there may well follow.
fn holds_without_the_rest(diagnostic: &Diagnostic, end: u32) -> bool {
    let is_local = matches!(
        diagnostic.code,
        Code::UnknownKey | Code::PlannedKey | Code::BadChecksum
    );
    is_local && diagnostic.primary.end < end
}
