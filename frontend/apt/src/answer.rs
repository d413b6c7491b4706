//! What apt says when it is asked what it would install.
//!
//! The command that asks writes sections, each with a title such as `== simulation`: what `apt-get --simulate` says,
//! the addresses that `apt-get --print-uris` prints, and the records of the packages. A section can be there more than
//! once, if apt was asked for one package after another.

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
            continue;
        }
        match title {
            "unknown" => reading.unknown(line),
            "asked" => reading.asked.push(line.to_owned()),
            "failure" => reading.failure.push(line.to_owned()),
            "simulation" => reading.simulated(line, native)?,
            "uris" => reading.uri(line)?,
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

/// A package that apt would install.
struct Chosen {
    name: String,
    architecture: String,
    version: String,
    is_upgrade: bool,
}

#[derive(Default)]
struct Reading {
    chosen: Vec<Chosen>,
    removed: BTreeSet<(String, String)>,
    /// For names that no package has, the package that apt takes instead.
    selected: BTreeMap<String, String>,
    /// By the name of the file: its address, size and SHA-256.
    uris: BTreeMap<String, (String, u64, String)>,
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

    /// `Inst name [old version] (version release [architecture])`, `Remv name [version]`, and
    /// `Note, selecting 'name' instead of 'other'`.
    fn simulated(&mut self, line: &str, native: &str) -> Result<(), Malformed> {
        let malformed = || Malformed(format!("apt says `{line}`"));
        if let Some(note) = line.strip_prefix("Note, selecting '") {
            let (chosen, rest) = note.split_once('\'').ok_or_else(malformed)?;
            if let Some(instead) = rest.strip_prefix(" instead of '") {
                let asked = instead.strip_suffix('\'').ok_or_else(malformed)?;
                self.selected.insert(asked.to_owned(), chosen.to_owned());
            }
            return Ok(());
        }
        let (word, rest) = line.split_once(' ').ok_or_else(malformed)?;
        let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let (name, given) = name
            .split_once(':')
            .map_or((name, None), |(name, architecture)| {
                (name, Some(architecture))
            });
        match word {
            "Remv" => {
                let architecture = given.unwrap_or(native);
                self.removed
                    .insert((name.to_owned(), architecture.to_owned()));
            }
            "Inst" => {
                let is_upgrade = rest.starts_with('[');
                let open = rest.find('(').ok_or_else(malformed)?;
                let inner = &rest[open + 1..];
                let version = inner.split(' ').next().ok_or_else(malformed)?;
                let inner = &inner[..inner.find(')').ok_or_else(malformed)?];
                let architecture = inner.rsplit_once('[').ok_or_else(malformed)?.1;
                let architecture = architecture.strip_suffix(']').ok_or_else(malformed)?;
                self.chosen.push(Chosen {
                    name: name.to_owned(),
                    architecture: architecture.to_owned(),
                    version: version.to_owned(),
                    is_upgrade,
                });
            }
            _ => return Err(malformed()),
        }
        Ok(())
    }

    /// `'address' file size SHA256:digest`.
    fn uri(&mut self, line: &str) -> Result<(), Malformed> {
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
        let size = size.parse().map_err(|_| malformed())?;
        let value = (uri.to_owned(), size, sha256.to_owned());
        self.uris.insert(file.to_owned(), value);
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
        let is_asked = |chosen: &Chosen| {
            let architecture = match chosen.architecture.as_str() {
                "all" => native,
                other => other,
            };
            asked.iter().any(|(name, wanted)| {
                *name == chosen.name && wanted.as_deref().unwrap_or(native) == architecture
            })
        };
        let mut list = PackageList::default();
        for chosen in &self.chosen {
            let mark = match chosen {
                _ if is_asked(chosen) => Mark::Manual,
                Chosen {
                    is_upgrade: true, ..
                } => Mark::Kept,
                _ => Mark::Automatic,
            };
            let mut package = Package {
                name: chosen.name.clone(),
                architecture: chosen.architecture.clone(),
                version: chosen.version.clone(),
                sha256: String::new(),
                size_bytes: 0,
                mark,
                uri: String::new(),
            };
            let (uri, size, sha256) = self.uris.get(&package.file()).ok_or_else(|| {
                Malformed(format!("apt prints no address of `{}`", package.file()))
            })?;
            (package.uri, package.size_bytes, package.sha256) =
                (uri.clone(), *size, sha256.clone());
            // What is not a line of a list could be taken for several words.
            let line = Line::Install(package.clone()).to_string();
            match Line::parse(&line) {
                Ok(parsed) if parsed == Line::Install(package) => list.add(parsed),
                Ok(_) => return Err(Malformed(format!("apt names a package `{line}`"))),
                Err(error) => {
                    return Err(Malformed(format!("apt names a package `{line}`: {error}")));
                }
            }
        }
        let installs = |name: &str, architecture: &str| {
            self.chosen.iter().any(|chosen| {
                chosen.name == name
                    && (chosen.architecture == architecture
                        || chosen.architecture == "all" && architecture == native)
            })
        };
        for (name, architecture) in &asked {
            let architecture = architecture.as_deref().unwrap_or(native);
            if !installs(name, architecture) {
                list.manual.insert((name.clone(), architecture.to_owned()));
            }
        }
        list.remove = self.removed;
        Ok(Answer {
            list,
            records: self.records,
        })
    }
}
