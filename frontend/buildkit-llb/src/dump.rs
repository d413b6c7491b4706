//! The graph as text, for people and for golden tests: one line per vertex, inputs first.
//! A line has the name, the kind, the essentials of the operation, the names of the inputs, the first location, and
//! eight digits of the digest, which show every other change. Sessions are left out, so that the text does not depend
//! on the machine.

use std::collections::BTreeMap;

use crate::encode::NONE;
use crate::graph::Vertex;
use crate::{Digest, Graph, Output, pb};

/// The largest width of a column. A longer cell pushes the rest of its line to the right.
const WIDEST: usize = 48;
/// The length at which texts are cut.
const LONGEST: usize = 80;

impl Graph {
    /// The vertices that make an output, one per line, such as
    /// `git.built  exec  /bin/sh -c "apt-get …"  <- ubuntu  @ extensions/git/extension.yaml:7  4f0c11d2`.
    ///
    /// Empty for scratch. An input that is not the first output of its vertex is followed by `#` and its index.
    pub fn dump(&self, of: Output) -> String {
        let order = self.post_order(of);
        let names = self.names(&order);
        let rows: Vec<[String; 6]> = order
            .iter()
            .map(|digest| self.row(*digest, &names))
            .collect();
        let mut widths = [0; 6];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count()).min(WIDEST);
            }
        }
        // An empty column takes up no space.
        let line = |row: &[String; 6]| {
            let cells = row.iter().zip(widths).filter(|(_, width)| *width > 0);
            let cells: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            cells.join("  ").trim_end().to_owned() + "\n"
        };
        rows.iter().map(line).collect()
    }

    /// The name of each vertex: the one it was given, or else its short digest; both if the name is not unique.
    fn names(&self, order: &[Digest]) -> BTreeMap<Digest, String> {
        let given = |digest: &Digest| self.vertex(*digest).description.about.name.clone();
        let mut uses: BTreeMap<String, usize> = BTreeMap::new();
        for digest in order {
            *uses.entry(given(digest)).or_default() += 1;
        }
        let name = |digest: &Digest| match given(digest) {
            name if name.is_empty() => digest.short(),
            name if uses[&name] > 1 => format!("{name}~{}", digest.short()),
            name => name,
        };
        order.iter().map(|digest| (*digest, name(digest))).collect()
    }

    fn row(&self, digest: Digest, names: &BTreeMap<Digest, String>) -> [String; 6] {
        let vertex = self.vertex(digest);
        let inputs: Vec<String> = vertex
            .inputs
            .iter()
            .map(|input| name_input(*input, names))
            .collect();
        let (kind, essence) = describe(vertex, &inputs);
        let from = if inputs.is_empty() {
            String::new()
        } else {
            format!("<- {}", inputs.join(", "))
        };
        let location = vertex.description.about.locations.first().map(|location| {
            let line = location
                .ranges
                .first()
                .map(|range| format!(":{}", range.start.line));
            format!(
                "@ {}{}",
                self.file_of(location.file).name,
                line.unwrap_or_default()
            )
        });
        [
            names[&digest].clone(),
            kind,
            essence,
            from,
            location.unwrap_or_default(),
            digest.short(),
        ]
    }
}

fn name_input(input: Output, names: &BTreeMap<Digest, String>) -> String {
    match input.vertex() {
        None => "scratch".to_owned(),
        Some(vertex) if input.index() == 0 => names[&vertex].clone(),
        Some(vertex) => format!("{}#{}", names[&vertex], input.index()),
    }
}

/// The kind and the essentials of an operation.
fn describe(vertex: &Vertex, inputs: &[String]) -> (String, String) {
    let (kind, essence) = match &vertex.op.op {
        Some(pb::op::Op::Source(source)) => describe_source(source, vertex.op.platform.as_ref()),
        Some(pb::op::Op::Exec(exec)) => ("exec", describe_exec(exec, inputs)),
        Some(pb::op::Op::File(file)) => ("file", describe_file(file, inputs)),
        Some(pb::op::Op::Merge(_)) => ("merge", String::new()),
        Some(pb::op::Op::Diff(_)) => ("diff", String::new()),
        Some(pb::op::Op::Build(_)) | None => ("other", String::new()),
    };
    let ignore_cache = if vertex.description.about.ignore_cache {
        " (not cached)"
    } else {
        ""
    };
    (kind.to_owned(), essence + ignore_cache)
}

fn describe_source(
    source: &pb::SourceOp,
    platform: Option<&pb::Platform>,
) -> (&'static str, String) {
    let (scheme, rest) = source.identifier.split_once("://").unwrap_or_default();
    let (kind, mut essence) = match scheme {
        "docker-image" => ("image", rest.to_owned()),
        "local" => ("local", rest.to_owned()),
        "git" => ("git", rest.to_owned()),
        "oci-layout" => ("oci", rest.to_owned()),
        _ => ("http", source.identifier.clone()),
    };
    if let Some(platform) = platform {
        let parts = [&platform.os, &platform.architecture, &platform.variant].map(String::as_str);
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        essence = format!("{essence} {}", parts.join("/"));
    }
    // These attributes say how a source is fetched, not which source it is.
    let hidden = [
        "session",
        "store",
        "sharedkeyhint",
        "fullurl",
        "secret",
        "known",
        "sock",
    ];
    for (key, value) in &source.attrs {
        let (_, key) = key.split_once('.').unwrap_or(("", key));
        if !hidden.iter().any(|hidden| key.contains(hidden)) {
            essence = format!("{essence} {key}={}", cut(value));
        }
    }
    (kind, essence)
}

fn describe_exec(exec: &pb::ExecOp, inputs: &[String]) -> String {
    let mut words = Vec::new();
    let meta = exec.meta.clone().unwrap_or_default();
    words.extend(
        meta.env
            .iter()
            .map(|variable| match variable.split_once('=') {
                Some((name, value)) => format!("{name}={}", quote(value)),
                None => quote(variable),
            }),
    );
    words.extend(
        exec.secretenv
            .iter()
            .map(|secret| format!("{}=secret({})", secret.name, secret.id)),
    );
    words.extend(meta.args.iter().map(|argument| quote(argument)));
    let settings = [
        ("cwd", Some(meta.cwd).filter(|cwd| cwd != "/")),
        ("user", Some(meta.user)),
        ("hostname", Some(meta.hostname)),
        (
            "network",
            Some(exec.network().as_str_name().to_lowercase()).filter(|mode| mode != "unset"),
        ),
        (
            "security",
            Some(exec.security().as_str_name().to_lowercase()).filter(|mode| mode != "sandbox"),
        ),
    ];
    for (name, value) in settings {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            words.push(format!("[{name} {value}]"));
        }
    }
    words.extend(
        exec.mounts
            .iter()
            .filter_map(|mount| describe_mount(mount, inputs)),
    );
    words.join(" ")
}

/// A mount in brackets; `None` for a root that is written to, because that is the usual case.
fn describe_mount(mount: &pb::Mount, inputs: &[String]) -> Option<String> {
    let input = find_name(mount.input, inputs);
    let selected = format!("{input}{}", selector(&mount.selector));
    let what = match mount.mount_type() {
        pb::MountType::Bind if mount.readonly => {
            let is_read = mount.content_cache() != pb::MountContentCache::Off;
            let kind = if is_read {
                "readonly"
            } else {
                "readonly, by definition"
            };
            format!("{selected} {kind}")
        }
        pb::MountType::Bind if mount.output == NONE => format!("{selected} discarded"),
        pb::MountType::Bind if mount.dest == "/" => return None,
        pb::MountType::Bind => format!("{selected} output#{}", mount.output),
        pb::MountType::Cache => {
            let cache = mount.cache_opt.clone().unwrap_or_default();
            let from = if mount.input == NONE {
                String::new()
            } else {
                format!(" from {selected}")
            };
            format!(
                "cache {} {}{from}",
                cache.id,
                cache.sharing().as_str_name().to_lowercase()
            )
        }
        pb::MountType::Tmpfs => "tmpfs".to_owned(),
        pb::MountType::Secret => {
            format!(
                "secret {}",
                mount.secret_opt.as_ref().map_or("", |secret| &secret.id)
            )
        }
        pb::MountType::Ssh => format!("ssh {}", mount.ssh_opt.as_ref().map_or("", |ssh| &ssh.id)),
    };
    Some(format!("[{} {}]", mount.dest, what.trim_end()))
}

fn describe_file(file: &pb::FileOp, inputs: &[String]) -> String {
    use pb::file_action::Action;
    let mut words = Vec::new();
    for action in &file.actions {
        words.push(match &action.action {
            Some(Action::Copy(copy)) => {
                let from = find_name(action.secondary_input, inputs);
                format!("copy {from}{} -> {}", selector(&copy.src), copy.dest)
            }
            Some(Action::Mkfile(file)) => {
                let text = String::from_utf8_lossy(&file.data);
                format!("file {} {:o} {}", file.path, file.mode, quote(&text))
            }
            Some(Action::Mkdir(directory)) => {
                format!("directory {} {:o}", directory.path, directory.mode)
            }
            Some(Action::Symlink(link)) => format!("link {} -> {}", link.newpath, link.oldpath),
            Some(Action::Rm(remove)) => format!("remove {}", remove.path),
            None => String::new(),
        });
    }
    words.join("; ")
}

fn find_name(index: i64, inputs: &[String]) -> String {
    match usize::try_from(index) {
        Ok(index) => inputs[index].clone(),
        Err(_) => "scratch".to_owned(),
    }
}

fn selector(path: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!(":{path}")
    }
}

/// A word roughly as one would quote it in a shell, cut and without line ends.
fn quote(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+./:=@,%".contains(&byte);
    let word = cut(word);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word
    } else {
        format!("{word:?}")
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
