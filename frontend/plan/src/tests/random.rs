//! Random catalogues and specs, as texts of [`crate::tests::fixture`].
//!
//! A model is a list of extensions and a list of uses; requirements are indexes, and those that lead
//! nowhere are dropped, so that a model stays a model when `proptest` takes extensions out of it.
//! `compile`'s tests include this file by its path.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::collection::{btree_set, vec};
use proptest::prelude::{Just, Strategy, any, prop_oneof};

/// The names in the order of a model: not that of the alphabet.
pub(crate) const NAMES: [&str; 6] = ["m", "c", "x", "a", "t", "h"];

/// A checksum of the right form.
pub(crate) const SHA256: &str = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

/// What an image is made of.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) extensions: Vec<Made>,
    /// Indexes of extensions, and the version that is asked for.
    pub(crate) uses: Vec<(usize, Option<&'static str>)>,
    /// Whether all packages are installed as one set.
    pub(crate) united: bool,
}

/// An extension of a model.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is drawn for itself, and none has to do with another"
)]
pub(crate) struct Made {
    pub(crate) place: Place,
    /// Earlier extensions of the model.
    pub(crate) requires: BTreeSet<usize>,
    pub(crate) packages: BTreeSet<&'static str>,
    pub(crate) build: Option<Building>,
    pub(crate) has_file: bool,
    pub(crate) has_fragment: bool,
    pub(crate) has_steps: bool,
    /// Whether its packages ask to be in the one set.
    pub(crate) asks_union: bool,
    pub(crate) fault: Option<Fault>,
}

/// Where an extension is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Catalogue,
    Folder,
    Inline,
    /// A named context of the extension's name.
    NamedContext,
}

/// What an extension makes in a builder.
#[derive(Debug, Clone)]
pub(crate) struct Building {
    pub(crate) on: &'static str,
    pub(crate) packages: BTreeSet<&'static str>,
    pub(crate) sources: BTreeSet<&'static str>,
    pub(crate) steps: usize,
    pub(crate) names_outputs: bool,
}

/// What may be wrong with an extension, alone or with others.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    RequiresUnknown,
    /// Any extension, later ones and itself included: circles.
    Requires(usize),
    SharedPath,
    SharedVariable(bool),
    MissingFile,
    NoDefault,
    WrongName,
}

fn building() -> impl Strategy<Value = Building> {
    const SOURCES: [&str; 6] = ["context", "crate", "git", "image", "pypi", "url"];
    (
        prop_oneof![Just("default"), Just("base"), Just("alpine:3.20")],
        btree_set(proptest::sample::select(vec!["unzip", "make"]), 0..2),
        btree_set(proptest::sample::select(SOURCES.to_vec()), 0..3),
        1usize..3,
        any::<bool>(),
    )
        .prop_map(|(on, packages, sources, steps, names_outputs)| Building {
            on,
            packages,
            sources,
            steps,
            names_outputs,
        })
}

fn made(fault: impl Strategy<Value = Option<Fault>>) -> impl Strategy<Value = Made> {
    let place = prop_oneof![
        Just(Place::Catalogue),
        Just(Place::Folder),
        Just(Place::Inline),
        Just(Place::NamedContext)
    ];
    (
        place,
        btree_set(0..NAMES.len(), 0..3),
        btree_set(proptest::sample::select(vec!["git", "jq"]), 0..2),
        proptest::option::of(building()),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        proptest::bool::weighted(0.3),
        fault,
    )
        .prop_map(
            |(
                place,
                requires,
                packages,
                build,
                has_file,
                has_fragment,
                has_steps,
                asks_union,
                fault,
            )| Made {
                place,
                requires,
                packages,
                build,
                has_file,
                has_fragment,
                has_steps,
                asks_union,
                fault,
            },
        )
}

/// A model without faults, in which everything that is not of the catalogue is used.
pub(crate) fn sound_model() -> impl Strategy<Value = Model> {
    (
        vec(made(Just(None)), 1..NAMES.len()),
        btree_set(0..NAMES.len(), 0..NAMES.len()),
        proptest::bool::weighted(0.3),
    )
        .prop_map(|(extensions, chosen, united)| {
            let uses = extensions.iter().enumerate();
            let uses = uses
                .filter(|(index, made)| made.place != Place::Catalogue || chosen.contains(index))
                .map(|(index, _)| (index, None))
                .collect();
            Model {
                extensions,
                uses,
                united,
            }
        })
}

/// A sound model, and the same without one use that nothing requires.
pub(crate) fn dropped() -> impl Strategy<Value = (Model, Model)> {
    (sound_model(), any::<proptest::sample::Index>()).prop_filter_map(
        "something is used that nothing requires",
        |(model, index)| {
            let all = model.extensions.iter();
            let required: BTreeSet<usize> =
                all.flat_map(|made| made.requires.iter().copied()).collect();
            let uses = model.uses.iter().map(|(used, _)| *used);
            let free: Vec<usize> = uses.filter(|used| !required.contains(used)).collect();
            let taken = *free.get(index.index(free.len().max(1)))?;
            let mut other = model.clone();
            other.uses.retain(|(used, _)| *used != taken);
            Some((model, other))
        },
    )
}

/// A model with faults: most of them give no plan.
#[allow(dead_code, reason = "`compile` compiles only what is sound")]
pub(crate) fn faulty_model() -> impl Strategy<Value = Model> {
    let fault = prop_oneof![
        6 => Just(None),
        1 => Just(Some(Fault::RequiresUnknown)),
        2 => (0..NAMES.len()).prop_map(|index| Some(Fault::Requires(index))),
        1 => Just(Some(Fault::SharedPath)),
        1 => any::<bool>().prop_map(|value| Some(Fault::SharedVariable(value))),
        1 => Just(Some(Fault::MissingFile)),
        1 => Just(Some(Fault::NoDefault)),
        1 => Just(Some(Fault::WrongName)),
    ];
    let version = prop_oneof![3 => Just(None), 1 => Just(Some("1.0.0")), 1 => Just(Some("2.0.0"))];
    (
        vec(made(fault), 1..NAMES.len()),
        vec((0..NAMES.len(), version), 0..8),
    )
        .prop_map(|(extensions, uses)| Model {
            extensions,
            uses,
            united: false,
        })
}

impl Model {
    /// The files of the model, with the uses in their order.
    pub(crate) fn text(&self) -> String {
        let mode = if self.united { "packages: union\n" } else { "" };
        let mut image = format!("//- image.yaml\nbase: ubuntu:24.04\n{mode}extensions:\n");
        let mut files = String::new();
        for (index, version) in &self.uses {
            let Some(made) = self.extensions.get(*index) else {
                continue;
            };
            let name = NAMES[*index];
            let with = version.map_or_else(String::new, |version| {
                format!(": {{ version: \"{version}\" }}")
            });
            match made.place {
                Place::Catalogue | Place::NamedContext => {
                    writeln!(image, "  - {name}{with}").unwrap();
                }
                Place::Folder => writeln!(image, "  - ./tools/{name}{with}").unwrap(),
                Place::Inline => {
                    for (line, text) in self.definition(*index).lines().enumerate() {
                        let indent = if line == 0 { "  - " } else { "    " };
                        writeln!(image, "{indent}{text}").unwrap();
                    }
                }
            }
        }
        if self.uses.is_empty() {
            image = "//- image.yaml\nbase: ubuntu:24.04\n".to_owned();
        }
        for (index, made) in self.extensions.iter().enumerate() {
            let name = NAMES[index];
            let folder = match made.place {
                Place::Catalogue => format!("extensions/{name}"),
                Place::Folder => format!("context/tools/{name}"),
                Place::NamedContext => format!("contexts/{name}"),
                Place::Inline => continue,
            };
            let definition = self.definition(index);
            write!(files, "//- {folder}/extension.yaml\n{definition}").unwrap();
            if made.place == Place::Catalogue {
                writeln!(files, "//- {folder}/rc\nof {name}").unwrap();
            }
        }
        image + &files
    }

    fn definition(&self, index: usize) -> String {
        let made = &self.extensions[index];
        let name = NAMES[index];
        let shown = match made.fault {
            Some(Fault::WrongName) => "other",
            _ => name,
        };
        let mut text = format!("name: {shown}\n");
        match made.fault {
            Some(Fault::NoDefault) => text += "parameters: { version: {} }\n",
            _ => text += "parameters: { version: \"1.0.0\" }\n",
        }
        let mut requires: Vec<&str> = made
            .requires
            .iter()
            .filter(|other| **other < index)
            .map(|other| NAMES[*other])
            .collect();
        match made.fault {
            Some(Fault::RequiresUnknown) => requires.push("nowhere"),
            Some(Fault::Requires(other)) if !requires.contains(&NAMES[other]) => {
                requires.push(NAMES[other]);
            }
            _ => {}
        }
        writeln!(text, "requires: [{}]", requires.join(", ")).unwrap();
        if let Some(build) = &made.build {
            build.write(&mut text, name);
        }
        let packages: Vec<&str> = made.packages.iter().copied().collect();
        writeln!(text, "install:\n  packages: [{}]", packages.join(", ")).unwrap();
        if made.asks_union && !packages.is_empty() {
            text += "  union: for a test\n";
        }
        if made.has_steps {
            writeln!(text, "  steps: [\"echo {name}\", \"true\"]").unwrap();
        }
        text += "  files:\n";
        writeln!(
            text,
            "    - {{ text: \"{name} ${{version}}\", to: /etc/{name}/version }}"
        )
        .unwrap();
        if made.has_file {
            writeln!(text, "    - {{ from: rc, to: /etc/{name}/rc }}").unwrap();
        }
        match made.fault {
            Some(Fault::SharedPath) => text += "    - { text: x, to: /etc/shared }\n",
            Some(Fault::MissingFile) => text += "    - { from: gone, to: /etc/gone }\n",
            Some(Fault::SharedVariable(value)) => {
                writeln!(text, "environment: {{ SHARED: \"{value}\" }}").unwrap();
            }
            _ => {}
        }
        writeln!(text, "path: [/opt/{name}/bin]").unwrap();
        if made.has_fragment {
            writeln!(text, "shell: {{ bash: \"echo {name}\" }}").unwrap();
        }
        text
    }
}

impl Building {
    fn write(&self, text: &mut String, name: &str) {
        let packages: Vec<&str> = self.packages.iter().copied().collect();
        let packages = packages.join(", ");
        writeln!(text, "build:\n  on: {}\n  packages: [{packages}]", self.on).unwrap();
        let commit = &SHA256[..40];
        if !self.sources.is_empty() {
            *text += "  sources:\n";
        }
        for kind in &self.sources {
            let source = match *kind {
                "context" => "context: rc".to_owned(),
                // The same in every extension that has it.
                "crate" => format!("crate: \"tool@1.2.3\", sha256: {SHA256}"),
                "git" => format!("git: https://example.org/{name}.git, commit: {commit}"),
                "image" => "image: \"busybox:1.36\", path: /bin".to_owned(),
                "pypi" => format!("pypi: \"{name}==${{version}}\", sha256: {SHA256}"),
                _ => format!("url: \"https://example.org/{name}-${{version}}\", sha256: {SHA256}"),
            };
            writeln!(text, "    - {{ {source}, to: {kind} }}").unwrap();
        }
        *text += "  steps:\n";
        for step in 0..self.steps {
            let network = if step == 0 { "default" } else { "none" };
            writeln!(
                text,
                "    - {{ run: \"make {name} {step}\", network: {network} }}"
            )
            .unwrap();
        }
        if self.names_outputs {
            writeln!(text, "  outputs: [/opt/{name}/bin/tool]").unwrap();
        }
    }
}
