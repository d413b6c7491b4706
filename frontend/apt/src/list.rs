//! Exact lists of packages.

use std::collections::BTreeSet;
use std::fmt;

/// The packages that one command installs, in exactly these versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackageList {
    /// What it installs, each name and architecture once.
    pub install: BTreeSet<Package>,
    /// What is there already and is marked as asked for from now on: names and architectures.
    pub manual: BTreeSet<(String, String)>,
    /// What it removes: names and architectures. Only a union may remove anything.
    pub remove: BTreeSet<(String, String)>,
}

/// A package in one version, as an archive has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its architecture by Debian's name; `all` = every one.
    pub architecture: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of its file, as 64 hexadecimal digits.
    pub sha256: String,
    /// The size of its file in bytes.
    pub size_bytes: u64,
    /// How it is marked once it is installed.
    pub mark: Mark,
    /// The address of its file.
    pub uri: String,
}

/// How apt marks a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Somebody asked for it.
    Manual,
    /// It is there because another package needs it.
    Automatic,
    /// As it was: a package of the base in another version.
    Kept,
}

impl Mark {
    /// The word for it in lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Mark::Manual => "manual",
            Mark::Automatic => "auto",
            Mark::Kept => "kept",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Mark::Manual, Mark::Automatic, Mark::Kept]
            .into_iter()
            .find(|mark| mark.as_str() == word)
    }
}

impl Package {
    /// The name that apt gives to its file, in which a version has no colon.
    pub fn file(&self) -> String {
        let version = self.version.replace(':', "%3a");
        format!("{}_{version}_{}.deb", self.name, self.architecture)
    }
}

/// One entry of a list in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A package to install.
    Install(Package),
    /// A package that is there and is marked as asked for.
    Manual(String, String),
    /// A package to remove.
    Remove(String, String),
}

/// Why a line is not one of a list: a phrase that says what it lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ListError(pub &'static str);

impl Line {
    /// Reads a line.
    ///
    /// # Errors
    /// If it has another form.
    pub fn parse(line: &str) -> Result<Self, ListError> {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            [
                "install",
                name,
                architecture,
                version,
                sha256,
                size,
                mark,
                uri,
            ] => {
                check_name(name, architecture)?;
                let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
                if sha256.len() != 64 || !sha256.bytes().all(is_hex) {
                    return Err(ListError("a SHA-256 has 64 hexadecimal digits"));
                }
                let is_version =
                    |byte: u8| byte.is_ascii_alphanumeric() || b".+-:~".contains(&byte);
                if !version.starts_with(|first: char| first.is_ascii_alphanumeric())
                    || !version.bytes().all(is_version)
                {
                    return Err(ListError("this is no version of a Debian package"));
                }
                let is_clean =
                    |letter: char| letter.is_ascii_graphic() && !"'\"\\".contains(letter);
                if uri.is_empty() || !uri.chars().all(is_clean) {
                    return Err(ListError("this is no address of a file"));
                }
                Ok(Line::Install(Package {
                    name: name.to_owned(),
                    architecture: architecture.to_owned(),
                    version: version.to_owned(),
                    sha256: sha256.to_owned(),
                    size_bytes: size
                        .parse()
                        .map_err(|_| ListError("a size is a number of bytes"))?,
                    mark: Mark::parse(mark)
                        .ok_or(ListError("a mark is `manual`, `auto` or `kept`"))?,
                    uri: uri.to_owned(),
                }))
            }
            ["manual", name, architecture] => {
                check_name(name, architecture)?;
                Ok(Line::Manual(name.to_owned(), architecture.to_owned()))
            }
            ["remove", name, architecture] => {
                check_name(name, architecture)?;
                Ok(Line::Remove(name.to_owned(), architecture.to_owned()))
            }
            _ => Err(ListError(
                "a line is `install` with name, architecture, version, SHA-256, size, mark and address, \
                 or `manual` or `remove` with name and architecture",
            )),
        }
    }
}

/// Policy, "Source" and "Architecture": names and architectures have few letters.
fn check_name(name: &str, architecture: &str) -> Result<(), ListError> {
    let is_lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_name = |byte: u8| is_lower(byte) || b"+-.".contains(&byte);
    let begins = |text: &str| text.bytes().next().is_some_and(is_lower);
    if !begins(name) || !name.bytes().all(is_name) {
        return Err(ListError("this is no name of a Debian package"));
    }
    if !begins(architecture)
        || !architecture
            .bytes()
            .all(|byte| is_lower(byte) || byte == b'-')
    {
        return Err(ListError("this is no architecture of Debian"));
    }
    Ok(())
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Line::Install(package) => write!(
                formatter,
                "install {} {} {} {} {} {} {}",
                package.name,
                package.architecture,
                package.version,
                package.sha256,
                package.size_bytes,
                package.mark.as_str(),
                package.uri
            ),
            Line::Manual(name, architecture) => write!(formatter, "manual {name} {architecture}"),
            Line::Remove(name, architecture) => write!(formatter, "remove {name} {architecture}"),
        }
    }
}

impl PackageList {
    /// Its lines in their order.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        let install = self.install.iter().cloned().map(Line::Install);
        let named = |kind: fn(String, String) -> Line| {
            move |(name, architecture): &(String, String)| kind(name.clone(), architecture.clone())
        };
        let manual = self.manual.iter().map(named(Line::Manual));
        let remove = self.remove.iter().map(named(Line::Remove));
        install.chain(manual).chain(remove)
    }

    /// Adds a line.
    pub fn add(&mut self, line: Line) {
        match line {
            Line::Install(package) => {
                self.install.insert(package);
            }
            Line::Manual(name, architecture) => {
                self.manual.insert((name, architecture));
            }
            Line::Remove(name, architecture) => {
                self.remove.insert((name, architecture));
            }
        }
    }

    /// What the command that fetches the packages reads: for each, its SHA-256, its size in bytes, the name of its
    /// file and its address.
    pub fn to_fetch(&self) -> String {
        let lines = self.install.iter().map(|package| {
            let (sha256, size) = (&package.sha256, package.size_bytes);
            format!("{sha256} {size} {} {}\n", package.file(), package.uri)
        });
        lines.collect()
    }

    /// What the command that installs the packages reads. It does not say where they come from.
    pub fn to_install(&self) -> String {
        let lines = self.lines().map(|line| match line {
            Line::Install(package) => format!(
                "install {} {} {} {} {} {}\n",
                package.name,
                package.architecture,
                package.version,
                package.sha256,
                package.mark.as_str(),
                package.file()
            ),
            other => format!("{other}\n"),
        });
        lines.collect()
    }

    /// How the packages of a former list differ, as words for people: `libcurl4 7.88.1-10 → 7.88.1-11`.
    pub fn changes_since(&self, former: &PackageList) -> Vec<String> {
        let key = |package: &Package| (package.name.clone(), package.architecture.clone());
        let versions = |list: &PackageList| {
            let packages = list.install.iter();
            packages
                .map(|package| (key(package), package.version.clone()))
                .collect::<std::collections::BTreeMap<_, _>>()
        };
        let (before, now) = (versions(former), versions(self));
        let keys: BTreeSet<_> = before.keys().chain(now.keys()).collect();
        let describe = |key: &(String, String)| match (before.get(key), now.get(key)) {
            (Some(before), Some(now)) if before == now => None,
            (Some(before), Some(now)) => Some(format!("{} {before} → {now}", key.0)),
            (None, Some(now)) => Some(format!("{} {now} is new", key.0)),
            (Some(before), None) => Some(format!("{} {before} is gone", key.0)),
            (None, None) => None,
        };
        keys.into_iter().filter_map(describe).collect()
    }
}
