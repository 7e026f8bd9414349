//! Doubles without end.

use std::time::Duration;

/// The wait before the first retry.
pub const FIRST: Duration = Duration::from_millis(100);

/// The wait before the retry of this number.
pub fn retry_delay(retry: u32) -> Duration {
    // ANCHOR: mistake
    FIRST.saturating_mul(2_u32.saturating_pow(retry))
    // ANCHOR_END: mistake
}
