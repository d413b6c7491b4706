//! The search for the extensions that a spec uses.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use buildkit_llb::Digest;
use gateway::Failure;
use plan::{Catalogue, Found, Origin, Wanted};
use source::{Reported, Span};
use spec::{Extension, ExtensionName, Image, Used, parse_extension};

use crate::catalogue::DEFINITION;
use crate::convert::Conversion;
use crate::finder::{ContextName, Definition, Finder, Lookup};
use crate::report;

impl<F: Finder> Conversion<'_, F> {
    /// Looks for everything that is wanted, and notes the results in the catalogue.
    ///
    /// # Errors
    /// If the engine or the disk fails. What is wrong with a definition is reported and noted.
    pub(crate) async fn find_extensions(
        &mut self,
        image: &Image,
        catalogue: &mut Catalogue,
        wanted: BTreeSet<Wanted>,
    ) -> Result<(), Reported> {
        let mut folders = Vec::new();
        for wanted in wanted {
            match wanted {
                Wanted::Folder(folder) => folders.push(folder),
                Wanted::Named(name) => {
                    let lookup = self.finder.find_extension(&name).await;
                    let lookup = lookup.map_err(|failure| {
                        let failure = self.locate(failure, image, catalogue, &name);
                        self.findings.fail(failure)
                    });
                    self.note(catalogue, Wanted::Named(name), lookup?);
                }
            }
        }
        if folders.is_empty() {
            return Ok(());
        }
        let texts = self.finder.read_definitions(&folders).await;
        let texts = texts.map_err(|failure| self.findings.fail(failure))?;
        for (folder, text) in folders.into_iter().zip(texts) {
            let filename = format!("{folder}/{DEFINITION}");
            let Some(text) = text else {
                let pattern = (self.finder).ignoring_pattern(ContextName::Build, &filename);
                match pattern {
                    Some(pattern) => catalogue.ignored(Wanted::Folder(folder), pattern),
                    None => catalogue.absent(Wanted::Folder(folder)),
                }
                continue;
            };
            let lookup = Lookup::Found(Definition {
                filename,
                text,
                origin: Origin::Folder(folder.clone()),
            });
            self.note(catalogue, Wanted::Folder(folder), lookup);
        }
        Ok(())
    }

    /// Notes in the catalogue what was found.
    fn note(&mut self, catalogue: &mut Catalogue, wanted: Wanted, lookup: Lookup) {
        let definition = match lookup {
            Lookup::Found(definition) => definition,
            Lookup::Absent => return catalogue.absent(wanted),
            Lookup::Refused(why) => return catalogue.refused(wanted, why),
        };
        let Definition {
            filename,
            text,
            origin,
        } = definition;
        if let Wanted::Named(name) = &wanted {
            self.contents.insert(name.clone(), identify(&text, &origin));
        }
        let findings = &mut self.findings;
        let id = findings.sources.add(filename, text);
        match parse_extension(&mut findings.diagnostics, &findings.sources, id) {
            Ok(extension) => catalogue.found(wanted, Found { extension, origin }),
            Err(Reported) => catalogue.broken(wanted),
        }
    }

    /// The failure to find an extension, with the place that asks for it.
    fn locate(
        &self,
        failure: Failure,
        image: &Image,
        catalogue: &Catalogue,
        name: &ExtensionName,
    ) -> Failure {
        let used = image.extensions.iter().find_map(|used| match &used.used {
            Used::Named(named) if named.value == *name => Some(named.span),
            _ => None,
        });
        match used.or_else(|| place_of_requirement(image, catalogue, name)) {
            Some(span) => report::add_place(failure, &self.findings.sources, span),
            None => failure,
        }
    }
}

/// Identifies the content of an extension: its definition, and its files if the catalogue has it. 64 hexadecimal digits.
fn identify(definition: &str, origin: &Origin) -> String {
    let mut text = Digest::of(definition.as_bytes()).hex();
    if let Origin::Catalogue(files) = origin {
        for (path, (content, is_executable)) in files {
            let digest = Digest::of(content).hex();
            let _ = write!(text, "\n{digest} {is_executable} {path}");
        }
    }
    Digest::of(text.as_bytes()).hex()
}

/// The extensions of an image, as far as they were found, and where each was found.
pub(crate) fn list_extensions<'a>(
    image: &'a Image,
    catalogue: &'a Catalogue,
) -> impl Iterator<Item = (&'a Extension, &'a Origin)> {
    let inline = image.extensions.iter().filter_map(|used| match &used.used {
        Used::Inline(extension) => Some((&**extension, &Origin::Inline)),
        _ => None,
    });
    let found = catalogue.all();
    inline.chain(found.map(|found| (&found.extension, &found.origin)))
}

/// A place where an extension requires this one.
fn place_of_requirement(
    image: &Image,
    catalogue: &Catalogue,
    name: &ExtensionName,
) -> Option<Span> {
    let extensions = list_extensions(image, catalogue);
    let mut requirements = extensions.flat_map(|(extension, _)| &extension.requires);
    let requirement = requirements.find(|requirement| requirement.value == *name);
    requirement.map(|requirement| requirement.span)
}
