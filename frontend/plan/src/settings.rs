//! Combines what extensions and the spec say about the image's configuration.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Span};
use spec::{Image, ImagePath, VariableName};

use crate::Planned;
use crate::order::Ordered;

/// The variables and the search path of an image.
pub(crate) struct Settings {
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) path: Vec<ImagePath>,
}

/// Combines variables and search paths. Those of the spec itself win. Two extensions that set one variable to
/// different values are reported.
pub(crate) fn combine(
    diagnostics: &mut Diagnostics,
    image: &Image,
    extensions: &[(&Ordered, Planned)],
) -> Settings {
    // If the spec itself has an error, a value that would resolve a conflict may have been left out.
    let is_sound = !diagnostics.is_reported_within(Span {
        start: 0,
        end: u32::MAX,
        ..image.base.span
    });
    let mut seen: BTreeMap<&VariableName, (String, Span, &Planned)> = BTreeMap::new();
    for (ordered, planned) in extensions {
        for (name, template) in &ordered.selected.found.extension.environment {
            let value = template.value.expand(&planned.parameters);
            if image.environment.contains_key(name) {
                continue;
            }
            match seen.get(name) {
                Some((other, span, by)) if *other != value && is_sound => {
                    let message = format!(
                        "extensions `{}` and `{}` set `{name}` to different values",
                        by.name, planned.name
                    );
                    let help = format!("set it in the spec: `environment: {{ {name}: … }}`");
                    diagnostics.push(
                        Diagnostic::new(Code::ConflictingEnvironment, template.span, message)
                            .label(*span, format!("`{}` sets it here", by.name))
                            .help(help),
                    );
                }
                Some(_) => {}
                None => {
                    seen.insert(name, (value, template.span, planned));
                }
            }
        }
    }
    let mut environment: BTreeMap<String, String> = seen
        .into_iter()
        .map(|(name, (value, ..))| (name.to_string(), value))
        .collect();
    for (name, value) in &image.environment {
        environment.insert(name.to_string(), value.value.clone());
    }
    let of_image = image.path.iter().map(|folder| &folder.value);
    let of_extensions = extensions.iter().flat_map(|(_, planned)| &planned.path);
    let mut path: Vec<ImagePath> = Vec::new();
    for folder in of_image.chain(of_extensions) {
        if !path.contains(folder) {
            path.push(folder.clone());
        }
    }
    Settings { environment, path }
}
