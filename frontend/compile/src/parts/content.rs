//! Makes file systems of the plan's content: embedded bytes, and paths of contexts.

use std::collections::BTreeSet;

use plan::{Content, Planned, PlannedFile};
use source::Span;
use spec::ExtensionName;

use crate::recipe::{Action, Copied, Label, Line, Operation, Tree};

/// Folders whose mode is not `0755` on Debian and Ubuntu. A layer that contains one must repeat its mode, since
/// the metadata of the last layer wins.
const MODES: &[(&str, u32)] = &[("/root", 0o700), ("/etc/ssl/private", 0o700)];

/// A file system with content to mount into a command, and the path of the content in it.
pub(crate) fn mountable(content: &Content, span: Span) -> (Tree, String) {
    if let Some((extension, path)) = in_context(content) {
        return (context(extension, path, span), path.to_owned());
    }
    let mut actions = Vec::new();
    write(&mut actions, content, "/source", None, (0, 0));
    let label = Label::shared("[internal] files of an extension", &[span]).on(Line::Hidden);
    (Tree::files(label, actions), "/source".to_owned())
}

/// The files of an extension as one layer, with exact modes, owners and times.
pub(crate) fn layer(extension: &Planned) -> Tree {
    let mut actions = Vec::new();
    let mut made: BTreeSet<String> = BTreeSet::new();
    for file in &extension.files {
        for parent in file.to.parents() {
            if made.insert(parent.to_owned()) {
                let mode = MODES.iter().find(|(path, _)| *path == parent);
                let mode = mode.map_or(0o755, |(_, mode)| *mode);
                actions.push(directory(parent, mode, (0, 0)));
            }
        }
        match in_context(&file.content) {
            Some((name, path)) => {
                let tree = context(name, path, file.span);
                actions.push(Action::Copy(copy(tree, path, file)));
            }
            None => write(
                &mut actions,
                &file.content,
                file.to.as_str(),
                file.mode,
                file.owner,
            ),
        }
    }
    let name = &extension.name;
    let spans: Vec<Span> = extension.files.iter().map(|file| file.span).collect();
    let label = Label::of(name, format!("[{name}] gather files"), &spans);
    let label = label.on(Line::Hidden);
    let gathered = Tree::files(label, actions);
    settle(gathered, Label::of(name, format!("[{name}] files"), &spans))
}

/// Copies a whole tree into an empty file system, with one time for everything.
///
/// Making a file in a folder sets the folder's time to the current one, so only a single copy of the finished
/// tree leaves every folder at a fixed time. A copy is cached by content: if the tree is made again and is
/// equal, nothing that depends on the copy runs again.
pub(crate) fn settle(tree: Tree, label: Label) -> Tree {
    let copy = Copied {
        makes_parents: true,
        has_layer_time: true,
        ..Copied::new(tree, "/", "/")
    };
    Tree::files(label, vec![Action::Copy(copy)])
}

/// The copy of a file or folder from a context.
fn copy(tree: Tree, path: &str, file: &PlannedFile) -> Copied {
    Copied {
        mode: file.mode,
        // The ids of owners on the client's machine mean nothing in the image.
        owner: Some(file.owner),
        follows_links: true,
        makes_parents: true,
        ..Copied::new(tree, path, file.to.as_str())
    }
}

/// The path of content that is in a context, with the extension if it is that extension's named context; `None`
/// = the content is not in a context.
fn in_context(content: &Content) -> Option<(Option<&ExtensionName>, &str)> {
    match content {
        Content::Context(path) => Some((None, path)),
        Content::NamedContext(name, path) => Some((Some(name), path)),
        Content::File(..) | Content::Folder(_) => None,
    }
}

/// Loads a path of a context. Each path is a vertex of its own, so that the files of one extension are not part
/// of the key of another one.
fn context(extension: Option<&ExtensionName>, path: &str, span: Span) -> Tree {
    let (name, line) = match extension {
        None => (
            format!("[internal] load {path} of the build context"),
            Line::Titled("[internal] load build context"),
        ),
        Some(name) => (format!("[context {name}] load {path}"), Line::Own),
    };
    let operation = Operation::Context {
        extension: extension.cloned(),
        path: path.to_owned(),
    };
    Tree::made(Label::shared(name, &[span]).on(line), operation)
}

/// Writes embedded content.
fn write(
    actions: &mut Vec<Action>,
    content: &Content,
    to: &str,
    mode: Option<u32>,
    owner: (u32, u32),
) {
    let file = |path: String, data: &[u8], executable: bool| Action::File {
        path,
        mode: mode.unwrap_or(if executable { 0o755 } else { 0o644 }),
        data: data.to_vec(),
        owner,
    };
    match content {
        Content::File(bytes, executable) => actions.push(file(to.to_owned(), bytes, *executable)),
        Content::Folder(files) => {
            let mut folders: BTreeSet<String> = BTreeSet::from([to.to_owned()]);
            for name in files.keys() {
                for (at, _) in name.match_indices('/') {
                    folders.insert(format!("{to}/{}", &name[..at]));
                }
            }
            actions.extend(folders.iter().map(|path| directory(path, 0o755, owner)));
            for (name, (bytes, executable)) in files {
                actions.push(file(format!("{to}/{name}"), bytes, *executable));
            }
        }
        Content::Context(_) | Content::NamedContext(..) => {
            unreachable!("content of a context is copied, not written")
        }
    }
}

fn directory(path: &str, mode: u32, owner: (u32, u32)) -> Action {
    Action::Directory {
        path: path.to_owned(),
        mode,
        owner,
    }
}
