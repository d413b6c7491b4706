//! Reads the machine's own apt sources, in both formats, to find the distribution's main archive.
//!
//! Text goes in and values come out. The project names no host: it adopts whatever archive, mirror, keyring
//! and options this machine was set up with, and chooses only the suite. Both formats are described in
//! sources.list(5).

use std::fmt;

/// One source of packages: fields of the deb822 format, in the order they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    fields: Vec<(String, String)>,
}

impl Source {
    /// The same archive with other suites; the components stay.
    pub(crate) fn with_suites(&self, suites: &str) -> Source {
        let fields = self
            .fields
            .iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("types"))
            .map(|(name, value)| {
                let is_suites = name.eq_ignore_ascii_case("suites");
                (
                    name.clone(),
                    if is_suites {
                        suites.to_owned()
                    } else {
                        value.clone()
                    },
                )
            });
        // Only binary packages, because the indexes of sources are of no use.
        let types = std::iter::once(("Types".to_owned(), "deb".to_owned()));
        Source {
            fields: types.chain(fields).collect(),
        }
    }

    fn field(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value)
    }

    fn has(&self, name: &str, word: &str) -> bool {
        self.field(name)
            .split_whitespace()
            .any(|other| other == word)
    }

    fn is_usable(&self) -> bool {
        self.has("Types", "deb")
            && !["no", "false", "0"].contains(&self.field("Enabled").to_lowercase().as_str())
            && !self.field("URIs").starts_with("cdrom:")
    }

    /// The suites that belong to the named release: itself, its updates and its security fixes.
    fn suites_of(&self, codename: &str) -> Vec<&str> {
        let own = |suite: &&str| {
            *suite == codename
                || ["-updates", "-security", "/updates"]
                    .iter()
                    .any(|ending| suite.strip_suffix(ending) == Some(codename))
        };
        self.field("Suites")
            .split_whitespace()
            .filter(own)
            .collect()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.fields {
            let blank = if value.starts_with('\n') { "" } else { " " };
            writeln!(formatter, "{name}:{blank}{value}")?;
        }
        writeln!(formatter)
    }
}

/// Reads a `.sources` file, which has stanzas of fields. A field may span several lines, as an inline key
/// does.
pub(crate) fn parse_stanzas(text: &str) -> Vec<Source> {
    let mut sources = vec![Source { fields: Vec::new() }];
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let fields = &mut sources.last_mut().expect("never empty").fields;
        if line.trim().is_empty() {
            sources.push(Source { fields: Vec::new() });
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push('\n');
                value.push_str(line.trim_end());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    sources.retain(|source| !source.fields.is_empty());
    sources
}

/// Reads a `.list` file, which has one source per line: `deb [option=value …] uri suite component…`.
pub(crate) fn parse_lines(text: &str) -> Vec<Source> {
    text.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<Source> {
    let line = line
        .split_once('#')
        .map_or(line, |(before, _)| before)
        .trim();
    let (kind, rest) = line.split_once([' ', '\t'])?;
    let rest = rest.trim_start();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']')?,
        None => ("", rest),
    };
    let mut words = rest.split_whitespace();
    let (uri, suite) = (words.next()?, words.next()?);
    let components: Vec<&str> = words.collect();
    let mut fields = vec![
        ("Types".to_owned(), kind.to_owned()),
        ("URIs".to_owned(), uri.to_owned()),
        ("Suites".to_owned(), suite.to_owned()),
        ("Components".to_owned(), components.join(" ")),
    ];
    for (name, value) in options
        .split_whitespace()
        .filter_map(|option| option.split_once('='))
    {
        // The formats differ in three names and in how lists are separated.
        let name = match name {
            "arch" => "Architectures",
            "lang" => "Languages",
            "target" => "Targets",
            other => other,
        };
        fields.push((name.to_owned(), value.replace(',', " ")));
    }
    Some(Source { fields })
}

/// The archives of the named release, each with those of its suites that belong to the release. The archive
/// with the release itself comes first. Empty when the machine has none.
pub(crate) fn archives(sources: &[Source], codename: &str) -> Vec<Source> {
    let usable = || {
        sources
            .iter()
            .filter(|s| s.is_usable() && s.has("Components", "main"))
    };
    let main = usable().filter(|source| source.has("Suites", codename));
    let other = usable().filter(|source| !source.has("Suites", codename));
    if main.clone().next().is_none() {
        return Vec::new();
    }
    main.chain(other)
        .map(|source| (source, source.suites_of(codename)))
        .filter(|(_, suites)| !suites.is_empty())
        .map(|(source, suites)| source.with_suites(&suites.join(" ")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sources: &[Source], expected: &str) {
        let text: String = archives(sources, "bookworm")
            .iter()
            .map(Source::to_string)
            .collect();
        assert_eq!(text.trim_end(), expected.trim());
    }

    #[test]
    fn stanzas_with_comments_and_a_security_archive() {
        let text = "\
Types: deb deb-src
# http://elsewhere.example/snapshot
URIs: http://archive.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main
Signed-By: /usr/share/keyrings/archive.gpg

Types: deb
URIs: http://archive.example/security
Suites: bookworm-security
Components: main contrib
";
        check(
            &parse_stanzas(text),
            "\
Types: deb
URIs: http://archive.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/archive.gpg

Types: deb
URIs: http://archive.example/security
Suites: bookworm-security
Components: main contrib",
        );
    }

    #[test]
    fn an_inline_key_spans_several_lines() {
        let text = "Types: deb\nURIs: file:/a\nSuites: bookworm\nComponents: main\nSigned-By:\n -----BEGIN\n .\n abc\n";
        check(&parse_stanzas(text), text);
    }

    #[test]
    fn lines_with_options() {
        let text = "\
# deb http://commented.example bookworm main
deb-src http://archive.example/debian bookworm main
deb [arch=amd64,arm64 signed-by=/k.gpg] http://archive.example/debian bookworm main contrib # tail
deb https://other.example/tool bookworm stable
deb\thttp://archive.example/security bookworm-security main
";
        check(
            &parse_lines(text),
            "\
Types: deb
URIs: http://archive.example/debian
Suites: bookworm
Components: main contrib
Architectures: amd64 arm64
signed-by: /k.gpg

Types: deb
URIs: http://archive.example/security
Suites: bookworm-security
Components: main",
        );
    }

    #[test]
    fn disabled_and_removable_sources_do_not_count() {
        let text = "\
Types: deb
URIs: http://archive.example/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb
URIs: cdrom:[Debian]/
Suites: bookworm
Components: main
";
        check(&parse_stanzas(text), "");
    }

    #[test]
    fn no_archives_without_the_release_itself() {
        check(
            &parse_lines("deb http://archive.example/security bookworm-security main"),
            "",
        );
    }

    #[test]
    fn another_suite_keeps_archive_and_key() {
        let sources = parse_lines("deb [signed-by=/k.gpg] http://archive.example/d bookworm main");
        let main = archives(&sources, "bookworm").remove(0);
        assert_eq!(
            main.with_suites("testing").to_string(),
            "Types: deb\nURIs: http://archive.example/d\nSuites: testing\nComponents: main\n\
             signed-by: /k.gpg\n\n"
        );
    }
}
