//! Makes the files that add repositories of packages: for each, a description in apt's format and a key.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use buildkit_llb::Digest;
use plan::PlannedRepository;

use crate::parts::content;
use crate::recipe::{Label, Line, Mounted};

/// The folder where the installation finds these files.
const FOLDER: &str = "/run/inlay/repositories";

/// Mounts the descriptions and keys. If two extensions add the same repository, its files are mounted once.
///
/// A description is named after its content and a key after its repository, so that two extensions which add
/// the same repository have the same files. The names have whole digests: with shorter ones, somebody could
/// choose a repository whose key would take the place of another repository's key.
pub(crate) fn mounts(repositories: &[&PlannedRepository]) -> Vec<Mounted> {
    let mut mounts: BTreeMap<String, Mounted> = BTreeMap::new();
    for repository in repositories {
        let suite = repository.suite.as_deref().unwrap_or_default();
        let url = repository.url.trim_end_matches('/');
        let id = Digest::of(format!("{url} {suite}").as_bytes()).hex();
        let key = format!("inlay-{id}.{}", repository.key_kind);
        let (tree, path) = content::mountable(&repository.key, repository.span);
        let mount = Mounted::path(format!("{FOLDER}/{key}"), tree, path);
        let text = describe(repository, &key);
        mounts.insert(key, mount);

        let id = Digest::of(text.as_bytes()).hex();
        let name = format!("inlay-{id}.sources");
        let label = Label::shared("[internal] a repository of packages", &[repository.span])
            .on(Line::Hidden);
        let at = format!("{FOLDER}/{name}");
        let mount = Mounted::constant(at, label, text.into_bytes());
        mounts.insert(name, mount);
    }
    mounts.into_values().collect()
}

/// Identifies a set of repositories and their keys.
pub(crate) fn identify(repositories: &[&PlannedRepository]) -> String {
    let described = repositories.iter().map(|repository| {
        let text = describe(repository, repository.key_kind);
        format!("{text}{:?}", repository.key)
    });
    let mut described: Vec<String> = described.collect();
    described.sort_unstable();
    described.dedup();
    Digest::of(described.concat().as_bytes()).hex()
}

/// Describes a repository in the format of `sources.list(5)`, "DEB822-STYLE FORMAT". If it has no suite, the
/// installation adds that of the base.
fn describe(repository: &PlannedRepository, key: &str) -> String {
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
