//! [`Comparison`]: how the merged image differs from the reference.

use std::collections::{BTreeMap, BTreeSet};

use crate::soundness::databases;
use crate::soundness::expected::{self, Freedom};
use crate::soundness::survey::{Entry, Survey};

/// The result of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// Differences that nothing explains, described in words, by their subject.
    pub(crate) differences: BTreeMap<String, String>,
    /// How many paths differ for each reason of [`expected`], or because they belong to explained packages.
    pub(crate) expected: BTreeMap<&'static str, usize>,
}

/// Files of packages that only the merged image has.
const OF_MORE_PACKAGES: &str = "paths of packages that were explained";

/// Compares everything but the presence of packages, which was judged before. `more` are the packages that
/// only the merged image has.
pub(crate) fn compare(merged: &Survey, reference: &Survey, more: &BTreeSet<String>) -> Comparison {
    let mut comparison = Comparison::default();
    let more = More::of(merged, more);
    for (name, wanted) in [("audit", ""), ("check", "status 0")] {
        let (one, two) = (merged.output(name).trim(), reference.output(name).trim());
        let is_clean = one.lines().last().unwrap_or_default() == wanted;
        if !is_clean {
            comparison.add(name, format!("{one:?}; the reference says {two:?}"));
        }
    }
    for name in ["packages", "manual", "verify", "libraries"] {
        let lines = |survey: &Survey| -> BTreeSet<String> {
            let all = survey.output(name).lines().map(str::trim);
            // The first line of `ldconfig -p` counts the others.
            let all = all.filter(|line| !line.contains("libs found in cache"));
            all.map(str::to_owned).collect()
        };
        comparison.records(name, &lines(merged), &lines(reference), &more);
    }
    let paths: BTreeSet<&String> = merged.tree.keys().chain(reference.tree.keys()).collect();
    for path in paths {
        comparison.path(merged, reference, path, &more);
    }
    comparison
}

/// Links to `/lib/x` and to `/usr/lib/x`, which are the same place.
const ALIASES: &str = "links to one place under two names";

/// `/etc/ssl/certs/HASH.0`, where the hash is of the name of the host that made the certificate.
const NAMED_CERTIFICATE: &str = "links to the host's certificate under a hash of its name";

/// What an installation makes at once only if systemd is already installed: docs/isolation.md.
const MADE_AT_START: &str = "folders of a running system, which systemd makes when it starts";

impl Comparison {
    fn add(&mut self, about: &str, words: String) {
        self.differences.insert(about.to_owned(), words);
    }

    fn count(&mut self, reason: &'static str) {
        *self.expected.entry(reason).or_default() += 1;
    }

    fn records(
        &mut self,
        name: &str,
        merged: &BTreeSet<String>,
        reference: &BTreeSet<String>,
        more: &More<'_>,
    ) {
        for record in reference.difference(merged) {
            self.add(
                &format!("{name}: {record}"),
                "only in the reference".to_owned(),
            );
        }
        for record in merged.difference(reference) {
            if more.is_named_in(record) {
                self.count(OF_MORE_PACKAGES);
            } else {
                self.add(
                    &format!("{name}: {record}"),
                    "not in the reference".to_owned(),
                );
            }
        }
    }

    fn path(&mut self, merged: &Survey, reference: &Survey, path: &str, more: &More<'_>) {
        let (one, two) = (merged.tree.get(path), reference.tree.get(path));
        if one == two {
            return;
        }
        if more.holds(path) && two.is_none() {
            self.count(OF_MORE_PACKAGES);
            return;
        }
        if let (Some(one), Some(two)) = (one, two)
            && one.kind == "l"
            && one.is_like(two)
            && canonical(merged, &one.content) == canonical(merged, &two.content)
        {
            self.count(ALIASES);
            return;
        }
        if one.is_none() && two.is_some_and(|two| two.kind == "d") && is_made_at_start(merged, path)
        {
            self.count(MADE_AT_START);
            return;
        }
        if [(merged, one), (reference, two)]
            .iter()
            .all(|(survey, entry)| {
                entry.map_or_else(|| has_named_certificate(survey), is_named_certificate)
            })
        {
            self.count(NAMED_CERTIFICATE);
            return;
        }
        let freedom = expected::find_class(path);
        let is_free = match (freedom.map(|class| class.freedom), one, two) {
            (Some(_), Some(one), Some(two)) => one.is_like(two),
            (Some(Freedom::Absence), None, Some(_)) => true,
            _ => false,
        };
        if let Some(class) = freedom.filter(|_| is_free) {
            self.count(class.name);
            return;
        }
        if let (Some(one), Some(two)) = (one, two)
            && one.is_like(two)
            && let (Some(one), Some(two)) = (
                databases::records(merged, path),
                databases::records(reference, path),
            )
        {
            self.records(path, &one, &two, more);
            return;
        }
        let label = |entry: Option<&Entry>| entry.map_or_else(|| "absent".to_owned(), Entry::label);
        self.add(
            path,
            format!("{}; the reference has {}", label(one), label(two)),
        );
    }
}

/// What belongs to packages that only the merged image has.
struct More<'a> {
    packages: &'a BTreeSet<String>,
    paths: BTreeSet<String>,
}

const INFO: &str = "/var/lib/dpkg/info/";

impl<'a> More<'a> {
    fn of(merged: &Survey, packages: &'a BTreeSet<String>) -> More<'a> {
        let mut paths = BTreeSet::new();
        for (list, text) in &merged.files {
            let package = list
                .strip_prefix(INFO)
                .and_then(|name| name.split(['.', ':']).next());
            // A name may contain a dot, as `libstdc++6.1` would.
            let is_more = package.is_some_and(|package| packages.contains(package))
                || list
                    .strip_prefix(INFO)
                    .and_then(|name| name.strip_suffix(".list"))
                    .is_some_and(|name| packages.contains(name.split(':').next().unwrap_or(name)));
            if is_more {
                paths.extend(text.lines().map(|path| canonical(merged, path)));
            }
        }
        More { packages, paths }
    }

    fn holds(&self, path: &str) -> bool {
        let is_record = path.strip_prefix(INFO).is_some_and(|name| {
            self.packages.iter().any(|package| {
                let rest = name.strip_prefix(package.as_str());
                rest.is_some_and(|rest| rest.starts_with(['.', ':']))
            })
        });
        is_record || self.paths.contains(path)
    }

    /// Whether a record is about one of the packages, or names one of their files.
    fn is_named_in(&self, record: &str) -> bool {
        let mut words = record.split_whitespace();
        let first = words.next().unwrap_or_default();
        let subject = if first == "Package:" {
            words.next().unwrap_or_default()
        } else {
            first
        };
        let subject = subject.split(':').next().unwrap_or_default();
        self.packages.contains(subject)
            || record
                .split_whitespace()
                .any(|word| word.starts_with('/') && self.paths.contains(word))
    }
}

fn is_named_certificate(entry: &Entry) -> bool {
    entry.kind == "l" && entry.content == "ssl-cert-snakeoil.pem"
}

fn has_named_certificate(survey: &Survey) -> bool {
    let folder = "/etc/ssl/certs/";
    let below = survey.tree.range(folder.to_owned()..);
    below
        .take_while(|(path, _)| path.starts_with(folder))
        .any(|(_, entry)| is_named_certificate(entry))
}

/// Whether the path is of a running system and a package tells systemd to make it (tmpfiles.d(5)).
fn is_made_at_start(survey: &Survey, path: &str) -> bool {
    let settings = survey.files.iter();
    let mut settings = settings.filter(|(file, _)| file.starts_with("/usr/lib/tmpfiles.d/"));
    path.starts_with("/run/")
        && settings.any(|(_, text)| {
            text.lines().any(|line| {
                let mut words = line.split_whitespace();
                let kind = words.next().unwrap_or_default();
                let named = words.next().unwrap_or_default();
                let named = named.strip_prefix("/var").unwrap_or(named);
                kind.starts_with(['d', 'D']) && named.trim_end_matches('/') == path
            })
        })
}

/// The path at which a package's file really is, where `/bin` and similar paths are links.
fn canonical(survey: &Survey, path: &str) -> String {
    let rest = path.get(1..).unwrap_or_default();
    let (top, below) = rest.split_once('/').unwrap_or((rest, ""));
    match survey.tree.get(&format!("/{top}")) {
        Some(entry) if entry.kind == "l" && !below.is_empty() => {
            format!("/{}/{below}", entry.content)
        }
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests;
