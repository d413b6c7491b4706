//! Files of the plan as file systems: embedded bytes, and paths of the build context.

use std::collections::BTreeSet;

use buildkit_llb::{Copy, FileActions, MakeDirectory, MakeFile, Output, Owner, Timestamp};
use plan::{Content, Planned, PlannedFile};
use source::Span;
use spec::ExtensionName;

use crate::compilation::Compilation;

/// Folders whose mode is not `0755` on Debian and Ubuntu; a layer that holds one must repeat it, as
/// the metadata of the last layer wins.
const MODES: &[(&str, u32)] = &[("/root", 0o700), ("/etc/ssl/private", 0o700)];

/// One source of files that is mounted into a builder: the content is at `/source`.
pub(crate) fn source(
    compilation: &mut Compilation<'_>,
    content: &Content,
    span: Span,
) -> (Output, String) {
    if let Some((name, path)) = in_context(content) {
        return context(compilation, name, path, span);
    }
    let actions = place(
        FileActions::on(Output::SCRATCH),
        content,
        "/source",
        None,
        (0, 0),
    );
    let about = compilation.about("[internal] files of an extension", &[span]);
    (compilation.graph.file(actions, about), "/source".to_owned())
}

/// The files of an extension as one layer on scratch, with exact modes, owners and times.
pub(crate) fn layer(compilation: &mut Compilation<'_>, extension: &Planned) -> Output {
    let mut actions = FileActions::on(Output::SCRATCH);
    let mut made: BTreeSet<String> = BTreeSet::new();
    for file in &extension.files {
        for parent in file.to.parents() {
            if made.insert(parent.to_owned()) {
                let mode = MODES.iter().find(|(path, _)| *path == parent);
                let mode = mode.map_or(0o755, |(_, mode)| *mode);
                actions = actions.make_directory(owned_directory(parent, mode, (0, 0)));
            }
        }
        actions = match in_context(&file.content) {
            Some((name, path)) => {
                let (from, path) = context(compilation, name, path, file.span);
                actions.copy(copy_of_context(from, &path, file))
            }
            None => place(
                actions,
                &file.content,
                file.to.as_str(),
                file.mode,
                file.owner,
            ),
        };
    }
    let spans: Vec<Span> = extension.files.iter().map(|file| file.span).collect();
    let name = format!("[{}] gather files", extension.name);
    let about = compilation.about_own(extension, name, &spans);
    let gathered = compilation.graph.file(actions, about);
    let name = format!("[{}] files", extension.name);
    settled(compilation, extension, gathered, name, &spans)
}

/// A copy of a whole tree onto scratch, with one time for everything.
///
/// Making a file in a folder sets the folder's time to the current one; only one copy of the
/// finished tree leaves every folder at a fixed time. Being a copy, it is cached by content: what
/// is behind it does not run again when the tree was made anew and is equal.
pub(crate) fn settled(
    compilation: &mut Compilation<'_>,
    extension: &Planned,
    tree: Output,
    name: String,
    spans: &[Span],
) -> Output {
    let mut copy = Copy::new(tree, "/", "/");
    copy.directory_contents = true;
    copy.create_destination = true;
    let time = compilation.request.layer_time_seconds();
    copy.time = Some(Timestamp::from_seconds(time));
    let about = compilation.about_own(extension, name, spans);
    compilation
        .graph
        .file(FileActions::on(Output::SCRATCH).copy(copy), about)
}

fn copy_of_context(from: Output, path: &str, file: &PlannedFile) -> Copy {
    let mut copy = Copy::new(from, path, file.to.as_str());
    copy.follow_symlink = true;
    copy.directory_contents = true;
    copy.create_destination = true;
    copy.mode = file.mode;
    // The client's own ids mean nothing in the image.
    copy.owner = Some(Owner::ids(file.owner.0, file.owner.1));
    copy
}

/// The path of content that is in a context, and the extension whose own context that is.
fn in_context(content: &Content) -> Option<(Option<&ExtensionName>, &str)> {
    match content {
        Content::Context(path) => Some((None, path)),
        Content::NamedContext(name, path) => Some((Some(name), path)),
        Content::File(..) | Content::Folder(_) => None,
    }
}

/// A context, narrowed to one path where it can be, and the path in it.
fn context(
    compilation: &mut Compilation<'_>,
    name: Option<&ExtensionName>,
    path: &str,
    span: Span,
) -> (Output, String) {
    let request = compilation.request;
    let (context, title) = match name {
        None => (
            &request.context,
            format!("[internal] load {path} of the build context"),
        ),
        Some(name) => {
            let context = request.extension_contexts.get(name);
            let context = context.expect("an extension's own context was loaded to find it");
            (context, format!("[context {name}] load {path}"))
        }
    };
    let about = compilation.about(title, &[span]);
    let paths = [path.to_owned()];
    let (output, prefix) = context
        .output(&mut compilation.graph, &paths, path, about)
        .expect("the definition of a context was imported before");
    (output, format!("{prefix}/{path}"))
}

fn place(
    actions: FileActions,
    content: &Content,
    to: &str,
    mode: Option<u32>,
    owner: (u32, u32),
) -> FileActions {
    let file = |path: &str, bytes: &[u8], executable: bool| {
        let mode = mode.unwrap_or(if executable { 0o755 } else { 0o644 });
        let mut file = MakeFile::new(path, mode, bytes);
        file.owner = Some(Owner::ids(owner.0, owner.1));
        file
    };
    match content {
        Content::File(bytes, executable) => actions.make_file(file(to, bytes, *executable)),
        Content::Folder(files) => {
            let mut folders: BTreeSet<String> = BTreeSet::from([to.to_owned()]);
            for name in files.keys() {
                for (at, _) in name.match_indices('/') {
                    folders.insert(format!("{to}/{}", &name[..at]));
                }
            }
            let actions = folders.iter().fold(actions, |actions, folder| {
                actions.make_directory(owned_directory(folder, 0o755, owner))
            });
            files
                .iter()
                .fold(actions, |actions, (name, (bytes, executable))| {
                    actions.make_file(file(&format!("{to}/{name}"), bytes, *executable))
                })
        }
        Content::Context(_) | Content::NamedContext(..) => {
            unreachable!("content of a context is copied, not made")
        }
    }
}

fn owned_directory(path: &str, mode: u32, owner: (u32, u32)) -> MakeDirectory {
    let mut directory = MakeDirectory::new(path, mode);
    directory.owner = Some(Owner::ids(owner.0, owner.1));
    directory
}
