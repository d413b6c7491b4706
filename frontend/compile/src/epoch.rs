//! `SOURCE_DATE_EPOCH`: the time that a user gives to what is built.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

/// The last second of the year 9999, which is the last that RFC 3339 can say.
const LAST: u64 = 253_402_300_799;

/// A time that image configurations can hold, in whole seconds; it is written as RFC 3339 says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(u64);

impl Epoch {
    /// The time that many seconds after 1970 began; none after the year 9999.
    pub fn new(seconds: u64) -> Option<Self> {
        (seconds <= LAST).then_some(Self(seconds))
    }

    /// Seconds since 1970 began.
    pub fn seconds(self) -> i64 {
        i64::try_from(self.0).expect("the last second is far below the limit")
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = UNIX_EPOCH + Duration::from_secs(self.0);
        write!(formatter, "{}", humantime::format_rfc3339_seconds(time))
    }
}
