//! Selects the extensions of an image: those that it uses, and those that they require.

use std::collections::{BTreeMap, BTreeSet};

use source::{Code, Diagnostic, Diagnostics, Span, Spanned, closest};
use spec::{ExtensionName, Image, ParameterName, Use, Used, literal_pattern};

use crate::{Catalogue, Found, Origin, Wanted};

/// An extension that is in the image, and why it is.
#[derive(Debug, Clone)]
pub(crate) struct Selected {
    pub(crate) found: Found,
    pub(crate) with: BTreeMap<ParameterName, Spanned<String>>,
    /// Extensions of the image that the spec puts it on.
    pub(crate) after: Vec<Spanned<ExtensionName>>,
    /// The entry of the user's list, or the requirement that added it.
    pub(crate) cause: Span,
    /// Whether another entry uses it in another way. This has been reported, and nothing else is reported about
    /// the extension, since it is unclear which of the two was meant.
    pub(crate) is_contested: bool,
}

/// The result of a pass over uses and requirements.
pub(crate) struct Selection {
    /// The extensions that have to be looked for before the selection is complete.
    pub(crate) need: BTreeSet<Wanted>,
    /// The extensions that were found.
    pub(crate) selected: BTreeMap<ExtensionName, Selected>,
}

/// Follows uses and requirements as far as the catalogue goes.
///
/// An extension that does not exist is reported, and the others are still followed, so that all
/// mistakes can be reported at once.
pub(crate) fn select(
    diagnostics: &mut Diagnostics,
    image: &Image,
    catalogue: &Catalogue,
) -> Selection {
    let mut selected = BTreeMap::new();
    let mut need = BTreeSet::new();
    // An extension that could not be read may have any name.
    let mut has_unread = false;
    for used in &image.extensions {
        match look_up(catalogue, used) {
            Lookup::Found(found) => add(diagnostics, &mut selected, used, *found),
            Lookup::Need(wanted) => {
                need.insert(wanted);
            }
            Lookup::Absent(wanted, span) => {
                report_absent(diagnostics, catalogue, image, &wanted, (span, None));
            }
            Lookup::Broken => has_unread = true,
        }
    }
    if need.is_empty() {
        // A folder that was not read yet may satisfy a requirement, so requirements wait for folders.
        need = add_requirements(diagnostics, image, catalogue, &mut selected);
    }
    if need.is_empty() && !has_unread {
        for extension in selected.values().filter(|one| !one.is_contested) {
            extension.check_after(diagnostics, &selected);
        }
    }
    Selection { need, selected }
}

/// Adds what the selected extensions require, and returns what has to be looked for.
fn add_requirements(
    diagnostics: &mut Diagnostics,
    image: &Image,
    catalogue: &Catalogue,
    selected: &mut BTreeMap<ExtensionName, Selected>,
) -> BTreeSet<Wanted> {
    let mut need = BTreeSet::new();
    let mut waiting: Vec<ExtensionName> = selected.keys().cloned().collect();
    while let Some(name) = waiting.pop() {
        if selected[&name].is_contested {
            continue;
        }
        let requirements = selected[&name].found.extension.requires.clone();
        for requirement in requirements {
            if selected.contains_key(&requirement.value) {
                continue;
            }
            let wanted = Wanted::Named(requirement.value.clone());
            if let Some(found) = catalogue.get(&wanted) {
                check_name(diagnostics, &requirement, found);
                waiting.push(requirement.value.clone());
                let new = Selected {
                    found: found.clone(),
                    with: BTreeMap::new(),
                    after: Vec::new(),
                    cause: requirement.span,
                    is_contested: false,
                };
                selected.insert(requirement.value, new);
            } else if catalogue.is_absent(&wanted) {
                let place = (requirement.span, Some(&name));
                report_absent(diagnostics, catalogue, image, &wanted, place);
            } else if !catalogue.is_broken(&wanted) {
                need.insert(wanted);
            }
        }
    }
    need
}

/// What the catalogue knows of a use.
enum Lookup {
    Found(Box<Found>),
    Need(Wanted),
    Absent(Wanted, Span),
    Broken,
}

fn look_up(catalogue: &Catalogue, used: &Use) -> Lookup {
    let (wanted, span) = match &used.used {
        Used::Inline(extension) => {
            return Lookup::Found(Box::new(Found {
                extension: (**extension).clone(),
                origin: Origin::Inline,
            }));
        }
        Used::Named(name) => (Wanted::Named(name.value.clone()), name.span),
        Used::Folder(folder) => (Wanted::Folder(folder.value.clone()), folder.span),
    };
    match catalogue.get(&wanted) {
        Some(found) => Lookup::Found(Box::new(found.clone())),
        None if catalogue.is_absent(&wanted) => Lookup::Absent(wanted, span),
        None if catalogue.is_broken(&wanted) => Lookup::Broken,
        None => Lookup::Need(wanted),
    }
}

/// Adds the extension of a use, and reports it if another use has the same extension.
fn add(
    diagnostics: &mut Diagnostics,
    selected: &mut BTreeMap<ExtensionName, Selected>,
    used: &Use,
    found: Found,
) {
    if let Used::Named(name) = &used.used
        && !check_name(diagnostics, name, &found)
    {
        return;
    }
    let name = found.extension.name.value.clone();
    let new = Selected {
        found,
        with: used.with.clone(),
        after: used.after.clone(),
        cause: used.span,
        is_contested: false,
    };
    let Some(other) = selected.get_mut(&name) else {
        selected.insert(name, new);
        return;
    };
    // The later place is the primary one, whichever of the two was seen first.
    let (first, second) = (other.cause.min(new.cause), other.cause.max(new.cause));
    let diagnostic = if has_same_values(other, &new) && other.found == new.found {
        let message = format!("extension `{name}` is listed twice");
        Diagnostic::new(Code::DuplicateUse, second, message).help("remove one of the two entries")
    } else {
        other.is_contested = true;
        let message = format!("extension `{name}` is used twice, in different ways");
        Diagnostic::new(Code::ConflictingUse, second, message)
            .help("an image can have each extension only once: keep one of the two entries")
    };
    diagnostics.push(diagnostic.label(first, "the other entry"));
}

fn has_same_values(left: &Selected, right: &Selected) -> bool {
    let values = |of: &Selected| -> Vec<(ParameterName, String)> {
        let values = of.with.iter();
        values
            .map(|(name, value)| (name.clone(), value.value.clone()))
            .collect()
    };
    let after = |of: &Selected| -> BTreeSet<ExtensionName> {
        of.after.iter().map(|name| name.value.clone()).collect()
    };
    values(left) == values(right) && after(left) == after(right)
}

impl Selected {
    /// What it is put on: what it requires, then what the spec puts it after.
    pub(crate) fn below(&self) -> impl Iterator<Item = &Spanned<ExtensionName>> {
        self.found.extension.requires.iter().chain(&self.after)
    }

    /// Reports those of `after` that the image does not have.
    fn check_after(
        &self,
        diagnostics: &mut Diagnostics,
        selected: &BTreeMap<ExtensionName, Selected>,
    ) {
        for below in &self.after {
            if selected.contains_key(&below.value) {
                continue;
            }
            let own = &self.found.extension.name.value;
            let message = format!(
                "`{own}` is to come after `{}`, which is not in the image",
                below.value
            );
            let others = selected.keys().filter(|name| *name != own);
            let help = match closest(below.value.as_str(), others.map(ExtensionName::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "add `{}` to `extensions`, or leave `after` out",
                    below.value
                ),
            };
            let diagnostic = Diagnostic::new(Code::UnknownExtension, below.span, message);
            diagnostics.push(diagnostic.help(help));
        }
    }
}

/// Checks that an extension has the name under which it is used, and reports it if not.
fn check_name(diagnostics: &mut Diagnostics, name: &Spanned<ExtensionName>, found: &Found) -> bool {
    let own = &found.extension.name;
    if own.value == name.value {
        return true;
    }
    let message = format!(
        "this extension is called `{}`, but it is used as `{}`",
        own.value, name.value
    );
    diagnostics.push(
        Diagnostic::new(Code::WrongName, own.span, message)
            .label(name.span, "used here")
            .help(format!("write `name: {}`", name.value)),
    );
    false
}

/// Reports an extension that does not exist, at the place that asks for it. `by` is the extension that
/// requires it; `None` = the spec uses it.
fn report_absent(
    diagnostics: &mut Diagnostics,
    catalogue: &Catalogue,
    image: &Image,
    wanted: &Wanted,
    (span, by): (Span, Option<&ExtensionName>),
) {
    if let Some(why) = catalogue.refusal(wanted) {
        let help = "a named context that replaces an extension must be a folder with an \
                    `extension.yaml` and its files, whatever kind of context it is";
        diagnostics.push(Diagnostic::new(Code::NotAnExtension, span, why).help(help));
        return;
    }
    let (message, help) = match wanted {
        Wanted::Folder(folder) if let Some(pattern) = catalogue.ignoring_pattern(wanted) => (
            format!("`.dockerignore` excludes `{folder}/extension.yaml`, by its line `{pattern}`"),
            format!(
                "change that line, or write `!{}` below it",
                literal_pattern(folder)
            ),
        ),
        Wanted::Folder(folder) => (
            format!("there is no `{folder}/extension.yaml` in the build context"),
            "the path is relative to the build context, which is the last argument of the build \
             command"
                .to_owned(),
        ),
        Wanted::Named(name) => {
            let inline = image.extensions.iter().filter_map(|used| match &used.used {
                Used::Inline(extension) => Some(extension.name.value.as_str()),
                _ => None,
            });
            let known = catalogue.known().map(ExtensionName::as_str);
            let help = match closest(name.as_str(), known.chain(inline)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "to use an extension of your own, list its folder in the build context \
                         (`- ./tools/mine`), or define it in the list itself"
                    .to_owned(),
            };
            let message = match by {
                Some(by) => format!("extension `{by}` requires `{name}`, which does not exist"),
                None => format!("there is no extension `{name}`"),
            };
            (message, help)
        }
    };
    diagnostics.push(Diagnostic::new(Code::UnknownExtension, span, message).help(help));
}
