//! `SOURCE_DATE_EPOCH`: the time that the user wants the files and the image to have.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

/// The last second of the year 9999, the last one that RFC 3339 can express.
const LAST: u64 = 253_402_300_799;

/// A time that an image's configuration can state, in whole seconds. It is displayed as in RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(u64);

impl Epoch {
    /// The time that is this many seconds after the beginning of 1970; `None` = after the year 9999.
    pub fn new(seconds: u64) -> Option<Self> {
        (seconds <= LAST).then_some(Self(seconds))
    }

    /// Seconds since the beginning of 1970.
    pub fn seconds(self) -> i64 {
        i64::try_from(self.0).expect("the last second is far below the limit of `i64`")
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = UNIX_EPOCH + Duration::from_secs(self.0);
        write!(formatter, "{}", humantime::format_rfc3339_seconds(time))
    }
}
