//! Puts extensions into their canonical order: requirements first, then by name.

use std::collections::{BTreeMap, BTreeSet};

use source::{Code, Diagnostic, Diagnostics, Reported, Span};
use spec::ExtensionName;

use crate::select::Selected;

/// An extension in its place in the order.
#[derive(Debug, Clone)]
pub(crate) struct Ordered {
    pub(crate) selected: Selected,
    /// Its transitive requirements.
    pub(crate) requires: BTreeSet<ExtensionName>,
}

/// Orders extensions, requirements first and then by name, and makes requirements transitive. A circle of
/// requirements is reported.
///
/// A requirement that was not selected does not exist. This has been reported, and the requirement is ignored.
pub(crate) fn order(
    diagnostics: &mut Diagnostics,
    selected: BTreeMap<ExtensionName, Selected>,
) -> Result<Vec<Ordered>, Reported> {
    let exists: BTreeSet<ExtensionName> = selected.keys().cloned().collect();
    let mut left = selected;
    let mut ordered: Vec<Ordered> = Vec::new();
    let mut done: BTreeMap<ExtensionName, BTreeSet<ExtensionName>> = BTreeMap::new();
    while !left.is_empty() {
        let is_ready = |candidate: &Selected| {
            let mut below = candidate.below();
            below.all(|other| done.contains_key(&other.value) || !exists.contains(&other.value))
        };
        let ready = left.iter().find(|(_, candidate)| is_ready(candidate));
        let Some(name) = ready.map(|(name, _)| name.clone()) else {
            report_circle(diagnostics, &left);
            return Err(Reported);
        };
        let selected = left
            .remove(&name)
            .expect("the extension was just found here");
        let mut requires = BTreeSet::new();
        for requirement in selected.below() {
            if let Some(below) = done.get(&requirement.value) {
                requires.insert(requirement.value.clone());
                requires.extend(below.iter().cloned());
            }
        }
        done.insert(name, requires.clone());
        ordered.push(Ordered { selected, requires });
    }
    Ok(ordered)
}

/// Reports one circle as a whole. Every extension that is left is part of a circle or leads to one.
fn report_circle(diagnostics: &mut Diagnostics, left: &BTreeMap<ExtensionName, Selected>) {
    let mut trail: Vec<&ExtensionName> = Vec::new();
    let mut at = left.keys().next().expect("an extension is left");
    while !trail.contains(&at) {
        trail.push(at);
        at = find_next(left, at).0;
    }
    let from = trail
        .iter()
        .position(|name| *name == at)
        .expect("the loop ended at a name on the trail");
    let mut circle = trail.split_off(from);
    // The circle is reported from its alphabetically first name, wherever the walk entered it.
    let first = circle
        .iter()
        .enumerate()
        .min_by_key(|(_, name)| **name)
        .map_or(0, |(at, _)| at);
    circle.rotate_left(first);
    let names: Vec<String> = circle
        .iter()
        .chain(circle.first())
        .map(|name| format!("`{name}`"))
        .collect();
    let message = format!(
        "extensions require each other in a circle: {}",
        names.join(" → ")
    );
    let mut diagnostic = Diagnostic::new(Code::Cycle, find_next(left, circle[0]).1, message).help(
        if circle.iter().any(|name| comes_after(left, name)) {
            "remove one of these requirements, or an `after`"
        } else {
            "remove one of these requirements"
        },
    );
    for name in circle.iter().skip(1).take(2) {
        let place = find_next(left, name).1;
        let why = if comes_after(left, name) {
            "comes after"
        } else {
            "requires"
        };
        diagnostic = diagnostic.label(place, format!("`{name}` {why} it"));
    }
    diagnostics.push(diagnostic);
}

/// Whether the spec puts an extension after the one that [`find_next`] finds.
fn comes_after(left: &BTreeMap<ExtensionName, Selected>, name: &ExtensionName) -> bool {
    let place = find_next(left, name).1;
    left[name].after.iter().any(|below| below.span == place)
}

/// Finds an extension's first requirement among those that are left, and where it is written.
fn find_next<'a>(
    left: &'a BTreeMap<ExtensionName, Selected>,
    name: &ExtensionName,
) -> (&'a ExtensionName, Span) {
    left[name]
        .below()
        .find(|other| left.contains_key(&other.value))
        .map(|other| (&other.value, other.span))
        .expect("every extension that is left requires another one that is left")
}
