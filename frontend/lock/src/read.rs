//! Reads the text of a lock, and reports everything that is wrong with it.

use std::collections::BTreeMap;

use apt::Line;
use source::{Code, Diagnostic, Diagnostics, Reported, SourceId, Sources, Span};

use crate::{Entry, Installation, Lock, Platform};

/// What to do with a lock that somebody has edited.
const HELP: &str =
    "write the lock again with `--call=lock`, or take it from the history of your project";

/// The kinds of sources.
const KINDS: [&str; 4] = ["crate", "npm", "pypi", "url"];

/// Reads a lock. Every line that is wrong is reported.
///
/// # Errors
/// If anything was reported.
pub fn read_lock(
    diagnostics: &mut Diagnostics,
    sources: &Sources,
    source: SourceId,
) -> Result<Lock, Reported> {
    let text = &sources.get(source).text;
    let mut reading = Reading {
        diagnostics,
        source,
        lock: Lock::default(),
        platform: None,
        installation: None,
        is_broken: false,
    };
    let mut at = 0;
    let mut has_begun = false;
    for line in text.split_inclusive('\n') {
        let written = line.trim_end_matches(['\n', '\r']);
        let words = written.trim_start();
        let start = at + written.len() - words.len();
        at += line.len();
        if words.is_empty() || words.starts_with('#') {
            continue;
        }
        if has_begun {
            reading.line(words, start);
        } else {
            has_begun = true;
            if words != "lock 1" {
                reading.report(
                    start,
                    words.len(),
                    "a lock of this version begins with `lock 1`",
                );
                return Err(Reported);
            }
        }
    }
    if !has_begun {
        reading.report(0, 0, "the lock is empty");
    }
    if reading.is_broken {
        Err(Reported)
    } else {
        Ok(reading.lock)
    }
}

struct Reading<'a> {
    diagnostics: &'a mut Diagnostics,
    source: SourceId,
    lock: Lock,
    platform: Option<String>,
    installation: Option<String>,
    is_broken: bool,
}

impl Reading<'_> {
    fn report(&mut self, start: usize, length: usize, message: &str) {
        self.is_broken = true;
        let span = Span::new(self.source, start, start + length);
        let diagnostic = Diagnostic::new(Code::BadLock, span, message);
        self.diagnostics.push(diagnostic.help(HELP));
    }

    /// Reads one line. `start` is the place of its first word in the text.
    fn line(&mut self, line: &str, start: usize) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let at = start + line.len() - rest.len();
        match word {
            "image" => self.image(rest, at),
            "extension" => self.extension(rest, at),
            "platform" => self.platform(rest, at),
            "lists" => self.lists(rest, at),
            "source" => self.source(rest, at),
            "packages" => self.packages(rest, at),
            "install" | "manual" | "remove" => self.package(line, start),
            _ => self.report(
                start,
                word.len(),
                "a line of a lock begins with `image`, `extension`, `platform`, `lists`, `source`, `packages`, \
                 `install`, `manual` or `remove`",
            ),
        }
    }

    fn image(&mut self, rest: &str, at: usize) {
        let Some((name, digest)) = rest.rsplit_once(' ') else {
            return self.report(at, rest.len(), "an image has a name and a digest");
        };
        let digits = digest.strip_prefix("sha256:").unwrap_or_default();
        if !is_sha256(digits) {
            let start = at + rest.len() - digest.len();
            return self.report(
                start,
                digest.len(),
                "a digest is `sha256:` and 64 hexadecimal digits",
            );
        }
        let entry = Entry {
            sha256: digits.to_owned(),
            span: Some(Span::new(self.source, at, at + rest.len())),
        };
        if self.lock.images.insert(name.to_owned(), entry).is_some() {
            self.report(at, rest.len(), "the image is there twice");
        }
    }

    fn extension(&mut self, rest: &str, at: usize) {
        let message = "`extension` is followed by a name and 64 hexadecimal digits";
        let Some((name, entry)) = self.entry(rest, at, message) else {
            return;
        };
        if self.lock.extensions.insert(name, entry).is_some() {
            self.report(at, rest.len(), "the extension is there twice");
        }
    }

    fn lists(&mut self, rest: &str, at: usize) {
        let message = "`lists` is followed by an image and 64 hexadecimal digits";
        let Some((image, entry)) = self.entry(rest, at, message) else {
            return;
        };
        let Some(platform) = self.current() else {
            return self.report(at, rest.len(), "package lists belong to a `platform`");
        };
        if platform.states.insert(image, entry.sha256).is_some() {
            self.report(at, rest.len(), "the package lists are there twice");
        }
    }

    fn source(&mut self, rest: &str, at: usize) {
        let message = "`source` is followed by `crate`, `npm`, `pypi` or `url`, what is fetched, and 64 hexadecimal digits";
        let Some((named, entry)) = self.entry(rest, at, message) else {
            return;
        };
        let named = named.split_once(' ');
        let Some((kind, what)) = named.filter(|(kind, _)| KINDS.contains(kind)) else {
            return self.report(at, rest.len(), message);
        };
        let key = (kind.to_owned(), what.to_owned());
        let Some(platform) = self.current() else {
            return self.report(at, rest.len(), "a source belongs to a `platform`");
        };
        if platform.sources.insert(key, entry).is_some() {
            self.report(at, rest.len(), "the source is there twice");
        }
    }

    /// Reads what ends in a digest.
    fn entry(&mut self, rest: &str, at: usize, message: &str) -> Option<(String, Entry)> {
        let found = rest.rsplit_once(' ');
        let Some((name, digits)) = found.filter(|(_, digits)| is_sha256(digits)) else {
            self.report(at, rest.len(), message);
            return None;
        };
        let entry = Entry {
            sha256: digits.to_owned(),
            span: Some(Span::new(self.source, at, at + rest.len())),
        };
        Some((name.to_owned(), entry))
    }

    fn platform(&mut self, rest: &str, at: usize) {
        if rest.split('/').count() < 2 || rest.contains(' ') {
            return self.report(at, rest.len(), "a platform is written as `linux/amd64`");
        }
        self.installation = None;
        self.platform = Some(rest.to_owned());
        let platforms = &mut self.lock.platforms;
        if platforms
            .insert(rest.to_owned(), Platform::default())
            .is_some()
        {
            self.report(at, rest.len(), "the platform is there twice");
        }
    }

    fn packages(&mut self, rest: &str, at: usize) {
        let Some((asked, name)) = rest.split_once(' ').filter(|(asked, _)| is_sha256(asked)) else {
            let message = "`packages` is followed by 64 hexadecimal digits and what installs them";
            return self.report(at, rest.len(), message);
        };
        let span = Span::new(self.source, at, at + rest.len());
        let installation = Installation {
            asked: asked.to_owned(),
            span: Some(span),
            ..Installation::default()
        };
        self.installation = Some(name.to_owned());
        let Some(installations) = self.installations() else {
            return self.report(at, rest.len(), "packages belong to a `platform`");
        };
        if installations
            .insert(name.to_owned(), installation)
            .is_some()
        {
            self.report(at, rest.len(), "these packages are there twice");
        }
    }

    fn package(&mut self, line: &str, start: usize) {
        let line_of_list = match Line::parse(line) {
            Ok(line) => line,
            Err(error) => return self.report(start, line.len(), &error.to_string()),
        };
        let name = self.installation.clone();
        let installations = self.installations();
        let found = installations
            .zip(name)
            .and_then(|(installations, name)| installations.get_mut(&name));
        match found {
            Some(installation) => {
                let key = key(&line_of_list);
                if installation
                    .list
                    .lines()
                    .any(|line| self::key(&line) == key)
                {
                    self.report(start, line.len(), "the package is there twice");
                } else {
                    installation.list.add(line_of_list);
                }
            }
            None => self.report(
                start,
                line.len(),
                "a package belongs to a line with `packages`",
            ),
        }
    }

    /// The platform that the lines are about.
    fn current(&mut self) -> Option<&mut Platform> {
        self.lock.platforms.get_mut(self.platform.as_ref()?)
    }

    fn installations(&mut self) -> Option<&mut BTreeMap<String, Installation>> {
        Some(&mut self.current()?.installations)
    }
}

/// The name and architecture of the package that a line is about.
fn key(line: &Line) -> (String, String) {
    match line {
        Line::Install(package) => (package.name.clone(), package.architecture.clone()),
        Line::Manual(name, architecture) | Line::Remove(name, architecture) => {
            (name.clone(), architecture.clone())
        }
    }
}

fn is_sha256(digits: &str) -> bool {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    digits.len() == 64 && digits.bytes().all(is_hex)
}
