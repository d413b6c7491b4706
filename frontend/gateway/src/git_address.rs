//! The addresses of git repositories that docker's commands accept as a context.
//!
//! An address is `https://example.org/a.git#branch:folder`, or has the same as a query:
//! `…a.git?branch=…&subdir=…`. The grammar is that of `frontend/dockerfile/dfgitutil/git_ref.go`
//! and `util/gitutil/git_url.go`.

/// A repository, and what to take from it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GitAddress {
    /// The address as git takes it, without the query and the fragment.
    pub remote: String,
    /// A branch, tag or commit; empty means the default branch.
    pub reference: String,
    /// The folder to take; empty means the whole repository.
    pub subdirectory: String,
    /// The commit that the reference must point to, or the beginning of its id; empty means any.
    pub checksum: String,
    /// Whether the folder `.git` is kept; it is not if this is absent.
    pub keep_git_dir: Option<bool>,
    /// Whether submodules are fetched; they are if this is absent.
    pub submodules: Option<bool>,
    /// The modification time of files, `checkout` or `commit`; empty means the engine's default.
    pub modification_time: String,
    /// Whether the commit in `checksum` is fetched without resolving the reference.
    pub fetch_by_commit: bool,
}

impl GitAddress {
    /// Reads an address; `None` if it is not that of a repository.
    ///
    /// An `http` or `https` address is that of a repository only if its path ends with `.git`. The
    /// error is a phrase that says what is wrong with the address.
    pub fn parse(text: &str) -> Result<Option<GitAddress>, String> {
        if text.starts_with("./") || text.starts_with("../") {
            return Ok(None);
        }
        let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (remote, query) = rest.split_once('?').unwrap_or((rest, ""));
        let is_scp_style = !has_scheme(text) && is_scp_style(remote);
        if !(is_scp_style || remote.starts_with("github.com/") || is_repository(remote)) {
            return Ok(None);
        }
        let mut address = GitAddress {
            remote: remote.to_owned(),
            ..GitAddress::default()
        };
        let fragment = if is_scp_style {
            fragment.to_owned()
        } else {
            unescape(fragment, Plus::Itself)
        };
        let (reference, subdirectory) = fragment.split_once(':').unwrap_or((&fragment, ""));
        reference.clone_into(&mut address.reference);
        address.subdirectory = clean(subdirectory);
        address.read_query(query)?;
        Ok(Some(address))
    }

    fn read_query(&mut self, query: &str) -> Result<(), String> {
        let (mut tag, mut branch) = (String::new(), String::new());
        let mut seen: Vec<String> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (key, value) = (unescape(key, Plus::Blank), unescape(value, Plus::Blank));
            if seen.contains(&key) {
                return Err(format!("its query has `{key}` twice"));
            }
            let is_flag = matches!(
                key.as_str(),
                "submodules" | "keep-git-dir" | "fetch-by-commit"
            );
            if value.is_empty() && !is_flag {
                return Err(format!("`{key}` in its query has no value"));
            }
            match key.as_str() {
                "ref" => set_once(&mut self.reference, value, "reference")?,
                "tag" => tag = add_prefix("refs/tags/", value),
                "branch" => branch = add_prefix("refs/heads/", value),
                "subdir" => set_once(&mut self.subdirectory, clean(&value), "folder")?,
                "checksum" | "commit" => set_once(&mut self.checksum, value, "commit")?,
                "keep-git-dir" => self.keep_git_dir = Some(parse_boolean(&key, &value)?),
                "submodules" => self.submodules = Some(parse_boolean(&key, &value)?),
                "fetch-by-commit" => self.fetch_by_commit = parse_boolean(&key, &value)?,
                "mtime" if matches!(value.as_str(), "checkout" | "commit") => {
                    self.modification_time = value;
                }
                "mtime" => {
                    return Err(format!(
                        "`mtime` in its query must be `checkout` or `commit`, not `{value}`"
                    ));
                }
                _ => return Err(format!("its query has the unknown key `{key}`")),
            }
            seen.push(key);
        }
        if !tag.is_empty() && !branch.is_empty() {
            return Err("its query names both a tag and a branch".to_owned());
        }
        for reference in [tag, branch] {
            if !reference.is_empty() {
                set_once(&mut self.reference, reference, "reference")?;
            }
        }
        Ok(())
    }
}

/// `^[a-zA-Z0-9]+://`
fn has_scheme(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn is_repository(remote: &str) -> bool {
    let Some((scheme, rest)) = remote.split_once("://") else {
        return false;
    };
    match scheme.to_lowercase().as_str() {
        "git" | "ssh" => true,
        "http" | "https" => rest
            .split_once('/')
            .is_some_and(|(_, path)| path.as_bytes().ends_with(b".git")),
        _ => false,
    }
}

/// `user@host:path`, by the expression in util/sshutil/scpurl.go.
fn is_scp_style(remote: &str) -> bool {
    let is_word = |text: &str, more: &[u8]| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
    };
    let host = remote.split_once('@').and_then(|(user, rest)| {
        let (host, _) = rest.split_once(':')?;
        is_word(user, b"-_").then_some(host)
    });
    host.is_some_and(|host| is_word(host, b"-."))
}

/// Sets a value that the address may give more than once, but always the same.
fn set_once(known: &mut String, value: String, what: &str) -> Result<(), String> {
    if !known.is_empty() && *known != value {
        return Err(format!("it names two {what}s, `{known}` and `{value}`"));
    }
    *known = value;
    Ok(())
}

fn add_prefix(prefix: &str, name: String) -> String {
    if name.starts_with(prefix) {
        name
    } else {
        format!("{prefix}{name}")
    }
}

/// Reads a flag as Go's `strconv.ParseBool` does; a flag without a value is true.
fn parse_boolean(key: &str, value: &str) -> Result<bool, String> {
    match value {
        "" | "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err(format!(
            "`{key}` in its query must be `true` or `false`, not `{value}`"
        )),
    }
}

/// The path of a folder relative to the repository, without `.` and `..`.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// What `+` stands for. In queries, it is a blank.
#[derive(Clone, Copy, PartialEq)]
enum Plus {
    Itself,
    Blank,
}

/// Part of an address with its `%` escapes decoded. A malformed escape stays as it is.
fn unescape(text: &str, plus: Plus) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = (*first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = after;
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None if *first == b'+' && plus == Plus::Blank => bytes.push(b' '),
            None => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
