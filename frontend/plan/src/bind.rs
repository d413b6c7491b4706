//! One extension with its parameters' values: data expanded, checksums chosen, files found.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Span, Spanned, closest};
use spec::{
    ContentFrom, Extension, ExtensionName, ImagePath, InstalledFile, PackageName, ParameterName,
    Step,
};

use crate::closure::Selected;
use crate::{
    Content, Origin, Planned, PlannedBuild, PlannedCache, PlannedFile, PlannedSecret, PlannedStep,
    PlannedTest,
};

mod checksum;
mod fetch;
mod repository;

/// What is known while one extension is bound.
pub(crate) struct Scope<'a> {
    pub(crate) extension: &'a Extension,
    pub(crate) origin: &'a Origin,
    pub(crate) with: &'a BTreeMap<ParameterName, Spanned<String>>,
    pub(crate) values: BTreeMap<ParameterName, String>,
    pub(crate) architecture: &'a str,
    pub(crate) cause: Span,
}

/// Words of a use that are about checksums unless the extension declares parameters of that name.
pub(crate) const CHECKSUM: &str = "sha256";
pub(crate) const UNVERIFIED: &str = "unverified";

pub(crate) fn bind(
    diagnostics: &mut Diagnostics,
    selected: &Selected,
    architecture: &str,
) -> Option<Planned> {
    let extension = &selected.found.extension;
    let values = parameters(diagnostics, extension, selected)?;
    let scope = Scope {
        extension,
        origin: &selected.found.origin,
        with: &selected.with,
        values,
        architecture,
        cause: selected.cause,
    };
    checksum::words(diagnostics, &scope)?;
    let build = match &extension.build {
        None => None,
        Some(build) => Some(self::build(diagnostics, &scope, build)?),
    };
    let mut files = Vec::new();
    let mut sound = true;
    for file in &extension.install.files {
        match self::file(diagnostics, &scope, file) {
            Some(file) => files.push(file),
            None => sound = false,
        }
    }
    files.extend(fragments(extension));
    files.sort_by(|left, right| left.to.cmp(&right.to));
    let repositories = repository::repositories(diagnostics, &scope);
    let tests: Vec<PlannedTest> = extension
        .tests
        .iter()
        .map(|test| PlannedTest {
            run: test.run.value.clone(),
            expect: test
                .expect
                .as_ref()
                .map(|expect| expect.value.expand(&scope.values)),
            span: test.span,
        })
        .collect();
    let environment = extension
        .environment
        .iter()
        .map(|(name, value)| (name.to_string(), value.value.expand(&scope.values)))
        .collect();
    let repositories = repositories?;
    sound.then(|| Planned {
        name: extension.name.value.clone(),
        requires: selected.requires.clone(),
        packages: packages(&extension.install.packages),
        is_united: false,
        repositories,
        build,
        files,
        has_bash_fragment: extension.shell.bash.is_some(),
        steps: extension.install.steps.iter().map(step).collect(),
        environment,
        path: extension
            .path
            .iter()
            .map(|folder| folder.value.clone())
            .collect(),
        tests,
        span: extension.span,
        cause: selected.cause,
        parameters: scope.values,
    })
}

fn parameters(
    diagnostics: &mut Diagnostics,
    extension: &Extension,
    selected: &Selected,
) -> Option<BTreeMap<ParameterName, String>> {
    let mut sound = true;
    for (name, value) in &selected.with {
        let word = name.as_str();
        if extension.parameters.contains_key(name) || word == CHECKSUM || word == UNVERIFIED {
            continue;
        }
        let known = extension.parameters.keys().map(ParameterName::as_str);
        let help = match closest(word, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if extension.parameters.is_empty() => "it has no parameters".to_owned(),
            None => {
                let all: Vec<_> = extension
                    .parameters
                    .keys()
                    .map(|name| format!("`{name}`"))
                    .collect();
                format!("it has {}", all.join(", "))
            }
        };
        let message = format!(
            "extension `{}` has no parameter `{name}`",
            extension.name.value
        );
        diagnostics.push(Diagnostic::new(Code::UnknownParameter, value.span, message).help(help));
        sound = false;
    }
    let mut values = BTreeMap::new();
    for (name, parameter) in &extension.parameters {
        if let Some(value) = selected.with.get(name).or(parameter.default.as_ref()) {
            values.insert(name.clone(), value.value.clone());
            continue;
        }
        let own = &extension.name.value;
        let message = format!("extension `{own}` needs a value for `{name}`");
        diagnostics.push(
            Diagnostic::new(Code::MissingParameter, selected.cause, message)
                .label(parameter.span, "it has no default")
                .help(format!("write `- {own}: {{ {name}: … }}`")),
        );
        sound = false;
    }
    sound.then_some(values)
}

fn build(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    build: &spec::Build,
) -> Option<PlannedBuild> {
    let sources = fetch::sources(diagnostics, scope, build)?;
    Some(PlannedBuild {
        on: build
            .on
            .as_ref()
            .map_or(spec::BuilderBase::Default, |on| on.value.clone()),
        packages: packages(&build.packages),
        sources,
        steps: build.steps.iter().map(step).collect(),
        outputs: build.outputs.as_ref().map(|outputs| {
            outputs
                .iter()
                .map(|output| (output.value.clone(), output.span))
                .collect()
        }),
        span: build.span,
    })
}

/// Packages by name, each with every place that asks for it.
fn packages(asked: &[Spanned<PackageName>]) -> BTreeMap<PackageName, Vec<Span>> {
    let mut packages = BTreeMap::<_, Vec<_>>::new();
    for package in asked {
        packages
            .entry(package.value.clone())
            .or_default()
            .push(package.span);
    }
    packages
}

fn step(step: &Step) -> PlannedStep {
    let cache = step.cache.iter().map(|mount| PlannedCache {
        id: mount.id.value.clone(),
        path: mount.path.value.clone(),
    });
    let secrets = step.secrets.iter().map(|secret| PlannedSecret {
        id: secret.id.value.clone(),
        file: secret.file(),
        environment: secret.environment.as_ref().map(|name| name.value.clone()),
        need: secret.need,
    });
    PlannedStep {
        run: step.run.value.clone(),
        network: step.network,
        cache: cache.collect(),
        secrets: secrets.collect(),
        agents: step
            .agents
            .iter()
            .map(|agent| agent.value.clone())
            .collect(),
        span: step.run.span,
    }
}

fn file(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    file: &InstalledFile,
) -> Option<PlannedFile> {
    let content = match &file.content {
        ContentFrom::Text(text) => {
            let mut text = text.value.expand(&scope.values);
            if !text.ends_with('\n') {
                text.push('\n');
            }
            Content::File(text.into_bytes(), false)
        }
        ContentFrom::Path(path) => own_content(diagnostics, scope, path)?,
    };
    Some(PlannedFile {
        to: file.to.value.clone(),
        content,
        mode: file.mode.map(|mode| mode.value),
        owner: file.owner.map_or((0, 0), |owner| owner.value),
        span: file.span,
    })
}

/// The content of a path of the extension itself: of its folder, or, where it is defined in the
/// spec, of the build context.
pub(crate) fn own_content(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    path: &Spanned<String>,
) -> Option<Content> {
    let files = match scope.origin {
        Origin::Inline => return Some(Content::Context(path.value.clone())),
        Origin::Folder(folder) => {
            return Some(Content::Context(format!("{folder}/{}", path.value)));
        }
        Origin::NamedContext => {
            let name = scope.extension.name.value.clone();
            return Some(Content::NamedContext(name, path.value.clone()));
        }
        Origin::Catalogue(files) => files,
    };
    if let Some((bytes, executable)) = files.get(&path.value) {
        return Some(Content::File(bytes.clone(), *executable));
    }
    let prefix = format!("{}/", path.value);
    let below: BTreeMap<_, _> = files
        .iter()
        .filter_map(|(name, file)| Some((name.strip_prefix(&prefix)?.to_owned(), file.clone())))
        .collect();
    if below.is_empty() {
        let name: &ExtensionName = &scope.extension.name.value;
        let message = format!("extension `{name}` has no file `{}`", path.value);
        let help = match closest(&path.value, files.keys().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "paths are relative to the extension's folder".to_owned(),
        };
        diagnostics.push(Diagnostic::new(Code::MissingFile, path.span, message).help(help));
        return None;
    }
    Some(Content::Folder(below))
}

/// Fragments of shell start-up as files of their own.
fn fragments(extension: &Extension) -> impl Iterator<Item = PlannedFile> {
    let name = &extension.name.value;
    let shell = &extension.shell;
    let bash = shell
        .bash
        .as_ref()
        .map(|text| (format!("/etc/inlay/bash.d/{name}.sh"), text));
    let profile = shell
        .profile
        .as_ref()
        .map(|text| (format!("/etc/profile.d/inlay-{name}.sh"), text));
    bash.into_iter().chain(profile).map(|(path, text)| {
        let mut content = text.value.clone();
        if !content.ends_with('\n') {
            content.push('\n');
        }
        PlannedFile {
            to: ImagePath::new(&path).expect("an extension's name is a path component"),
            content: Content::File(content.into_bytes(), false),
            mode: None,
            owner: (0, 0),
            span: text.span,
        }
    })
}
