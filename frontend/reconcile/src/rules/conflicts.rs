//! Packages of different layers that declare that they cannot be in one system.
//!
//! The rules are dpkg's (`depisok` in `src/main/depcon.c`). `Conflicts` and `Breaks` apply to every package
//! with the given name, version and architecture, and to every package that provides the name, but never to
//! packages with the same name as the declaring one. `Replaces` does not lift a conflict. Packages that are
//! together in one layer are not checked, because apt installed them together.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::Draft;
use crate::formats::relations::{Relation, parse_groups, parse_relations};
use crate::formats::stanza::Stanza;
use crate::formats::text::to_text;
use crate::formats::version::compare;
use crate::input::Input;
use crate::packages::{Key, Packages};
use crate::refusal::{Reason, suggest_after, suggest_one_version};
use crate::rules::marks::is_automatic;

/// An installed package.
struct Installed<'a> {
    key: &'a Key,
    stanza: &'a Stanza,
    version: &'a [u8],
    provides: Vec<Relation<'a>>,
    /// The layers that brought or changed it. Empty for an unchanged package of the base.
    layers: BTreeSet<usize>,
}

impl<'a> Installed<'a> {
    fn new(key: &'a Key, stanza: &'a Stanza, layers: BTreeSet<usize>) -> Self {
        Self {
            key,
            stanza,
            version: stanza.field("Version").unwrap_or_default(),
            provides: parse_relations(stanza.field("Provides").unwrap_or_default()),
            layers,
        }
    }

    fn name(&self) -> &'a [u8] {
        &self.key.0
    }

    /// Whether no layer has both packages, so that apt has never installed them together.
    fn is_apart_from(&self, other: &Self) -> bool {
        !self.layers.is_empty()
            && !other.layers.is_empty()
            && self.layers.is_disjoint(&other.layers)
    }

    /// The first layer that brought or changed it.
    fn layer(&self) -> usize {
        *self.layers.first().expect("a changed package has a layer")
    }

    fn is_same_on_all_architectures(&self) -> bool {
        self.stanza.field("Multi-Arch") == Some(b"same")
    }
}

/// Checks the packages that layers brought or changed.
pub(crate) fn check(input: &Input<'_>, packages: &Packages, draft: &mut Draft) {
    let unchanged = packages.base.iter();
    let unchanged = unchanged.filter(|(key, _)| !packages.changed.contains_key(key));
    let all: Vec<Installed<'_>> = (packages.changed.iter())
        .map(|(key, (stanza, layers))| Installed::new(key, stanza, layers.clone()))
        .chain(unchanged.map(|(key, stanza)| Installed::new(key, stanza, BTreeSet::new())))
        .collect();
    let index = Index::new(&all, input.architecture);
    let changed = all.iter().filter(|package| !package.layers.is_empty());
    let mut refused = BTreeSet::new();
    for package in changed.clone() {
        for field in ["Conflicts", "Breaks"] {
            for relation in parse_relations(package.stanza.field(field).unwrap_or_default()) {
                for (other, provided) in index.find_meant(&relation) {
                    let is_own = other.name() == package.name();
                    let mut pair = [package.key, other.key];
                    pair.sort_unstable();
                    if !is_own && package.is_apart_from(other) && refused.insert(pair) {
                        refuse(input, package, (field, &relation), other, provided, draft);
                    }
                }
            }
        }
        check_architectures(input, package, &index, draft);
    }
    let upgraded: Vec<&Installed<'_>> = (changed.clone())
        .filter(|package| packages.base.contains_key(package.key))
        .collect();
    for upgrade in upgraded {
        for package in changed.clone().filter(|other| other.is_apart_from(upgrade)) {
            let base = &packages.base[upgrade.key];
            check_dependencies(input, package, upgrade, base, &index, draft);
        }
    }
}

/// All packages, by their names and by the names that they provide.
struct Index<'a> {
    by_name: BTreeMap<&'a [u8], Vec<&'a Installed<'a>>>,
    by_provided: BTreeMap<&'a [u8], Vec<(&'a Installed<'a>, Relation<'a>)>>,
    native: &'a [u8],
}

impl<'a> Index<'a> {
    fn new(all: &'a [Installed<'a>], native: &'a [u8]) -> Self {
        let mut index = Self {
            by_name: BTreeMap::new(),
            by_provided: BTreeMap::new(),
            native,
        };
        for package in all {
            let name = index.by_name.entry(package.name()).or_default();
            name.push(package);
            for provided in &package.provides {
                let name = index.by_provided.entry(provided.name).or_default();
                name.push((package, *provided));
            }
        }
        index
    }

    /// Finds the packages that a relation applies to. If that is because of a name that a package provides, the
    /// provided name comes with it.
    fn find_meant(
        &self,
        relation: &Relation<'_>,
    ) -> impl Iterator<Item = (&'a Installed<'a>, Option<Relation<'a>>)> {
        let real = self.by_name.get(relation.name).into_iter().flatten();
        let real = real.filter(|package| relation.admits(package.version));
        let virtual_ones = self.by_provided.get(relation.name).into_iter().flatten();
        let virtual_ones = virtual_ones.filter(|(_, provided)| relation.admits_provided(provided));
        real.map(|package| (*package, None))
            .chain(virtual_ones.map(|(package, provided)| (*package, Some(*provided))))
            .filter(|(package, _)| relation.is_for_architecture(&package.key.1, self.native))
    }
}

/// Refuses two layers because a package of one declares a relation to a package of the other.
fn refuse(
    input: &Input<'_>,
    package: &Installed<'_>,
    (field, relation): (&str, &Relation<'_>),
    other: &Installed<'_>,
    provided: Option<Relation<'_>>,
    draft: &mut Draft,
) {
    let [first, second] = [package.layer(), other.layer()];
    let provided = match provided {
        Some(provided) if provided.version.is_some() => {
            format!(", which provides `{}`", to_text(provided.written))
        }
        Some(_) => ", which provides it".to_owned(),
        None => String::new(),
    };
    let what = format!(
        "`{}` installs {}, which declares `{field}: {}`, and `{}` installs {}{provided}",
        input.name(first),
        show_package(package),
        to_text(relation.written),
        input.name(second),
        show_package(other)
    );
    let dependency = [package, other]
        .into_iter()
        .find(|package| is_automatic(input, package.layer(), package.key));
    let [lower, upper] = [first.min(second), first.max(second)].map(|layer| input.name(layer));
    let help = if relation.version.is_some() {
        format!(
            "{}: apt then looks for versions that go together; or remove one of the two extensions",
            suggest_after([lower, upper])
        )
    } else if let Some(dependency) = dependency {
        format!(
            "`{}` was installed as a dependency, and apt may find an alternative: {}, \
             write `packages: union` in the spec, or remove one of the two extensions",
            to_text(dependency.name()),
            suggest_after([lower, upper])
        )
    } else {
        "no system can have both packages: remove one of the two extensions".to_owned()
    };
    let refusal = input.refuse_pair(Reason::Conflict, [first, second], what);
    draft.refusals.push(refusal.with_help(&help));
}

/// Refuses two architectures of a package, unless both have the same version and allow it (`Multi-Arch: same`).
fn check_architectures(
    input: &Input<'_>,
    package: &Installed<'_>,
    index: &Index<'_>,
    draft: &mut Draft,
) {
    let others = index.by_name.get(package.name()).into_iter().flatten();
    for other in others.filter(|other| package.key < other.key && package.is_apart_from(other)) {
        let is_allowed =
            package.is_same_on_all_architectures() && other.is_same_on_all_architectures();
        let layers = [package.layer(), other.layer()];
        let for_architecture = |package: &Installed<'_>| {
            let [version, architecture] = [package.version, &package.key.1].map(to_text);
            format!(
                "{version} for {architecture} in `{}`",
                input.name(package.layer())
            )
        };
        let [name, one, two] = [
            to_text(package.name()),
            for_architecture(package),
            for_architecture(other),
        ];
        let both = [package, other].map(|package| (input.name(package.layer()), package.version));
        if !is_allowed {
            let what = format!("package `{name}` has two architectures, {one} and {two}");
            let help =
                "dpkg installs it for only one architecture: use the same one in both extensions";
            let refusal = input.refuse_pair(Reason::Conflict, layers, what);
            draft.refusals.push(refusal.with_help(help));
        } else if compare(package.version, other.version).is_ne() {
            let what = format!("package `{name}` has two versions, {one} and {two}");
            let refusal = input.refuse_pair(Reason::Version, layers, what);
            draft
                .refusals
                .push(refusal.with_help(&suggest_one_version(both)));
        }
    }
}

/// Refuses a package whose dependency on a package of the base is broken by another layer's upgrade of it.
fn check_dependencies(
    input: &Input<'_>,
    package: &Installed<'_>,
    upgrade: &Installed<'_>,
    base: &Stanza,
    index: &Index<'_>,
    draft: &mut Draft,
) {
    let before = parse_relations(base.field("Provides").unwrap_or_default());
    let is_about = |relation: &Relation<'_>| {
        relation.name == upgrade.name() || before.iter().any(|other| other.name == relation.name)
    };
    let fields = ["Pre-Depends", "Depends"].map(|name| package.stanza.field(name));
    for group in fields.into_iter().flatten().flat_map(parse_groups) {
        let is_met = |relation: &Relation<'_>| index.find_meant(relation).next().is_some();
        if !group.iter().any(is_about) || group.iter().any(is_met) {
            continue;
        }
        let written: Vec<String> = group.iter().map(|one| to_text(one.written)).collect();
        let what = format!(
            "`{}` installs {}, which depends on `{}`, and `{}` upgrades the base's `{}` to {}",
            input.name(package.layer()),
            show_package(package),
            written.join(" | "),
            input.name(upgrade.layer()),
            to_text(upgrade.name()),
            to_text(upgrade.version)
        );
        let names = [upgrade, package].map(|one| input.name(one.layer()));
        let after = suggest_after(names);
        let help = format!("{after}, or write `packages: union` in the spec");
        let layers = [package.layer(), upgrade.layer()];
        let refusal = input.refuse_pair(Reason::Dependency, layers, what);
        draft.refusals.push(refusal.with_help(&help));
    }
}

/// The name and version of a package.
fn show_package(package: &Installed<'_>) -> String {
    format!("`{}` {}", to_text(package.name()), to_text(package.version))
}
