//! Several files in one text, and what resolution makes of them.
//!
//! A line `//- image.yaml` begins the spec, `//- extensions/git/extension.yaml` a definition of the
//! catalogue, `//- extensions/git/rc` a file beside it (executable with ` +x` behind it), and
//! `//- context/tools/x/extension.yaml` a definition in the build context, `//- contexts/x/extension.yaml`
//! one in a named context. `compile`'s tests include this file by its path: a crate of its own would be one that ships nothing.

use std::collections::{BTreeMap, BTreeSet};

use plan::{Catalogue, Found, Origin, Plan, Resolution, Wanted, resolve};
use source::{Diagnostics, Sources, render};
use spec::{ExtensionName, Image, parse_extension, parse_image};

/// What a text holds, read.
pub(crate) struct Fixture {
    pub(crate) sources: Sources,
    pub(crate) diagnostics: Diagnostics,
    pub(crate) image: Option<Image>,
    pub(crate) known: BTreeMap<Wanted, Found>,
}

/// What resolution makes of a fixture.
pub(crate) struct Resolved {
    pub(crate) sources: Sources,
    pub(crate) diagnostics: Diagnostics,
    pub(crate) plan: Option<Plan>,
    /// What each pass but the last asked for.
    pub(crate) waves: Vec<BTreeSet<Wanted>>,
}

impl Fixture {
    pub(crate) fn read(text: &str) -> Self {
        let mut fixture = Self {
            sources: Sources::new(),
            diagnostics: Diagnostics::new(),
            image: None,
            known: BTreeMap::new(),
        };
        let mut files: BTreeMap<String, BTreeMap<String, (Vec<u8>, bool)>> = BTreeMap::new();
        let mut definitions = Vec::new();
        for part in text.split("//- ").skip(1) {
            let (title, content) = part.split_once('\n').expect("a file has a line");
            let (path, executable) = match title.split_once(' ') {
                Some((path, mark)) => (path, mark == "+x"),
                None => (title, false),
            };
            if path == "image.yaml" {
                let id = fixture.sources.add(path, content);
                fixture.image = parse_image(&mut fixture.diagnostics, &fixture.sources, id);
                continue;
            }
            let (place, rest) = path.split_once('/').expect("a path has a folder");
            if let Some(folder) = rest.strip_suffix("/extension.yaml") {
                let name = path.strip_prefix("context/").unwrap_or(path);
                let id = fixture.sources.add(name, content);
                definitions.push((place, folder, id));
                continue;
            }
            let (folder, name) = rest.split_once('/').expect("a file is in a folder");
            let file = (content.as_bytes().to_vec(), executable);
            let folder = files.entry(folder.to_owned()).or_default();
            folder.insert(name.to_owned(), file);
        }
        for (place, folder, id) in definitions {
            let extension = parse_extension(&mut fixture.diagnostics, &fixture.sources, id);
            let Some(extension) = extension else { continue };
            let name = || ExtensionName::new(folder).expect("a fixture's folders have names");
            let (wanted, origin) = match place {
                "extensions" => {
                    let files = files.remove(folder).unwrap_or_default();
                    (Wanted::Named(name()), Origin::Catalogue(files))
                }
                "contexts" => (Wanted::Named(name()), Origin::NamedContext),
                _ => {
                    let folder = folder.to_owned();
                    (Wanted::Folder(folder.clone()), Origin::Folder(folder))
                }
            };
            fixture.known.insert(wanted, Found { extension, origin });
        }
        fixture
    }

    /// The catalogue before anything was looked for.
    pub(crate) fn catalogue(&self) -> Catalogue {
        Catalogue::new(self.known.keys().filter_map(|wanted| match wanted {
            Wanted::Named(name) => Some(name.clone()),
            Wanted::Folder(_) => None,
        }))
    }

    /// Resolves as a build does: look for what is needed, and again.
    pub(crate) fn resolve(self, architecture: &str) -> Resolved {
        let mut catalogue = self.catalogue();
        let mut resolved = Resolved {
            sources: self.sources,
            diagnostics: self.diagnostics,
            plan: None,
            waves: Vec::new(),
        };
        let Some(image) = self.image else {
            return resolved;
        };
        loop {
            match resolve(&mut resolved.diagnostics, &image, &catalogue, architecture) {
                None => break,
                Some(Resolution::Ready(plan)) => {
                    resolved.plan = Some(*plan);
                    break;
                }
                Some(Resolution::Need(wanted)) => {
                    assert!(!wanted.is_empty(), "a pass that needs nothing decides");
                    for wanted in &wanted {
                        assert!(
                            catalogue.get(wanted).is_none() && !catalogue.is_absent(wanted),
                            "{wanted:?} was asked for twice"
                        );
                        match self.known.get(wanted) {
                            Some(found) => catalogue.found(wanted.clone(), found.clone()),
                            None => catalogue.absent(wanted.clone()),
                        }
                    }
                    resolved.waves.push(wanted);
                }
            }
        }
        assert_eq!(
            resolved.plan.is_none(),
            resolved.diagnostics.has_errors(),
            "no plan means reported"
        );
        resolved
    }
}

impl Resolved {
    /// The diagnostics as a terminal shows them.
    pub(crate) fn problems(&self) -> String {
        let rendered = self.diagnostics.iter();
        rendered
            .map(|diagnostic| render(&self.sources, diagnostic))
            .collect()
    }
}

/// The plan of a fixture that is sound.
pub(crate) fn sound(text: &str) -> (Plan, Sources) {
    let resolved = Fixture::read(text).resolve("amd64");
    let problems = resolved.problems();
    let plan = resolved
        .plan
        .unwrap_or_else(|| panic!("{problems}\n{text}"));
    (plan, resolved.sources)
}
