//! [`Survey`]: what `survey.sh` reports about an image.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context, Result, bail};

/// The script, which runs in a container's shell.
pub(crate) const SCRIPT: &str = include_str!("survey.sh");

/// An image as seen from inside its container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// The entries of the tree, by path.
    pub(crate) tree: BTreeMap<String, Entry>,
    /// The texts of the databases, by path.
    pub(crate) files: BTreeMap<String, String>,
    /// The output of each command, by the name that the script gives it.
    pub(crate) outputs: BTreeMap<String, String>,
}

/// What is at one path. Owners are names, so that images with different numbers compare equal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The letter that `find` prints for the type.
    pub(crate) kind: String,
    /// Permission bits in octal digits. Empty for a link, which has no mode of its own.
    pub(crate) mode: String,
    pub(crate) owner: String,
    /// The bytes of a file. Empty for anything else.
    pub(crate) size: String,
    /// The checksum of a file, or the target of a link.
    pub(crate) content: String,
    /// Extended attributes, one word each.
    pub(crate) attributes: Vec<String>,
}

impl Entry {
    /// Whether everything but the content is equal.
    pub(crate) fn is_like(&self, other: &Entry) -> bool {
        let plain = |entry: &Entry| Entry {
            size: String::new(),
            content: String::new(),
            ..entry.clone()
        };
        plain(self) == plain(other)
    }

    /// A description for people.
    pub(crate) fn label(&self) -> String {
        let content = self.content.get(..12).unwrap_or(&self.content);
        let attributes = self.attributes.join(" ");
        let text = format!(
            "{} {} {} {} {content} {attributes}",
            self.kind, self.mode, self.owner, self.size
        );
        text.trim_end().to_owned()
    }
}

impl Survey {
    /// Reads the script's archive.
    ///
    /// # Errors
    /// When it is cut off or not in the script's format.
    pub(crate) fn read(archive: &[u8]) -> Result<Survey> {
        let mut texts = BTreeMap::new();
        for entry in tar::Archive::new(archive).entries()? {
            let mut entry = entry?;
            if entry.header().entry_type().is_file() {
                let path = entry.path()?.display().to_string();
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes)?;
                let text = String::from_utf8_lossy(&bytes).into_owned();
                texts.insert(path.trim_start_matches("./").to_owned(), text);
            }
        }
        let mut survey = Survey::default();
        for (name, text) in &texts {
            if let Some(path) = name.strip_prefix("root") {
                survey.files.insert(path.to_owned(), text.clone());
            } else {
                survey.outputs.insert(name.clone(), text.clone());
            }
        }
        let mut take = |name: &str| {
            let text = survey.outputs.remove(name);
            text.with_context(|| format!("the survey has no `{name}`"))
        };
        let (listing, hashes, attributes) =
            (take("listing")?, take("hashes")?, take("attributes")?);
        survey.tree = tree(&listing)?;
        for record in records(&hashes) {
            let (hash, path) = record.split_once("  ").context("a checksum has no path")?;
            if let Some(entry) = survey.tree.get_mut(path) {
                hash.clone_into(&mut entry.content);
            }
        }
        for (path, value) in pairs(&attributes)? {
            if let Some(entry) = survey.tree.get_mut(path) {
                entry.attributes.push(value.to_owned());
            }
        }
        Ok(survey)
    }

    /// The output of a command.
    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// The text of a database.
    pub(crate) fn file(&self, path: &str) -> &str {
        self.files.get(path).map_or("", String::as_str)
    }
}

fn records(text: &str) -> impl Iterator<Item = &str> {
    text.split('\0').filter(|record| !record.is_empty())
}

fn pairs(text: &str) -> Result<Vec<(&str, &str)>> {
    let all: Vec<&str> = records(text).collect();
    let (pairs, rest) = all.as_chunks::<2>();
    if !rest.is_empty() {
        bail!("a path has no record");
    }
    Ok(pairs
        .iter()
        .map(|[path, record]| (*path, *record))
        .collect())
}

fn tree(listing: &str) -> Result<BTreeMap<String, Entry>> {
    let mut tree = BTreeMap::new();
    for (path, record) in pairs(listing)? {
        let mut fields = record.splitn(6, ' ');
        let mut next = || fields.next().context("a record of a listing is cut off");
        let (kind, mode, user, group, size, target) =
            (next()?, next()?, next()?, next()?, next()?, next()?);
        let is_link = kind == "l";
        let entry = Entry {
            kind: kind.to_owned(),
            mode: if is_link { "" } else { mode }.to_owned(),
            owner: format!("{user}:{group}"),
            size: if kind == "f" { size } else { "" }.to_owned(),
            content: target.to_owned(),
            attributes: Vec::new(),
        };
        tree.insert(path.to_owned(), entry);
    }
    Ok(tree)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Makes an archive as the script writes it.
    pub(crate) fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            let path = format!("./{path}");
            builder
                .append_data(&mut header, path, text.as_bytes())
                .unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn a_survey_is_read() {
        let hash = "a".repeat(64);
        let archive = archive(&[
            (
                "listing",
                "/\0d 755 root root 4096 \0/a b\0f 4755 root mail 3 \0/l\0l 777 root root 3 a b\0",
            ),
            ("hashes", &format!("{hash}  /a b\0")),
            ("attributes", "/a b\0security.capability=0100\0"),
            ("manual", "git\n"),
            ("root/etc/group", "root:x:0:\n"),
        ]);
        let survey = Survey::read(&archive).unwrap();
        assert_eq!(survey.output("manual"), "git\n");
        assert_eq!(survey.file("/etc/group"), "root:x:0:\n");
        assert_eq!(survey.tree["/"].label(), "d 755 root:root");
        assert_eq!(
            survey.tree["/a b"].label(),
            "f 4755 root:mail 3 aaaaaaaaaaaa security.capability=0100"
        );
        // Neither the mode of a link nor the length of its target is compared.
        assert_eq!(survey.tree["/l"].label(), "l  root:root  a b");
        assert!(Survey::read(&archive[..1024]).is_err());
    }
}
