//! The entry points: they read a text and return what it says.
//!
//! The decoders in this folder walk the tree of [`crate::yaml`] and report every problem that they find.
//! Here the problems are put into the order of the text.

mod arguments;
mod build;
mod check;
mod extension;
mod fields;
mod image;
mod install;
mod mounts;
mod phrase;
pub(crate) mod scalar;
pub(crate) mod secrets;
mod source;
mod step;
mod template;
mod uses;
mod value;

use std::collections::BTreeMap;

use ::source::{Code, Diagnostic, Diagnostics, Reported, SourceId, Sources, Span};

use crate::decode::extension::read_extension;
use crate::decode::image::read_image;
use crate::decode::value::{Label, Value, read_text};
use crate::{Extension, Image, yaml};

/// Reads a spec, with the defaults of its arguments.
///
/// Every problem in the text is reported, in the order of the text. `Ok` means that there is something
/// to go on with, *even though errors may have been reported*: the parts with errors are left out.
/// Callers must look at [`Diagnostics::has_errors`] before they act on the spec. `Err` means that
/// nothing useful was decoded: the text is not YAML or not a mapping, or it has no valid `base`.
///
/// Never panics, whatever the text.
pub fn parse_image(
    diagnostics: &mut Diagnostics,
    sources: &Sources,
    id: SourceId,
) -> Result<Image, Reported> {
    parse_image_with(diagnostics, sources, id, &BTreeMap::new())
}

/// Reads a spec, with the given values for its arguments. Values for arguments that it does not declare
/// are ignored.
///
/// The result and the reports are those of [`parse_image`]. Never panics, whatever the text and the
/// values.
pub fn parse_image_with(
    diagnostics: &mut Diagnostics,
    sources: &Sources,
    id: SourceId,
    given: &BTreeMap<String, String>,
) -> Result<Image, Reported> {
    let decode =
        |diagnostics: &mut Diagnostics, value: Value<'_>| read_image(diagnostics, value, given);
    parse(diagnostics, sources, id, "a spec", "base", decode)
}

/// Reads an extension's file.
///
/// The result and the reports are those of [`parse_image`], except that an extension needs a valid `name`
/// in place of `base`. Never panics, whatever the text.
pub fn parse_extension(
    diagnostics: &mut Diagnostics,
    sources: &Sources,
    id: SourceId,
) -> Result<Extension, Reported> {
    let decode = |diagnostics: &mut Diagnostics, value: Value<'_>| {
        read_extension(diagnostics, value, &read_text)
    };
    parse(diagnostics, sources, id, "an extension", "name", decode)
}

fn parse<T>(
    diagnostics: &mut Diagnostics,
    sources: &Sources,
    id: SourceId,
    what: &'static str,
    first_key: &str,
    decode: impl FnOnce(&mut Diagnostics, Value<'_>) -> Result<T, Reported>,
) -> Result<T, Reported> {
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
        decode(&mut of_content, file)
    } else {
        let empty = Diagnostic::new(Code::MissingKey, Span::new(id, 0, 0), "the file is empty")
            .help(format!("{what} has at least `{first_key}: …`"));
        of_content.push(empty);
        Err(Reported)
    };
    let mut found: Vec<&Diagnostic> = of_yaml
        .iter()
        .chain(of_content.iter().filter(|diagnostic| {
            tree.broken_at
                .is_none_or(|end| holds_without_the_rest(diagnostic, end))
        }))
        .collect();
    found.sort_by_key(|diagnostic| (diagnostic.primary.start, diagnostic.code));
    for diagnostic in found {
        diagnostics.push(diagnostic.clone());
    }
    // After an error of syntax, nobody knows what the text says: the rest could change everything.
    if tree.broken_at.is_some() {
        return Err(Reported);
    }
    decoded
}

/// Whether a diagnostic about the part before an error of syntax also holds for the whole text. What
/// seems to be missing may well be written after the error.
fn holds_without_the_rest(diagnostic: &Diagnostic, end: u32) -> bool {
    let is_local = matches!(
        diagnostic.code,
        Code::UnknownKey | Code::PlannedKey | Code::BadChecksum
    );
    is_local && diagnostic.primary.end < end
}
