//! What extensions and the spec say of the image's configuration, united.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Span};
use spec::{Image, ImagePath, VariableName};

use crate::Planned;
use crate::closure::Selected;

pub(crate) struct Settings {
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) path: Vec<ImagePath>,
}

/// Unites variables and search paths; the spec's own win. `ordered` and `planned` are parallel.
pub(crate) fn unite(
    diagnostics: &mut Diagnostics,
    image: &Image,
    ordered: &[Selected],
    planned: &[Planned],
) -> Option<Settings> {
    let mut said: BTreeMap<&VariableName, (String, Span, &Planned)> = BTreeMap::new();
    let mut sound = true;
    for (selected, planned) in ordered.iter().zip(planned) {
        for (name, template) in &selected.found.extension.environment {
            let value = template.value.expand(&planned.parameters);
            if image.environment.contains_key(name) {
                continue;
            }
            match said.get(name) {
                Some((other, span, by)) if *other != value => {
                    diagnostics.push(
                        Diagnostic::new(
                            Code::ConflictingEnvironment,
                            template.span,
                            format!(
                                "extensions `{}` and `{}` set `{name}` to different values",
                                by.name, planned.name
                            ),
                        )
                        .label(*span, format!("`{}` sets it here", by.name))
                        .help(format!(
                            "decide it in the spec: `environment: {{ {name}: … }}`"
                        )),
                    );
                    sound = false;
                }
                Some(_) => {}
                None => {
                    said.insert(name, (value, template.span, planned));
                }
            }
        }
    }
    let mut environment: BTreeMap<String, String> = said
        .into_iter()
        .map(|(name, (value, ..))| (name.to_string(), value))
        .collect();
    for (name, value) in &image.environment {
        environment.insert(name.to_string(), value.value.clone());
    }
    let mut path: Vec<ImagePath> = Vec::new();
    let of_extensions = ordered
        .iter()
        .flat_map(|selected| &selected.found.extension.path);
    for folder in image.path.iter().chain(of_extensions) {
        if !path.contains(&folder.value) {
            path.push(folder.value.clone());
        }
    }
    sound.then_some(Settings { environment, path })
}
