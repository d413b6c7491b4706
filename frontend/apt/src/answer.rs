//! What apt says when it is asked what it would install.
//!
//! The command that asks writes sections, each with a title such as `== said`: what `apt-get --print-uris` says, and the
//! records of the packages. A section can be there more than once, if apt was asked for one package after another.

use std::collections::{BTreeMap, BTreeSet};

use crate::list::{Line, Mark, Package, PackageList};

/// What apt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it would install.
    pub list: PackageList,
    /// The records of these packages, in the form of dpkg's status.
    pub records: String,
}

/// Why apt would not install what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The archive has no packages of these names.
    Unknown(Vec<Unknown>),
    /// The packages cannot be installed; apt's own words.
    Impossible(String),
}

/// A name that no package has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The name, as it was asked for.
    pub name: String,
    /// Names that are like it, the most similar first.
    pub similar: Vec<String>,
}

/// The packages that apt offers for a name that is only provided by others; `words` are apt's own. None = it offers none.
pub fn find_providers(words: &str) -> Vec<&str> {
    let mut lines = words.lines();
    let begins = |line: &str| line.ends_with(" is a virtual package provided by:");
    if !lines.any(begins) {
        return Vec::new();
    }
    let offered = lines.take_while(|line| line.starts_with("  "));
    offered
        .filter_map(|line| line.split_whitespace().next())
        .collect()
}

/// The command's answer is not one that this crate knows; a sentence about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

/// Reads an answer. `asked` are the words that apt was given: names, each perhaps with an architecture, a version or a
/// release.
///
/// # Errors
/// If the answer does not have the form that apt 2.6 and 3.0 give it.
pub fn read_answer<'a>(
    text: &str,
    asked: impl IntoIterator<Item = &'a str>,
    native: &str,
) -> Result<Result<Answer, Problem>, Malformed> {
    let mut reading = Reading::default();
    let mut title = "";
    for line in text.lines() {
        if let Some(next) = line.strip_prefix("== ") {
            title = next;
            reading.part = Part::Other;
            continue;
        }
        match title {
            "unknown" => reading.unknown(line),
            "asked" => reading.asked.push(line.to_owned()),
            "failure" => reading.failure.push(line.to_owned()),
            "said" => reading.said(line, native)?,
            "records" => {
                reading.records.push_str(line);
                reading.records.push('\n');
            }
            _ => return Err(Malformed(format!("a section has the title `{title}`"))),
        }
    }
    if !reading.unknown.is_empty() {
        return Ok(Err(Problem::Unknown(reading.unknown)));
    }
    if !reading.failure.is_empty() {
        return Ok(Err(Problem::Impossible(reading.failure.join("\n"))));
    }
    reading.finish(asked, native).map(Ok)
}

/// A part of what apt says, which begins with a line about it.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Part {
    Upgraded,
    Removed,
    #[default]
    Other,
}

/// The first lines of parts whose packages matter; all others are in the list of addresses.
const PARTS: [(&str, Part); 3] = [
    ("The following packages will be upgraded:", Part::Upgraded),
    ("The following packages will be DOWNGRADED:", Part::Upgraded),
    ("The following packages will be REMOVED:", Part::Removed),
];

#[derive(Default)]
struct Reading {
    part: Part,
    /// What would be installed.
    chosen: Vec<Package>,
    /// How many packages apt says that it would install.
    counted: usize,
    upgraded: BTreeSet<(String, String)>,
    removed: BTreeSet<(String, String)>,
    /// For names that no package has, the package that apt takes instead.
    selected: BTreeMap<String, String>,
    records: String,
    /// What the command asked for by itself: the certificates of repositories.
    asked: Vec<String>,
    unknown: Vec<Unknown>,
    failure: Vec<String>,
}

impl Reading {
    fn unknown(&mut self, line: &str) {
        let (name, similar) = line.split_once('\t').unwrap_or((line, ""));
        self.unknown.push(Unknown {
            name: name.to_owned(),
            similar: similar.split_whitespace().map(str::to_owned).collect(),
        });
    }

    fn said(&mut self, line: &str, native: &str) -> Result<(), Malformed> {
        if line.starts_with('\'') {
            let package = read_address(line)?;
            self.chosen.push(package);
        } else if let Some(names) = line.strip_prefix("  ") {
            let named = names.split(' ').map(|name| with_architecture(name, native));
            match self.part {
                Part::Upgraded => self.upgraded.extend(named),
                Part::Removed => self.removed.extend(named),
                Part::Other => {}
            }
            return Ok(());
        } else if let Some(note) = line.strip_prefix("Note, selecting '") {
            let named = note.split_once("' instead of '");
            let named = named.and_then(|(name, asked)| Some((name, asked.strip_suffix('\'')?)));
            if let Some((name, asked)) = named {
                self.selected.insert(asked.to_owned(), name.to_owned());
            }
        } else if line.contains(" newly installed, ") {
            self.counted += count(line);
        }
        let part = PARTS.iter().find(|(first, _)| *first == line);
        self.part = part.map_or(Part::Other, |(_, part)| *part);
        Ok(())
    }

    fn finish<'a>(
        self,
        asked: impl IntoIterator<Item = &'a str>,
        native: &str,
    ) -> Result<Answer, Malformed> {
        let asked = asked.into_iter().map(str::to_owned);
        let asked: BTreeSet<(String, Option<String>)> = (asked.chain(self.asked.iter().cloned()))
            .map(|word| {
                let end = word.find([':', '=', '/']).unwrap_or(word.len());
                let architecture = word[end..].strip_prefix(':').map(|rest| {
                    let end = rest.find(['=', '/']).unwrap_or(rest.len());
                    rest[..end].to_owned()
                });
                let name = &word[..end];
                let name = self.selected.get(name).map_or(name, String::as_str);
                (name.to_owned(), architecture)
            })
            .collect();
        if self.chosen.len() != self.counted {
            return Err(Malformed(format!(
                "apt would install {} packages, but gives {} addresses",
                self.counted,
                self.chosen.len()
            )));
        }
        // apt speaks of packages for all architectures as of native ones.
        let spoken = |package: &Package| {
            let architecture = match package.architecture.as_str() {
                "all" => native,
                other => other,
            };
            (package.name.clone(), architecture.to_owned())
        };
        let is_asked = |spoken: &(String, String)| {
            let mut asked = asked.iter();
            asked.any(|(name, architecture)| {
                *name == spoken.0 && architecture.as_deref().unwrap_or(native) == spoken.1
            })
        };
        let mut list = PackageList::default();
        let mut installed = BTreeSet::new();
        for mut package in self.chosen {
            let spoken = spoken(&package);
            package.mark = match () {
                () if is_asked(&spoken) => Mark::Manual,
                () if self.upgraded.contains(&spoken) => Mark::Kept,
                () => Mark::Automatic,
            };
            installed.insert(spoken);
            list.add(Line::Install(package));
        }
        for (name, architecture) in &asked {
            let architecture = architecture.as_deref().unwrap_or(native);
            let asked = (name.clone(), architecture.to_owned());
            if !installed.contains(&asked) {
                list.manual.insert(asked);
            }
        }
        list.remove = self.removed;
        Ok(Answer {
            list,
            records: self.records,
        })
    }
}

/// `'address' name_version_architecture.deb size SHA256:digest`.
fn read_address(line: &str) -> Result<Package, Malformed> {
    let malformed = || Malformed(format!("apt prints the address `{line}`"));
    let rest = line.strip_prefix('\'').ok_or_else(malformed)?;
    let (uri, rest) = rest.split_once("' ").ok_or_else(malformed)?;
    let words: Vec<&str> = rest.split(' ').collect();
    let [file, size, hash] = words[..] else {
        return Err(malformed());
    };
    let Some(sha256) = hash.strip_prefix("SHA256:") else {
        return Err(Malformed(format!(
            "the repository gives no SHA-256 of `{file}`, only `{hash}`"
        )));
    };
    let parts = file.strip_suffix(".deb").ok_or_else(malformed)?;
    let parts: Vec<&str> = parts.split('_').collect();
    let [name, version, architecture] = parts[..] else {
        return Err(malformed());
    };
    let package = Package {
        name: name.to_owned(),
        architecture: architecture.to_owned(),
        version: version.replace("%3a", ":"),
        sha256: sha256.to_owned(),
        size_bytes: size.parse().map_err(|_| malformed())?,
        mark: Mark::Manual,
        uri: uri.to_owned(),
    };
    // What is not a line of a list could be taken for several words.
    match Line::parse(&Line::Install(package.clone()).to_string()) {
        Ok(_) => Ok(package),
        Err(error) => Err(Malformed(format!("{}: {error}", malformed()))),
    }
}

/// A name as apt writes it in a list of packages, with its architecture if that is not the native one.
fn with_architecture(name: &str, native: &str) -> (String, String) {
    let name = name.trim_end_matches('*');
    let (name, architecture) = name.split_once(':').unwrap_or((name, native));
    (name.to_owned(), architecture.to_owned())
}

/// How many packages `1 upgraded, 2 newly installed, 3 to remove and 4 not upgraded.` would install.
fn count(line: &str) -> usize {
    let parts = line.split(", ").filter_map(|part| part.split_once(' '));
    let installed = parts.filter(|(_, what)| {
        let kinds = ["upgraded", "newly installed", "downgraded", "reinstalled"];
        kinds.contains(what)
    });
    installed
        .filter_map(|(number, _)| number.parse::<usize>().ok())
        .sum()
}
