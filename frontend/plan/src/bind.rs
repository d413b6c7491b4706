//! Binds one extension to the values of its parameters: expands its data, chooses checksums, finds files.

mod checksum;
mod files;
mod parameters;
mod repository;
mod scope;
mod secrets;
mod source;
mod steps;

use std::collections::BTreeMap;

use ::source::{Diagnostics, Reported, Span, Spanned};
use spec::{BuilderBase, ImageReference, PackageName};

use crate::bind::scope::Scope;
use crate::order::Ordered;
use crate::plan::default_builder_base;
use crate::{Checksums, Planned, PlannedBuild, PlannedTest};

/// Decides everything about one extension, and reports everything that is wrong with it.
pub(crate) fn bind(
    diagnostics: &mut Diagnostics,
    ordered: &Ordered,
    base: &ImageReference,
    (architecture, checksums): (&str, &Checksums),
) -> Result<Planned, Reported> {
    let selected = &ordered.selected;
    let extension = &selected.found.extension;
    let names = parameters::check_names(diagnostics, selected);
    secrets::check(diagnostics, selected);
    let scope = Scope {
        extension,
        origin: &selected.found.origin,
        with: &selected.with,
        values: parameters::bind_values(diagnostics, selected)?,
        base,
        architecture,
        checksums,
        cause: selected.cause,
    };
    let checksum_keys = checksum::check_keys(diagnostics, &scope);
    let build = extension
        .build
        .as_ref()
        .map(|build| bind_build(diagnostics, &scope, build))
        .transpose();
    let files = files::bind_files(diagnostics, &scope);
    let repositories = repository::bind_repositories(diagnostics, &scope);
    let tests = extension.tests.iter().map(|test| PlannedTest {
        run: test.run.value.clone(),
        expect: test
            .expect
            .as_ref()
            .map(|expect| expect.value.expand(&scope.values)),
        span: test.span,
    });
    let environment = extension
        .environment
        .iter()
        .map(|(name, value)| (name.to_string(), value.value.expand(&scope.values)));
    names?;
    checksum_keys?;
    Ok(Planned {
        name: extension.name.value.clone(),
        requires: ordered.requires.clone(),
        packages: collect_packages(&extension.install.packages),
        is_in_union: false,
        repositories: repositories?,
        build: build?,
        files: files?,
        has_bash_fragment: extension.shell.bash.is_some(),
        steps: steps::bind_steps(&extension.install.steps),
        environment: environment.collect(),
        path: extension
            .path
            .iter()
            .map(|folder| folder.value.clone())
            .collect(),
        tests: tests.collect(),
        span: extension.span,
        cause: selected.cause,
        parameters: scope.values,
    })
}

fn bind_build(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    build: &spec::Build,
) -> Result<PlannedBuild, Reported> {
    let image = match build.on.as_ref().map(|on| &on.value) {
        None | Some(BuilderBase::Default) => default_builder_base(),
        Some(BuilderBase::Base) => scope.base.clone(),
        Some(BuilderBase::Image(image)) => image.clone(),
    };
    let outputs = build.outputs.as_ref().map(|outputs| {
        let outputs = outputs.iter();
        outputs
            .map(|output| (output.value.clone(), output.span))
            .collect()
    });
    Ok(PlannedBuild {
        image,
        packages: collect_packages(&build.packages),
        sources: source::bind_sources(diagnostics, scope, build)?,
        steps: steps::bind_steps(&build.steps),
        outputs,
        span: build.span,
    })
}

/// Collects packages by name, each with all the places that ask for it.
fn collect_packages(asked: &[Spanned<PackageName>]) -> BTreeMap<PackageName, Vec<Span>> {
    let mut packages = BTreeMap::<_, Vec<_>>::new();
    for package in asked {
        packages
            .entry(package.value.clone())
            .or_default()
            .push(package.span);
    }
    packages
}
