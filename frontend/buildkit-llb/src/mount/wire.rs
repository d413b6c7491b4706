//! Mounts on the wire, and the rules that number their inputs and outputs.
//! The order and the indexes are those of `ExecOp.Marshal` in client/llb/exec.go.

use crate::encode::{Inputs, NONE};
use crate::{Mount, MountKey, MountKind, Sharing, pb};

impl Mount {
    /// The place of the mount in the order: file systems, then secrets, then ssh agents, each sorted by destination.
    /// The rest of the mount only makes the order total.
    pub(crate) fn rank(&self) -> (u8, &Self) {
        match self.kind {
            MountKind::Bind { .. } | MountKind::Cache { .. } | MountKind::Tmpfs { .. } => (0, self),
            MountKind::Secret { .. } => (1, self),
            MountKind::Ssh { .. } => (2, self),
        }
    }

    /// The mount on the wire. `next_output` is the number of the next output that is kept, and is advanced.
    pub(crate) fn to_pb(&self, inputs: &mut Inputs, next_output: &mut u32) -> pb::Mount {
        let mut mount = pb::Mount {
            dest: self.destination.clone(),
            input: NONE,
            output: NONE,
            ..pb::Mount::default()
        };
        match &self.kind {
            MountKind::Bind {
                input,
                selector,
                key,
                readonly,
                ..
            } => {
                mount.input = inputs.index(*input);
                mount.selector.clone_from(selector);
                if *key == MountKey::Definition {
                    mount.set_content_cache(pb::MountContentCache::Off);
                }
                mount.readonly = *readonly;
                if self.has_output() {
                    mount.output = i64::from(*next_output);
                    *next_output += 1;
                }
            }
            MountKind::Cache {
                id,
                sharing,
                input,
                selector,
            } => {
                let sharing = match sharing {
                    Sharing::Shared => pb::CacheSharingOpt::Shared,
                    Sharing::Private => pb::CacheSharingOpt::Private,
                    Sharing::Locked => pb::CacheSharingOpt::Locked,
                };
                mount.input = inputs.index(*input);
                mount.selector.clone_from(selector);
                mount.set_mount_type(pb::MountType::Cache);
                mount.cache_opt = Some(pb::CacheOpt {
                    id: id.clone(),
                    sharing: sharing.into(),
                });
            }
            MountKind::Tmpfs { size_bytes } => {
                let size = i64::try_from(*size_bytes).unwrap_or(i64::MAX);
                mount.set_mount_type(pb::MountType::Tmpfs);
                mount.tmpfs_opt = Some(pb::TmpfsOpt { size });
            }
            MountKind::Secret {
                id,
                uid,
                gid,
                mode,
                optional,
            } => {
                let (uid, gid, mode, optional) = (*uid, *gid, *mode, *optional);
                // Go leaves the output of secrets and sockets at 0, and the engine ignores it.
                mount.output = 0;
                mount.set_mount_type(pb::MountType::Secret);
                mount.secret_opt = Some(pb::SecretOpt {
                    id: id.clone(),
                    uid,
                    gid,
                    mode,
                    optional,
                });
            }
            MountKind::Ssh {
                id,
                uid,
                gid,
                mode,
                optional,
            } => {
                let (uid, gid, mode, optional) = (*uid, *gid, *mode, *optional);
                mount.output = 0;
                mount.set_mount_type(pb::MountType::Ssh);
                mount.ssh_opt = Some(pb::SshOpt {
                    id: id.clone(),
                    uid,
                    gid,
                    mode,
                    optional,
                });
            }
        }
        mount
    }

    /// Whether the mount has an output: it can be written to, and what is written is kept.
    pub(crate) fn has_output(&self) -> bool {
        matches!(
            self.kind,
            MountKind::Bind {
                readonly: false,
                output: true,
                ..
            }
        )
    }
}
