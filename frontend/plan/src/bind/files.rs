//! Binds the files that an extension puts on the base, and finds the content of its own paths.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Reported, Spanned, closest};
use spec::{ContentFrom, Extension, ImagePath, InstalledFile};

use crate::bind::scope::Scope;
use crate::{Content, Origin, PlannedFile};

/// Binds the files of an extension, including those for shell start-up, sorted by path.
pub(crate) fn bind_files(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
) -> Result<Vec<PlannedFile>, Reported> {
    let written = scope.extension.install.files.iter();
    let files: Vec<Result<PlannedFile, Reported>> = written
        .map(|file| bind_file(diagnostics, scope, file))
        .collect();
    let mut files = files.into_iter().collect::<Result<Vec<_>, _>>()?;
    files.extend(make_fragments(scope.extension));
    files.sort_by(|left, right| left.to.cmp(&right.to));
    Ok(files)
}

fn bind_file(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    file: &InstalledFile,
) -> Result<PlannedFile, Reported> {
    let content = match &file.content {
        ContentFrom::Text(text) => {
            let text = end_line(text.value.expand(&scope.values));
            Content::File(text.into_bytes(), false)
        }
        ContentFrom::Path(path) => find_content(diagnostics, scope, path)?,
    };
    Ok(PlannedFile {
        to: file.to.value.clone(),
        content,
        mode: file.mode.map(|mode| mode.value),
        owner: file.owner.map_or((0, 0), |owner| owner.value),
        span: file.span,
    })
}

/// Finds the content of one of the extension's own paths: in its folder, or in the build context if it is
/// defined in the spec. A path that is known not to exist is reported.
pub(crate) fn find_content(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    path: &Spanned<String>,
) -> Result<Content, Reported> {
    let files = match scope.origin {
        Origin::Inline => return Ok(Content::Context(path.value.clone())),
        Origin::Folder(folder) => {
            return Ok(Content::Context(format!("{folder}/{}", path.value)));
        }
        Origin::NamedContext => {
            let name = scope.extension.name.value.clone();
            return Ok(Content::NamedContext(name, path.value.clone()));
        }
        Origin::Catalogue(files) => files,
    };
    if let Some((bytes, executable)) = files.get(&path.value) {
        return Ok(Content::File(bytes.clone(), *executable));
    }
    let prefix = format!("{}/", path.value);
    let below: BTreeMap<_, _> = files
        .iter()
        .filter_map(|(name, file)| Some((name.strip_prefix(&prefix)?.to_owned(), file.clone())))
        .collect();
    if below.is_empty() {
        let name = &scope.extension.name.value;
        let message = format!("extension `{name}` has no file `{}`", path.value);
        let help = match closest(&path.value, files.keys().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "paths are relative to the extension's folder".to_owned(),
        };
        diagnostics.push(Diagnostic::new(Code::MissingFile, path.span, message).help(help));
        return Err(Reported);
    }
    Ok(Content::Folder(below))
}

/// Makes a file of each of the extension's fragments of shell start-up.
fn make_fragments(extension: &Extension) -> impl Iterator<Item = PlannedFile> {
    let name = &extension.name.value;
    let bash = (
        format!("/etc/inlay/bash.d/{name}.sh"),
        &extension.shell.bash,
    );
    let profile = (
        format!("/etc/profile.d/inlay-{name}.sh"),
        &extension.shell.profile,
    );
    [bash, profile].into_iter().filter_map(|(path, text)| {
        let text = text.as_ref()?;
        Some(PlannedFile {
            to: ImagePath::new(&path).expect("an extension's name is a valid path component"),
            content: Content::File(end_line(text.value.clone()).into_bytes(), false),
            mode: None,
            owner: (0, 0),
            span: text.span,
        })
    })
}

/// Makes a text end with a newline.
fn end_line(mut text: String) -> String {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
