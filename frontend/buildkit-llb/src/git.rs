//! `SourceOp` for git repositories.
//! The identifier consists of host and path only, so that `https` and `ssh` share the cache. The full address is an
//! attribute. Addresses are parsed as in `util/gitutil/git_url.go`.

use crate::path::clean;
use crate::source::Attributes;
use crate::{About, Graph, Output};

/// The secrets that docker and buildx offer for private repositories. Go always names both: client/llb/source.go.
pub(crate) const AUTH_TOKEN_SECRET: &str = "GIT_AUTH_TOKEN";
pub(crate) const AUTH_HEADER_SECRET: &str = "GIT_AUTH_HEADER";

/// A checkout of a git repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Git {
    /// The address: `https://…`, `ssh://…`, `git://…`, `http://…`, `git@host:path`, or `host/path` for https.
    /// A query or fragment is dropped.
    pub remote: String,
    /// A branch, tag or commit; empty means the default branch.
    pub reference: String,
    /// The folder to take; empty means the whole repository.
    pub subdirectory: String,
    /// The commit that the reference must point to, or the beginning of its id; empty means any.
    pub checksum: String,
    /// Keeps the folder `.git`.
    pub keep_git_dir: bool,
    /// Leaves submodules out.
    pub skip_submodules: bool,
    /// The modification time of files, `checkout` or `commit`; empty means the engine's default.
    pub modification_time: String,
    /// Fetches the commit in `checksum` without resolving the reference.
    pub fetch_by_commit: bool,
    /// The secret with a token; empty means none.
    pub auth_token_secret: String,
    /// The secret with an `Authorization` header; empty means none.
    pub auth_header_secret: String,
    /// Lines of `known_hosts`, for ssh; empty means none. No host is looked up.
    pub known_ssh_hosts: String,
    /// The ssh agent to use, for ssh.
    pub ssh_agent: String,
}

impl Git {
    /// A checkout with the secrets that the docker client offers.
    pub fn new(remote: impl Into<String>, reference: impl Into<String>) -> Self {
        Self {
            remote: remote.into(),
            reference: reference.into(),
            subdirectory: String::new(),
            checksum: String::new(),
            keep_git_dir: false,
            skip_submodules: false,
            modification_time: String::new(),
            fetch_by_commit: false,
            auth_token_secret: AUTH_TOKEN_SECRET.to_owned(),
            auth_header_secret: AUTH_HEADER_SECRET.to_owned(),
            known_ssh_hosts: String::new(),
            ssh_agent: "default".to_owned(),
        }
    }

    /// The same checkout, but with the secrets for its host alone: `GIT_AUTH_TOKEN.example.org`.
    ///
    /// The engine appends the host to the name of a secret and looks for that first, and then for the name itself
    /// (source/git/source.go, `authSecretNames`). So the secrets without a host would be sent to any host.
    #[must_use]
    pub fn with_secrets_of_host(mut self) -> Self {
        let of_host = |name: &str| {
            let host = http_host(&self.remote);
            host.map_or_else(String::new, |host| format!("{name}.{host}"))
        };
        self.auth_token_secret = of_host(AUTH_TOKEN_SECRET);
        self.auth_header_secret = of_host(AUTH_HEADER_SECRET);
        self
    }
}

/// The host of a repository's address, with the port if there is one and in small letters; `None` if git does not
/// use HTTP there.
pub fn http_host(remote: &str) -> Option<String> {
    let Remote { url, is_ssh, .. } = Remote::parse(remote);
    let rest = url
        .strip_prefix("https://")
        .or(url.strip_prefix("http://"))?;
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    (!is_ssh && !host.is_empty()).then(|| host.to_lowercase())
}

impl Graph {
    /// Adds a checkout of a git repository: `git://` on the wire, whatever the protocol.
    pub fn git(&mut self, git: Git, about: About) -> Output {
        let remote = Remote::parse(&git.remote);
        let subdirectory = clean(&git.subdirectory);
        let subdirectory = &subdirectory[1..];
        let fragment = match (git.reference.as_str(), subdirectory) {
            ("", "") => String::new(),
            (reference, "") => format!("#{reference}"),
            (reference, subdirectory) => format!("#{reference}:{subdirectory}"),
        };
        let flag = |flag: bool| if flag { "true" } else { "" };
        let mut attributes = Attributes::default();
        attributes.set("git.keepgitdir", flag(git.keep_git_dir));
        attributes.set("git.fullurl", remote.url);
        attributes.set("git.authtokensecret", git.auth_token_secret);
        attributes.set("git.authheadersecret", git.auth_header_secret);
        if remote.is_ssh {
            attributes.set("git.knownsshhosts", git.known_ssh_hosts);
            attributes.set("git.mountsshsock", git.ssh_agent);
        }
        attributes.set("git.checksum", git.checksum);
        attributes.set("git.skipsubmodules", flag(git.skip_submodules));
        attributes.set("git.mtime", git.modification_time);
        attributes.set("git.fetchbycommit", flag(git.fetch_by_commit));
        self.source(
            format!("git://{}{fragment}", remote.identity),
            attributes,
            None,
            about,
        )
    }
}

/// The parts of an address.
struct Remote {
    /// The host and the cleaned path.
    identity: String,
    /// The address that git gets.
    url: String,
    is_ssh: bool,
}

impl Remote {
    fn parse(remote: &str) -> Self {
        let plain = remote.split(['?', '#']).next().unwrap_or_default();
        if let Some((scheme, rest)) = plain.split_once("://") {
            let scheme = scheme.to_lowercase();
            if !["http", "https", "ssh", "git"].contains(&scheme.as_str()) {
                // The engine reports the error, as for Go's client.
                return Self {
                    identity: remote.to_owned(),
                    url: remote.to_owned(),
                    is_ssh: false,
                };
            }
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit('@').next().unwrap_or_default();
            let identity = format!("{host}{}", clean(path));
            return Self {
                identity,
                url: format!("{scheme}://{rest}"),
                is_ssh: scheme == "ssh",
            };
        }
        match split_scp_style(plain) {
            Some((host, path)) => {
                let identity = format!("{host}{}", clean(path));
                Self {
                    identity,
                    url: plain.to_owned(),
                    is_ssh: true,
                }
            }
            None => Self::parse(&format!("https://{plain}")),
        }
    }
}

/// The host and the path of `user@host:path`, by the expression in util/sshutil/scpurl.go.
fn split_scp_style(remote: &str) -> Option<(&str, &str)> {
    let (user, rest) = remote.split_once('@')?;
    let (host, path) = rest.split_once(':')?;
    let is_word = |text: &str, more: &[u8]| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
    };
    (is_word(user, b"-_") && is_word(host, b"-.")).then_some((host, path))
}
