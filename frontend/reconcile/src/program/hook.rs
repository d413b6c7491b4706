//! The hook through which interactive bash reads the fragments of extensions.
//!
//! It is added to whatever `/etc/bash.bashrc` the image has, so that what others change there stays.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use reconcile::{Above, Copied, Plan};

use crate::copies::{Trees, copy};
use crate::failure::Failure;
use crate::root::{Changed, Root, add_parent, log, read_metadata};
use crate::times::set_time;
use crate::tree::locate;

const PATH: &[u8] = b"/etc/bash.bashrc";

/// The lines that are added. They are recognized by the first one.
const LINES: &str = "
# inlay: each extension has a file of its own here
for inlay_fragment in /etc/inlay/bash.d/*.sh; do
  [ -r \"$inlay_fragment\" ] && . \"$inlay_fragment\"
done
unset inlay_fragment
";

/// Adds the hook to the file that the image has at the path.
pub(crate) fn add(
    root: &Root,
    plan: &mut Plan,
    trees: &Trees,
    changed: &mut Changed,
) -> Result<(), Failure> {
    let source: Option<Copied> = match plan.above.remove(PATH) {
        Some(Above::File(copied)) => Some(copied),
        _ => plan.bash_configuration.clone(),
    };
    let place = root.locate(PATH);
    if let Some(copied) = source {
        let from = locate(&trees[copied.layer], &copied.from);
        copy(&from, &place, copied.owner)?;
        changed.insert(PATH.to_vec());
    }
    if append(&place)? {
        log("wrote", PATH);
        changed.insert(PATH.to_vec());
        add_parent(PATH, changed);
    }
    Ok(())
}

/// Adds the hook to a root in which everything is made one after another.
pub(crate) fn add_alone(epoch_seconds: i64) -> Result<(), Failure> {
    let place = Path::new("/etc/bash.bashrc");
    if append(place)? {
        set_time(place, epoch_seconds)?;
        set_time(Path::new("/etc"), epoch_seconds)?;
    }
    Ok(())
}

/// Appends the lines to a file, which need not exist. Returns whether they were missing.
fn append(place: &Path) -> Result<bool, Failure> {
    let at = |error| Failure::at(place, error);
    let before = match read_metadata(place)? {
        Some(_) => fs::read(place).map_err(at)?,
        None => Vec::new(),
    };
    let is_there = before
        .windows(LINES.len())
        .any(|window| window == LINES.as_bytes());
    if is_there {
        return Ok(false);
    }
    let is_new = before.is_empty() && read_metadata(place)?.is_none();
    fs::write(place, [&before, LINES.as_bytes()].concat()).map_err(at)?;
    if is_new {
        fs::set_permissions(place, fs::Permissions::from_mode(0o644)).map_err(at)?;
    }
    Ok(true)
}
