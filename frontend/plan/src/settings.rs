//! What extensions and the spec say of the image's configuration, combined.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Span};
use spec::{Image, ImagePath, VariableName};

use crate::Planned;
use crate::order::Ordered;

pub(crate) struct Settings {
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) path: Vec<ImagePath>,
}

/// Combines variables and search paths; the spec's own win. Two extensions that set one variable to
/// different values are reported.
pub(crate) fn combine(
    diagnostics: &mut Diagnostics,
    image: &Image,
    extensions: &[(&Ordered, Planned)],
) -> Settings {
    // Where the spec itself has an error, the value that settles a conflict may be what was left out.
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
                    let help = format!("decide it in the spec: `environment: {{ {name}: … }}`");
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
