//! Repositories of packages as files: a description in apt's words and a key for each.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use buildkit_llb::{Digest, FileActions, MakeFile, Mount, MountKind, Output, Timestamp};
use plan::PlannedRepository;

use crate::compilation::Compilation;
use crate::{LAYER_TIME_SECONDS, content};

/// Where the installation finds them.
const FOLDER: &str = "/run/inlay/repositories";

/// Mounts of the descriptions and keys; those that two extensions name are one.
///
/// A description is named by its content and a key by its repository, so that two extensions which
/// name one repository bring the same files.
pub(crate) fn mounts(
    compilation: &mut Compilation<'_>,
    repositories: &[&PlannedRepository],
) -> Vec<Mount> {
    let mut mounts: BTreeMap<String, Mount> = BTreeMap::new();
    for repository in repositories {
        let suite = repository.suite.as_deref().unwrap_or_default();
        let url = repository.url.trim_end_matches('/');
        let id = Digest::of(format!("{url} {suite}").as_bytes()).short();
        let key = format!("inlay-{id}.{}", repository.key_kind);
        let (input, selector) = content::source(compilation, &repository.key, repository.span);
        mounts.insert(key.clone(), mount(&key, input, selector));

        let text = description(repository, &key);
        let id = Digest::of(text.as_bytes()).short();
        let name = format!("inlay-{id}.sources");
        let mut file = MakeFile::new("/sources", 0o644, text);
        file.time = Some(Timestamp::from_seconds(LAYER_TIME_SECONDS));
        let about = compilation.about("[internal] a repository of packages", &[repository.span]);
        let input = compilation
            .graph
            .file(FileActions::on(Output::SCRATCH).make_file(file), about);
        mounts.insert(name.clone(), mount(&name, input, "/sources".to_owned()));
    }
    mounts.into_values().collect()
}

fn mount(name: &str, input: Output, selector: String) -> Mount {
    let kind = MountKind::Bind {
        input,
        selector,
        readonly: true,
        output: false,
    };
    Mount {
        destination: format!("{FOLDER}/{name}"),
        kind,
    }
}

/// The format is that of `sources.list(5)`, "DEB822-STYLE FORMAT". Without a suite the installation
/// adds the base's.
fn description(repository: &PlannedRepository, key: &str) -> String {
    let mut text = format!("Types: deb\nURIs: {}\n", repository.url);
    if let Some(suite) = &repository.suite {
        writeln!(text, "Suites: {suite}").expect("text can be written to");
    }
    if !repository.components.is_empty() {
        let components = repository.components.join(" ");
        writeln!(text, "Components: {components}").expect("text can be written to");
    }
    writeln!(text, "Signed-By: /etc/apt/keyrings/{key}").expect("text can be written to");
    text
}
