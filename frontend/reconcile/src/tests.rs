//! Tests through the crate's boundary: a base with real files, layers that add to them, and the plan.

mod accounts;
mod below;
mod conflicts;
mod contents;
mod databases;
mod formats;
mod one_root;
mod packages;
mod paths;
mod planned;
mod properties;
mod refusals;
mod removals;
mod says;
mod sbom;
mod versions;

use crate::{Content, Entry, Kind, Layer, Part, Plan, Refusal, State, plan, to_text};

pub(crate) const STATUS: &str = "/var/lib/dpkg/status";
pub(crate) const DIVERSIONS: &str = "/var/lib/dpkg/diversions";
pub(crate) const OVERRIDES: &str = "/var/lib/dpkg/statoverride";
pub(crate) const MARKS: &str = "/var/lib/apt/extended_states";

/// Files of Debian bookworm's minimal base. The longer ones are cut.
const BASE: &[(&str, &str)] = &[
    (STATUS, include_str!("fixtures/status")),
    (DIVERSIONS, include_str!("fixtures/diversions")),
    (OVERRIDES, ""),
    (
        "/var/lib/dpkg/alternatives/which",
        include_str!("fixtures/which"),
    ),
    (
        "/var/lib/dpkg/triggers/File",
        "/etc/shells.d debianutils\n/usr/share/debianutils/shells.d debianutils\n",
    ),
    (
        "/var/cache/debconf/config.dat",
        include_str!("fixtures/config.dat"),
    ),
    ("/etc/passwd", include_str!("fixtures/passwd")),
    ("/etc/group", include_str!("fixtures/group")),
    ("/etc/shadow", include_str!("fixtures/shadow")),
    ("/etc/gshadow", include_str!("fixtures/gshadow")),
    (
        "/etc/shells",
        "# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n",
    ),
];

pub(crate) fn base() -> State {
    let mut state = State::default();
    for (path, content) in BASE {
        state
            .files
            .insert(path.as_bytes().to_vec(), content.as_bytes().to_vec());
        state
            .listing
            .0
            .insert(path.as_bytes().to_vec(), file(content, 0o644, 0, 0));
    }
    for path in ["/usr", "/usr/bin", "/etc", "/var/log"] {
        state.listing.0.insert(path.into(), directory(0o755, 0, 0));
    }
    state.listing.0.insert(b"/bin".to_vec(), link("usr/bin"));
    state
}

/// The base's version of a file.
pub(crate) fn read_base(path: &str) -> String {
    base()
        .files
        .get(path.as_bytes())
        .map(|bytes| to_text(bytes))
        .unwrap_or_default()
}

pub(crate) fn file(content: &str, mode: u32, uid: u32, gid: u32) -> Entry {
    let size = content.len() as u64;
    let hash = Some(format!("{content:0<64.64}").into_bytes());
    Entry {
        kind: Kind::File,
        mode,
        uid,
        gid,
        size,
        target: Vec::new(),
        hash,
        attributes: None,
    }
}

pub(crate) fn directory(mode: u32, uid: u32, gid: u32) -> Entry {
    let (size, target, hash) = (0, Vec::new(), None);
    Entry {
        kind: Kind::Directory,
        mode,
        uid,
        gid,
        size,
        target,
        hash,
        attributes: None,
    }
}

pub(crate) fn link(target: &str) -> Entry {
    let (mode, size, hash) = (0o777, 0, None);
    Entry {
        kind: Kind::Link,
        mode,
        uid: 0,
        gid: 0,
        size,
        target: target.into(),
        hash,
        attributes: None,
    }
}

pub(crate) fn layer(extension: &str) -> Layer {
    Layer {
        extension: extension.to_owned(),
        ..Layer::default()
    }
}

impl Layer {
    /// With this content of a database file.
    pub(crate) fn file(mut self, path: &str, content: &str) -> Self {
        self.state.files.insert(path.into(), content.into());
        self.entry(path, file(content, 0o644, 0, 0))
    }

    /// With these lines appended to a database file of the base.
    pub(crate) fn adds(self, path: &str, content: &str) -> Self {
        let content = read_base(path) + content;
        self.file(path, &content)
    }

    /// With these users in its root besides the base's, none of which it added itself.
    pub(crate) fn sees_users(mut self, lines: &str) -> Self {
        let content = read_base("/etc/passwd") + lines;
        let path = b"/etc/passwd".to_vec();
        self.state.accounts.insert(path, content.into());
        self
    }

    /// With a changed path.
    pub(crate) fn entry(mut self, path: &str, entry: Entry) -> Self {
        self.state.listing.0.insert(path.into(), entry);
        self
    }

    /// As this part of the extension.
    pub(crate) fn part(mut self, part: Part) -> Self {
        self.part = part;
        self
    }

    /// With what a path was before.
    pub(crate) fn was(mut self, path: &str, entry: Entry) -> Self {
        self.state.before.0.insert(path.into(), entry);
        self
    }

    /// Installed on the layers with these indexes.
    pub(crate) fn on<const N: usize>(mut self, below: [usize; N]) -> Self {
        self.below.extend(below);
        self
    }

    /// With a path of the base removed.
    pub(crate) fn removes(mut self, path: &str) -> Self {
        self.removed.insert(path.into());
        self
    }

    /// With a package that owns these paths.
    pub(crate) fn package(self, name: &str, version: &str, paths: &[&str]) -> Self {
        let before = self.state.files.get(STATUS.as_bytes());
        let before = before.map_or_else(|| read_base(STATUS), |bytes| to_text(bytes));
        let list = format!("/var/lib/dpkg/info/{name}.list");
        self.file(
            STATUS,
            &(before + &stanza(name, version, "install ok installed")),
        )
        .file(&list, &(paths.join("\n") + "\n"))
    }
}

pub(crate) fn stanza(name: &str, version: &str, status: &str) -> String {
    format!("Package: {name}\nStatus: {status}\nArchitecture: amd64\nVersion: {version}\n\n")
}

pub(crate) fn make_plan(layers: &[Layer]) -> Plan {
    plan(&base(), layers, "amd64").unwrap_or_else(|refusals| panic!("{}", show(&refusals)))
}

/// The refusals of layers that cannot be combined, as the user reads them but without indentation.
pub(crate) fn expect_refusals(layers: &[Layer]) -> String {
    let refusals = plan(&base(), layers, "amd64").expect_err("layers that cannot be combined");
    show(&refusals).replace("  help", "help")
}

pub(crate) fn show(refusals: &[Refusal]) -> String {
    let texts: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    texts.join(
        "
",
    )
}

/// What the plan writes to a path; empty if it writes nothing.
pub(crate) fn read_written(plan: &Plan, path: &str) -> String {
    match plan.files.get(path.as_bytes()).map(|file| &file.content) {
        Some(Content::Bytes(bytes)) => to_text(bytes),
        Some(Content::Link(target)) => format!("-> {}", to_text(target)),
        None => String::new(),
    }
}
