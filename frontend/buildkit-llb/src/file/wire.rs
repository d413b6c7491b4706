//! File actions on the wire.
//! The numbering of inputs follows `FileOp.Marshal` in client/llb/fileop.go: first come the inputs of the operation,
//! then the results of the preceding actions.

use crate::encode::{Inputs, NONE, position};
use crate::file::Action;
use crate::path::{clean, clean_destination};
use crate::{About, Copy, FileActions, Graph, Output, Owner, Principal, Timestamp, pb};

impl Graph {
    /// Adds file actions as one vertex. Without actions, the result is the file system itself, and `about` is dropped.
    pub fn file(&mut self, actions: FileActions, about: About) -> Output {
        let FileActions { base, actions } = actions;
        if actions.is_empty() {
            return base;
        }
        let mut inputs = Inputs::default();
        let base = inputs.index(base);
        let secondary: Vec<i64> = actions
            .iter()
            .map(|action| match action {
                Action::Copy(copy) => inputs.index(copy.from),
                _ => NONE,
            })
            .collect();
        let last = actions.len() - 1;
        let actions = actions.into_iter().zip(secondary).enumerate();
        let actions = actions.map(|(index, (action, secondary_input))| pb::FileAction {
            // The results of the actions are numbered after the inputs.
            input: if index == 0 {
                base
            } else {
                inputs.count() + position(index - 1)
            },
            secondary_input,
            output: if index == last { 0 } else { NONE },
            action: Some(action.into_pb(base)),
        });
        let body = pb::op::Op::File(pb::FileOp {
            actions: actions.collect(),
        });
        Output::new(self.add(inputs.into_vec(), None, body, about), 0)
    }
}

impl Action {
    fn into_pb(self, base: i64) -> pb::file_action::Action {
        use pb::file_action::Action as Wire;
        match self {
            Self::Copy(copy) => Wire::Copy(copy.into_pb(base)),
            Self::MakeFile(file) => Wire::Mkfile(pb::FileActionMkFile {
                path: clean(&file.path),
                mode: permissions(file.mode & 0o777),
                data: file.data,
                owner: owner(file.owner, base),
                timestamp: timestamp(file.time),
            }),
            Self::MakeDirectory(directory) => Wire::Mkdir(pb::FileActionMkDir {
                path: clean(&directory.path),
                mode: permissions(directory.mode & 0o777),
                make_parents: directory.parents,
                owner: owner(directory.owner, base),
                timestamp: timestamp(directory.time),
            }),
            Self::Symlink(link) => Wire::Symlink(pb::FileActionSymlink {
                oldpath: link.target,
                newpath: link.path,
                owner: owner(link.owner, base),
                timestamp: timestamp(link.time),
            }),
            Self::Remove(remove) => Wire::Rm(pb::FileActionRm {
                path: clean(&remove.path),
                allow_not_found: remove.allow_not_found,
                allow_wildcard: remove.wildcard,
            }),
        }
    }
}

impl Copy {
    fn into_pb(self, base: i64) -> pb::FileActionCopy {
        pb::FileActionCopy {
            src: clean(&self.source),
            dest: clean_destination(&self.destination),
            owner: owner(self.owner, base),
            mode: self.mode.map_or(-1, permissions),
            follow_symlink: self.follow_symlink,
            dir_copy_contents: self.directory_contents,
            attempt_unpack_docker_compatibility: self.unpack,
            create_dest_path: self.create_destination,
            allow_wildcard: self.wildcard,
            allow_empty_wildcard: self.allow_empty_wildcard,
            timestamp: timestamp(self.time),
            include_patterns: self.include_patterns,
            exclude_patterns: self.exclude_patterns,
            always_replace_existing_dest_paths: self.replace_existing,
            mode_str: String::new(),
            required_paths: self.required_paths,
        }
    }
}

fn permissions(mode: u32) -> i32 {
    i32::try_from(mode).expect("a file mode has sixteen bits")
}

fn timestamp(time: Option<Timestamp>) -> i64 {
    time.map_or(-1, |time| time.0)
}

fn owner(owner: Option<Owner>, base: i64) -> Option<pb::ChownOpt> {
    use pb::user_opt::User;
    let principal = |principal| {
        let user = match principal {
            Principal::Id(id) => User::ById(id),
            Principal::Name(name) => User::ByName(pb::NamedUserOpt { name, input: base }),
        };
        pb::UserOpt { user: Some(user) }
    };
    let owner = owner?;
    Some(pb::ChownOpt {
        user: Some(principal(owner.user)),
        group: owner.group.map(principal),
    })
}
