//! Tokens: words that make what a test or a benchmark builds its own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Makes a word of lowercase letters and digits that no build has had before.
pub fn make_token() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanoseconds = now.map_or(0, |since| since.as_nanos());
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("t{nanoseconds:x}x{:x}x{count:x}", std::process::id())
}
