//! The addresses of git repositories that docker's commands take as a context.
//!
//! `https://example.org/a.git#branch:folder`, or the same as a query, `…a.git?branch=…&subdir=…`. The grammar
//! is that of `frontend/dockerfile/dfgitutil/git_ref.go` and `util/gitutil/git_url.go`.

/// What a context's address says of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GitAddress {
    /// The repository, for git itself: without a query and a fragment.
    pub remote: String,
    /// A branch, tag or commit; empty means the default branch.
    pub reference: String,
    /// The folder to take; empty means all.
    pub subdirectory: String,
    /// The commit that the reference must be, in full or its beginning; empty means any.
    pub checksum: String,
    /// Whether the folder `.git` is kept; nothing said means that it is not.
    pub keep_git_dir: Option<bool>,
    /// Whether submodules are fetched; nothing said means that they are.
    pub submodules: Option<bool>,
    /// The times of files, `checkout` or `commit`; empty means the engine's default.
    pub modification_time: String,
    /// Whether the commit of `checksum` is fetched without a look at the reference.
    pub fetch_by_commit: bool,
}

impl GitAddress {
    /// Reads an address; `None` when it is not of a repository.
    ///
    /// An address of the web is one only if its path ends with `.git`. The error is a phrase about the query.
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
        address.subdirectory = cleaned(subdirectory);
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
                return Err(format!("`{key}` stands twice in its query"));
            }
            let is_flag = matches!(
                key.as_str(),
                "submodules" | "keep-git-dir" | "fetch-by-commit"
            );
            if value.is_empty() && !is_flag {
                return Err(format!("`{key}` of its query has no value"));
            }
            match key.as_str() {
                "ref" => unite(&mut self.reference, value, "reference")?,
                "tag" => tag = prefixed("refs/tags/", value),
                "branch" => branch = prefixed("refs/heads/", value),
                "subdir" => unite(&mut self.subdirectory, cleaned(&value), "folder")?,
                "checksum" | "commit" => unite(&mut self.checksum, value, "commit")?,
                "keep-git-dir" => self.keep_git_dir = Some(boolean(&key, &value)?),
                "submodules" => self.submodules = Some(boolean(&key, &value)?),
                "fetch-by-commit" => self.fetch_by_commit = boolean(&key, &value)?,
                "mtime" if matches!(value.as_str(), "checkout" | "commit") => {
                    self.modification_time = value;
                }
                "mtime" => {
                    return Err(format!(
                        "`mtime={value}` of its query is neither `checkout` nor `commit`"
                    ));
                }
                _ => return Err(format!("`{key}` of its query is unknown")),
            }
            seen.push(key);
        }
        if !tag.is_empty() && !branch.is_empty() {
            return Err("its query names a tag and a branch".to_owned());
        }
        for reference in [tag, branch] {
            if !reference.is_empty() {
                unite(&mut self.reference, reference, "reference")?;
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

/// Takes over a value, unless another was given.
fn unite(known: &mut String, value: String, what: &str) -> Result<(), String> {
    if !known.is_empty() && *known != value {
        return Err(format!("it names two: the {what} `{known}` and `{value}`"));
    }
    *known = value;
    Ok(())
}

fn prefixed(prefix: &str, name: String) -> String {
    if name.starts_with(prefix) {
        name
    } else {
        format!("{prefix}{name}")
    }
}

/// Go's `strconv.ParseBool`; without a value it is true.
fn boolean(key: &str, value: &str) -> Result<bool, String> {
    match value {
        "" | "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err(format!(
            "`{key}={value}` of its query is neither `true` nor `false`"
        )),
    }
}

/// A folder's path below the repository: relative, without `.` and `..`.
fn cleaned(path: &str) -> String {
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

/// What `+` stands for: in queries, a blank.
#[derive(Clone, Copy, PartialEq)]
enum Plus {
    Itself,
    Blank,
}

/// Text of an address without `%` escapes; one that is malformed stays as it is.
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
