//! How long a client waits before it tries again.

use std::time::Duration;

/// The wait before the first retry.
pub const FIRST: Duration = Duration::from_millis(100);

/// No wait is longer than this.
pub const LONGEST: Duration = Duration::from_secs(10);

/// The wait before the retry of this number, from 0 on: [`FIRST`], then twice as long each time, and never more than
/// [`LONGEST`].
pub fn retry_delay(retry: u32) -> Duration {
    // YOURS
    let factor = 2_u32.saturating_pow(retry);
    FIRST.saturating_mul(factor).min(LONGEST)
    // STUB: todo!("the wait before retry number {retry}")
    // YOURS_END
}
