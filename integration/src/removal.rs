//! Removing folders that belong to root, without ever reaching past a mount.
//!
//! An interrupted `debootstrap` or dockerd leaves things mounted. Removing through a mounted `/sys` or
//! `/dev` would reach the machine, so mounts are undone first and `rm` stays on one file system.

use std::cmp::Reverse;
use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::process::{Environment, privileged, run, succeeds};

/// Removes a file or a folder, if it exists; does not cross into another file system.
///
/// # Errors
/// When it cannot be removed.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let mut command = privileged(&Environment::new(), "rm")?;
    run(command.args(["-rf", "--one-file-system"]).arg(path))?;
    Ok(())
}

/// Unmounts everything below a folder, the deepest first.
///
/// # Errors
/// When something cannot be unmounted.
pub(crate) fn unmount_below(folder: &Path) -> Result<()> {
    // Stacked mounts, and mounts propagated from other namespaces, need more than one pass.
    for _ in 0..10 {
        let table = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let mut points = mounts_below(&table, folder);
        if points.is_empty() {
            return Ok(());
        }
        points.sort_by_key(|point| Reverse(point.len()));
        for point in points {
            succeeds(privileged(&Environment::new(), "umount")?.arg(point));
        }
    }
    bail!("something stays mounted below {}", folder.display())
}

fn mounts_below(table: &str, folder: &Path) -> Vec<String> {
    let points = table.lines().filter_map(|line| line.split(' ').nth(1));
    // The kernel writes a space as `\040`.
    let points = points.map(|point| point.replace("\\040", " "));
    points
        .filter(|point| Path::new(point).starts_with(folder))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mounts_below_the_folder() {
        let table = "\
/dev/vda / ext4 rw 0 0
/dev/vda /w/.engine/data ext4 rw 0 0
overlay /w/.engine/a\\040b overlay rw 0 0
tmpfs /w/.engine2 tmpfs rw 0 0
";
        let points = mounts_below(table, Path::new("/w/.engine"));
        assert_eq!(points, ["/w/.engine/data", "/w/.engine/a b"]);
    }
}
