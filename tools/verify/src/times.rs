//! How long each part took, printed with `--times`.

use std::time::Instant;

/// Prints what each part took, if that was asked for.
pub(crate) struct Times {
    asked: bool,
    since: Instant,
}

impl Times {
    pub(crate) fn new(asked: bool) -> Times {
        Times {
            asked,
            since: Instant::now(),
        }
    }

    /// This part took the time since the one before.
    pub(crate) fn took(&mut self, part: &str) {
        if self.asked {
            eprintln!("{:>7.1} s  {part}", self.since.elapsed().as_secs_f64());
        }
        self.since = Instant::now();
    }
}
