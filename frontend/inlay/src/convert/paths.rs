//! A check that the files which extensions take from contexts exist.
//!
//! A build would notice a missing file only when it copies it, and would report it in the words of the
//! engine. Files of extensions in the catalogue are not checked here, because the plan contains them.

use std::collections::BTreeMap;

use plan::{Catalogue, Origin};
use source::{Code, Diagnostic, Reported, Spanned};
use spec::{ContentFrom, Extension, ExtensionName, Image, SourceKind, literal_pattern};

use crate::convert::Conversion;
use crate::convert::extensions::list_extensions;
use crate::finder::{ContextName, Finder};

/// A path that an extension takes from a context.
struct ContextPath<'a> {
    /// As it is written, which is relative to the extension.
    written: &'a Spanned<String>,
    /// Relative to the context.
    path: String,
    origin: &'a Origin,
}

impl<F: Finder> Conversion<'_, F> {
    /// Reports every path that an extension takes from a context and that does not exist there.
    ///
    /// # Errors
    /// If the engine or the disk fails.
    pub(crate) async fn check_paths(
        &mut self,
        image: &Image,
        catalogue: &Catalogue,
    ) -> Result<(), Reported> {
        let mut of_build = Vec::new();
        let mut of_extensions: BTreeMap<&ExtensionName, Vec<ContextPath<'_>>> = BTreeMap::new();
        for (extension, origin) in list_extensions(image, catalogue) {
            let paths = list_paths(extension, origin);
            match origin {
                Origin::Catalogue(_) => {}
                Origin::Inline | Origin::Folder(_) => of_build.extend(paths),
                Origin::NamedContext => {
                    of_extensions.insert(&extension.name.value, paths);
                }
            }
        }
        self.check_context(ContextName::Build, &of_build).await?;
        for platform in &self.request.platforms {
            for name in self.finder.extension_contexts(platform).keys() {
                if let Some(paths) = of_extensions.get(name) {
                    let place = ContextName::Extension(name, platform);
                    self.check_context(place, paths).await?;
                }
            }
        }
        Ok(())
    }

    async fn check_context(
        &mut self,
        place: ContextName<'_>,
        paths: &[ContextPath<'_>],
    ) -> Result<(), Reported> {
        let mut names: Vec<String> = paths.iter().map(|one| one.path.clone()).collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            return Ok(());
        }
        let have = self.finder.have_paths(place, &names).await;
        let have = have.map_err(|failure| self.findings.fail(failure))?;
        let have: BTreeMap<&String, bool> = names.iter().zip(have).collect();
        for path in paths.iter().filter(|one| !have[&one.path]) {
            let pattern = self.finder.ignoring_pattern(place, &path.path);
            let missing = match pattern {
                Some(pattern) => describe_ignored(place, path, &pattern),
                None => describe_missing(place, path),
            };
            self.findings.diagnostics.push(missing);
        }
        Ok(())
    }
}

fn describe_ignored(
    place: ContextName<'_>,
    missing: &ContextPath<'_>,
    pattern: &str,
) -> Diagnostic {
    let path = &missing.path;
    let context = match place {
        ContextName::Extension(name, _) => format!("named context `{name}`"),
        ContextName::Build => "build context".to_owned(),
    };
    let message =
        format!("`.dockerignore` excludes `{path}` from the {context}, by its line `{pattern}`");
    let help = format!(
        "change that line, or write `!{}` below it",
        literal_pattern(path)
    );
    Diagnostic::new(Code::MissingFile, missing.written.span, message).help(help)
}

fn describe_missing(place: ContextName<'_>, missing: &ContextPath<'_>) -> Diagnostic {
    let path = &missing.path;
    let (message, help) = match (place, missing.origin) {
        (ContextName::Extension(name, _), _) => (
            format!("there is no `{path}` in the named context `{name}`"),
            "check the path, which is relative to the context".to_owned(),
        ),
        (ContextName::Build, Origin::Folder(folder)) => (
            format!("there is no `{path}` in the build context"),
            format!("the path is relative to the extension's folder, `{folder}`"),
        ),
        (ContextName::Build, _) => (
            format!("there is no `{path}` in the build context"),
            "the path is relative to the build context, which is the last argument of the build \
             command"
                .to_owned(),
        ),
    };
    Diagnostic::new(Code::MissingFile, missing.written.span, message).help(help)
}

/// The paths that an extension takes from its context.
fn list_paths<'a>(extension: &'a Extension, origin: &'a Origin) -> Vec<ContextPath<'a>> {
    let files = extension.install.files.iter().map(|file| &file.content);
    let files = files.filter_map(|content| match content {
        ContentFrom::Path(path) => Some(path),
        ContentFrom::Text(_) => None,
    });
    let sources = extension.build.iter().flat_map(|build| &build.sources);
    let sources = sources.filter_map(|source| match &source.kind {
        SourceKind::Context { path } => Some(path),
        _ => None,
    });
    let repositories = extension.install.repositories.iter();
    let keys = repositories.map(|repository| &repository.key);
    let written = files.chain(sources).chain(keys);
    written
        .map(|written| ContextPath {
            written,
            path: match origin {
                Origin::Folder(folder) => format!("{folder}/{}", written.value),
                _ => written.value.clone(),
            },
            origin,
        })
        .collect()
}
