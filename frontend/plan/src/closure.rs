//! Which extensions an image has: the uses, what they require, and the order of all of them.

use std::collections::{BTreeMap, BTreeSet};

use source::{Code, Diagnostic, Diagnostics, Span, Spanned, closest};
use spec::{ExtensionName, Image, ParameterName, Use, Used};

use crate::{Catalogue, Found, Origin, Wanted};

/// An extension that is in the image, and why.
#[derive(Debug, Clone)]
pub(crate) struct Selected {
    pub(crate) found: Found,
    pub(crate) with: BTreeMap<ParameterName, Spanned<String>>,
    /// The entry of the user's list, or the requirement that brought it.
    pub(crate) cause: Span,
    /// Transitive requirements; empty until [`order`].
    pub(crate) requires: BTreeSet<ExtensionName>,
}

pub(crate) enum Selection {
    Need(BTreeSet<Wanted>),
    Complete(BTreeMap<ExtensionName, Selected>),
}

/// Follows uses and requirements as far as the catalogue goes.
pub(crate) fn select(
    diagnostics: &mut Diagnostics,
    image: &Image,
    catalogue: &Catalogue,
) -> Option<Selection> {
    let mut selected = BTreeMap::new();
    let mut need = BTreeSet::new();
    let mut sound = true;
    for used in &image.extensions {
        match look(catalogue, used) {
            Look::Found(found) => sound &= add(diagnostics, &mut selected, used, *found),
            Look::Need(wanted) => {
                need.insert(wanted);
            }
            Look::Absent(wanted, span) => {
                absent(diagnostics, catalogue, image, &wanted, span, None);
                sound = false;
            }
        }
    }
    if !need.is_empty() {
        // Requirements may be met by a folder that was not read yet: they wait.
        return sound.then_some(Selection::Need(need));
    }
    let mut waiting: Vec<ExtensionName> = selected.keys().cloned().collect();
    while let Some(name) = waiting.pop() {
        let requirements = selected[&name].found.extension.requires.clone();
        for requirement in requirements {
            if selected.contains_key(&requirement.value) {
                continue;
            }
            let wanted = Wanted::Named(requirement.value.clone());
            if let Some(found) = catalogue.get(&wanted) {
                sound &= check_name(diagnostics, &requirement, found);
                waiting.push(requirement.value.clone());
                selected.insert(
                    requirement.value,
                    Selected {
                        found: found.clone(),
                        with: BTreeMap::new(),
                        cause: requirement.span,
                        requires: BTreeSet::new(),
                    },
                );
            } else if catalogue.is_absent(&wanted) {
                absent(
                    diagnostics,
                    catalogue,
                    image,
                    &wanted,
                    requirement.span,
                    Some(&name),
                );
                sound = false;
            } else {
                need.insert(wanted);
            }
        }
    }
    if !sound {
        return None;
    }
    Some(if need.is_empty() {
        Selection::Complete(selected)
    } else {
        Selection::Need(need)
    })
}

enum Look {
    Found(Box<Found>),
    Need(Wanted),
    Absent(Wanted, Span),
}

fn look(catalogue: &Catalogue, used: &Use) -> Look {
    let (wanted, span) = match &used.used {
        Used::Inline(extension) => {
            return Look::Found(Box::new(Found {
                extension: (**extension).clone(),
                origin: Origin::Inline,
            }));
        }
        Used::Named(name) => (Wanted::Named(name.value.clone()), name.span),
        Used::Folder(folder) => (Wanted::Folder(folder.value.clone()), folder.span),
    };
    match catalogue.get(&wanted) {
        Some(found) => Look::Found(Box::new(found.clone())),
        None if catalogue.is_absent(&wanted) => Look::Absent(wanted, span),
        None => Look::Need(wanted),
    }
}

fn add(
    diagnostics: &mut Diagnostics,
    selected: &mut BTreeMap<ExtensionName, Selected>,
    used: &Use,
    found: Found,
) -> bool {
    if let Used::Named(name) = &used.used
        && !check_name(diagnostics, name, &found)
    {
        return false;
    }
    let name = found.extension.name.value.clone();
    let new = Selected {
        found,
        with: used.with.clone(),
        cause: used.span,
        requires: BTreeSet::new(),
    };
    let Some(other) = selected.get(&name) else {
        selected.insert(name, new);
        return true;
    };
    if same_values(&other.with, &new.with) && other.found == new.found {
        return true;
    }
    // The later place is the primary one, whichever was met first.
    let (first, second) = (other.cause.min(new.cause), other.cause.max(new.cause));
    diagnostics.push(
        Diagnostic::new(
            Code::ConflictingUse,
            second,
            format!("extension `{name}` is used twice, and not in the same way"),
        )
        .label(first, "the other use")
        .help("keep one of the two"),
    );
    false
}

fn same_values(
    left: &BTreeMap<ParameterName, Spanned<String>>,
    right: &BTreeMap<ParameterName, Spanned<String>>,
) -> bool {
    let values = |map: &BTreeMap<ParameterName, Spanned<String>>| -> Vec<(ParameterName, String)> {
        map.iter()
            .map(|(name, value)| (name.clone(), value.value.clone()))
            .collect()
    };
    values(left) == values(right)
}

fn check_name(diagnostics: &mut Diagnostics, name: &Spanned<ExtensionName>, found: &Found) -> bool {
    let own = &found.extension.name;
    if own.value == name.value {
        return true;
    }
    diagnostics.push(
        Diagnostic::new(
            Code::WrongName,
            own.span,
            format!(
                "this file names itself `{}` and is used as `{}`",
                own.value, name.value
            ),
        )
        .label(name.span, "used here")
        .help(format!("write `name: {}`", name.value)),
    );
    false
}

fn absent(
    diagnostics: &mut Diagnostics,
    catalogue: &Catalogue,
    image: &Image,
    wanted: &Wanted,
    span: Span,
    by: Option<&ExtensionName>,
) {
    if let Some(why) = catalogue.refusal(wanted) {
        let help = "a context that is named like an extension is a folder with an `extension.yaml` and \
                    its files, whatever kind of context it is";
        diagnostics.push(Diagnostic::new(Code::NotAnExtension, span, why).help(help));
        return;
    }
    let (message, help) = match wanted {
        Wanted::Folder(folder) => (
            format!("there is no `{folder}/extension.yaml` in the build context"),
            "the path is relative to the build context, which is the last argument of the build \
             command; `.dockerignore` may leave the folder out"
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
                None => "an extension of your own is a folder of the build context \
                         (`- ./tools/mine`) or is defined in the list itself"
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

/// Puts requirements first, then names in order, and makes requirements transitive.
pub(crate) fn order(
    diagnostics: &mut Diagnostics,
    mut selected: BTreeMap<ExtensionName, Selected>,
) -> Option<Vec<Selected>> {
    let mut ordered: Vec<Selected> = Vec::new();
    let mut done: BTreeMap<ExtensionName, BTreeSet<ExtensionName>> = BTreeMap::new();
    while !selected.is_empty() {
        let ready = selected.iter().find(|(_, candidate)| {
            candidate
                .found
                .extension
                .requires
                .iter()
                .all(|other| done.contains_key(&other.value))
        });
        let Some(name) = ready.map(|(name, _)| name.clone()) else {
            cycle(diagnostics, &selected);
            return None;
        };
        let mut next = selected.remove(&name).expect("it was just found");
        for requirement in &next.found.extension.requires {
            next.requires.insert(requirement.value.clone());
            next.requires
                .extend(done[&requirement.value].iter().cloned());
        }
        done.insert(name, next.requires.clone());
        ordered.push(next);
    }
    Some(ordered)
}

/// Reports one circle, whole: every extension left lies on one or leads to one.
fn cycle(diagnostics: &mut Diagnostics, left: &BTreeMap<ExtensionName, Selected>) {
    let mut trail: Vec<&ExtensionName> = Vec::new();
    let mut at = left.keys().next().expect("something is left");
    while !trail.contains(&at) {
        trail.push(at);
        at = next_of(left, at).0;
    }
    let from = trail
        .iter()
        .position(|name| *name == at)
        .expect("the loop ended on it");
    let mut circle = trail.split_off(from);
    // The circle is told from its first name in the alphabet, wherever the walk entered it.
    let first = circle
        .iter()
        .enumerate()
        .min_by_key(|(_, name)| **name)
        .map_or(0, |(at, _)| at);
    circle.rotate_left(first);
    let told: Vec<String> = circle
        .iter()
        .chain(circle.first())
        .map(|name| format!("`{name}`"))
        .collect();
    let mut diagnostic = Diagnostic::new(
        Code::Cycle,
        next_of(left, circle[0]).1,
        format!(
            "extensions require each other in a circle: {}",
            told.join(" → ")
        ),
    )
    .help("take one of these requirements out");
    for name in circle.iter().skip(1).take(2) {
        diagnostic = diagnostic.label(next_of(left, name).1, format!("`{name}` requires it"));
    }
    diagnostics.push(diagnostic);
}

/// The first requirement of an extension that is itself left, and where it is written.
fn next_of<'a>(
    left: &'a BTreeMap<ExtensionName, Selected>,
    name: &ExtensionName,
) -> (&'a ExtensionName, Span) {
    left[name]
        .found
        .extension
        .requires
        .iter()
        .find(|other| left.contains_key(&other.value))
        .map(|other| (&other.value, other.span))
        .expect("what is left requires something that is left")
}
