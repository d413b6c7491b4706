//! Turns the actions of recipes into those of vertices.

use buildkit_llb::{Copy, FileActions, MakeDirectory, MakeFile, Owner, Timestamp};

use crate::LAYER_TIME_SECONDS;
use crate::recipe::{Action, Copied};
use crate::vertices::Vertices;

impl Vertices<'_> {
    pub(super) fn action(&mut self, files: FileActions, action: &Action) -> FileActions {
        let ids = |(user, group): (u32, u32)| Owner::ids(user, group);
        match action {
            Action::Directory { path, mode, owner } => {
                let mut directory = MakeDirectory::new(path.as_str(), *mode);
                directory.owner = Some(ids(*owner));
                files.make_directory(directory)
            }
            Action::File {
                path,
                mode,
                data,
                owner,
            } => {
                let mut file = MakeFile::new(path.as_str(), *mode, data.as_slice());
                file.owner = Some(ids(*owner));
                files.make_file(file)
            }
            Action::Text { path, data } => {
                let mut file = MakeFile::new(path.as_str(), 0o644, data.as_slice());
                file.time = Some(Timestamp::from_seconds(LAYER_TIME_SECONDS));
                files.make_file(file)
            }
            Action::Copy(copied) => {
                let Copied { tree, from, to, .. } = copied;
                let (input, from) = self.place(tree, from);
                let mut copy = Copy::new(input, from, to.as_str());
                copy.directory_contents = true;
                copy.mode = copied.mode;
                copy.owner = copied.owner.map(ids);
                copy.follow_symlink = copied.follows_links;
                copy.create_destination = copied.makes_parents;
                if copied.has_layer_time {
                    let time = self.request.layer_time_seconds();
                    copy.time = Some(Timestamp::from_seconds(time));
                }
                files.copy(copy)
            }
        }
    }
}
