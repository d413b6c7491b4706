//! Times and traces: finding what commands changed, undoing their logs, and one fixed time for all.
//!
//! What was changed is known by its ctime, which nobody can set. The clock that the kernel stamps
//! files with is some milliseconds late, so nothing is changed in the first of the helper's.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps};

use crate::failure::Failure;
use crate::root::{Changed, Root, read_metadata};

/// Longer than a tick of any kernel: 100 Hz is the slowest.
const TICK: Duration = Duration::from_millis(20);

/// When the helper began.
pub(crate) struct Clock(SystemTime);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(SystemTime::now())
    }

    /// Returns when what is changed is stamped later than the beginning.
    pub(crate) fn wait_for_a_tick(&self) {
        let passed = self.0.elapsed().unwrap_or(TICK);
        std::thread::sleep(TICK.saturating_sub(passed));
    }

    fn nanoseconds(&self) -> i128 {
        let since = self.0.duration_since(UNIX_EPOCH).unwrap_or_default();
        i128::try_from(since.as_nanos()).unwrap_or(i128::MAX)
    }
}

/// Paths of the root that were changed since the helper began; other file systems left out.
pub(crate) fn find_changed(root: &Root, clock: &Clock) -> Result<Changed, Failure> {
    let mut changed = Changed::new();
    let folder = root.folder();
    let device = folder
        .symlink_metadata()
        .map_err(|error| Failure::at(folder, error))?
        .dev();
    let mut walk = Walk {
        device,
        since: clock.nanoseconds(),
        changed: &mut changed,
    };
    walk.visit(folder, &mut Vec::new())?;
    Ok(changed)
}

struct Walk<'a> {
    device: u64,
    since: i128,
    changed: &'a mut Changed,
}

impl Walk<'_> {
    fn visit(&mut self, place: &Path, path: &mut Vec<u8>) -> Result<(), Failure> {
        let at = |error| Failure::at(place, error);
        let metadata = place.symlink_metadata().map_err(at)?;
        // Files of a stack may have the device of their layer; a mounted folder never has the root's.
        if metadata.is_dir() && metadata.dev() != self.device {
            return Ok(());
        }
        let time = i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec());
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

/// Gives everything changed the same time.
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

pub(crate) fn make_timespec(seconds: i64, nanoseconds: i64) -> Timespec {
    Timespec {
        tv_sec: seconds,
        tv_nsec: nanoseconds,
    }
}

pub(crate) fn set_times(root: &Root, path: &[u8], times: &Timestamps) -> Result<(), Failure> {
    let place = root.locate(path);
    rustix::fs::utimensat(CWD, &place, times, AtFlags::SYMLINK_NOFOLLOW)
        .map_err(|error| Failure::at(&place, error))
}
