//! Times: which paths commands changed, and the fixed time that all changed paths get.
//!
//! On overlayfs, whatever is changed is first copied to a file of its own, so a changed path is recognized by the time
//! at which its file was made. Its ctime would not do: an engine that uses the same layer in another build at the same
//! time makes hard links to the files of the layer, which changes their ctime (link(2)). On other file systems the
//! root is a copy that no other build has, and changed paths are recognized by their ctime, which no program can set.
//! The clock from which the kernel takes these times lags by some milliseconds, so the program changes nothing in its
//! first milliseconds.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps};

use crate::failure::Failure;
use crate::root::{Changed, Root, read_metadata};

/// Longer than a tick of any kernel, the slowest of which have 100 ticks a second.
const TICK: Duration = Duration::from_millis(20);

/// The time at which the program started.
pub(crate) struct Clock(SystemTime);

impl Clock {
    /// Starts the clock.
    pub(crate) fn start() -> Self {
        Self(SystemTime::now())
    }

    /// Waits until the ctime of a changed path is later than the start.
    pub(crate) fn wait_for_a_tick(&self) {
        let passed = self.0.elapsed().unwrap_or(TICK);
        std::thread::sleep(TICK.saturating_sub(passed));
    }

    fn nanoseconds(&self) -> i128 {
        let since = self.0.duration_since(UNIX_EPOCH).unwrap_or_default();
        i128::try_from(since.as_nanos()).unwrap_or(i128::MAX)
    }
}

/// Finds the paths of the root that changed since the start. Mounted file systems are left out.
pub(crate) fn find_changed(root: &Root, clock: &Clock) -> Result<Changed, Failure> {
    let mut changed = Changed::new();
    let folder = root.folder();
    let device = folder
        .symlink_metadata()
        .map_err(|error| Failure::at(folder, error))?
        .dev();
    let mut walk = Walk {
        device,
        is_overlay: is_overlay(folder),
        since: clock.nanoseconds(),
        changed: &mut changed,
    };
    walk.visit(folder, &mut Vec::new())?;
    Ok(changed)
}

/// The number of overlayfs in `statfs` (linux/magic.h).
const OVERLAY: i64 = 0x794c_7630;

/// Whether a folder is on overlayfs.
pub(crate) fn is_overlay(folder: &Path) -> bool {
    rustix::fs::statfs(folder).is_ok_and(|statistics| statistics.f_type == OVERLAY)
}

/// The nanoseconds since 1970 at which the file of a path was made; `None` = the file system does not tell.
fn made_at(metadata: &fs::Metadata) -> Option<i128> {
    let since = metadata.created().ok()?.duration_since(UNIX_EPOCH).ok()?;
    i128::try_from(since.as_nanos()).ok()
}

struct Walk<'a> {
    device: u64,
    is_overlay: bool,
    since: i128,
    changed: &'a mut Changed,
}

impl Walk<'_> {
    fn visit(&mut self, place: &Path, path: &mut Vec<u8>) -> Result<(), Failure> {
        let at = |error| Failure::at(place, error);
        let metadata = place.symlink_metadata().map_err(at)?;
        // A file of the stack may have the device of its layer, but a folder on another device is a mount.
        if metadata.is_dir() && metadata.dev() != self.device {
            return Ok(());
        }
        let changed_at =
            i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec());
        let made_at = made_at(&metadata).filter(|_| self.is_overlay);
        let time = made_at.unwrap_or(changed_at);
        if time > self.since {
            let path = if path.is_empty() {
                b"/".to_vec()
            } else {
                path.clone()
            };
            self.changed.insert(path);
        }
        let is_left_out = matches!(
            path.as_slice(),
            b"/proc" | b"/sys" | b"/dev" | b"/run/inlay"
        );
        if !metadata.is_dir() || is_left_out {
            return Ok(());
        }
        for entry in fs::read_dir(place).map_err(at)? {
            let name = entry.map_err(at)?.file_name();
            let length = path.len();
            path.push(b'/');
            path.extend_from_slice(name.as_bytes());
            self.visit(&place.join(OsStr::from_bytes(name.as_bytes())), path)?;
            path.truncate(length);
        }
        Ok(())
    }
}

/// Sets the times of all changed paths to the same time.
pub(crate) fn set_fixed_time(
    root: &Root,
    changed: &Changed,
    epoch_seconds: i64,
) -> Result<(), Failure> {
    let epoch = make_timespec(epoch_seconds, 0);
    let times = Timestamps {
        last_access: epoch,
        last_modification: epoch,
    };
    for path in changed {
        if read_metadata(&root.locate(path))?.is_some() {
            set_times(root, path, &times)?;
        }
    }
    Ok(())
}

/// Makes a time from seconds and nanoseconds since 1970.
pub(crate) fn make_timespec(seconds: i64, nanoseconds: i64) -> Timespec {
    Timespec {
        tv_sec: seconds,
        tv_nsec: nanoseconds,
    }
}

/// Sets both times of a file of any tree to the same time, without following links.
pub(crate) fn set_time(place: &Path, epoch_seconds: i64) -> Result<(), Failure> {
    let epoch = make_timespec(epoch_seconds, 0);
    let times = Timestamps {
        last_access: epoch,
        last_modification: epoch,
    };
    rustix::fs::utimensat(CWD, place, &times, AtFlags::SYMLINK_NOFOLLOW)
        .map_err(|error| Failure::at(place, error))
}

/// Sets the times of a path, without following links.
pub(crate) fn set_times(root: &Root, path: &[u8], times: &Timestamps) -> Result<(), Failure> {
    let place = root.locate(path);
    rustix::fs::utimensat(CWD, &place, times, AtFlags::SYMLINK_NOFOLLOW)
        .map_err(|error| Failure::at(&place, error))
}
