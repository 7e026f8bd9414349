//! How much longer a check may take where many programs want the processor.
//!
//! A right answer needs about a second of the processor for all its tests, and is given ten. On a crowded machine, such as a class's
//! server, ten seconds of the clock can be less than one of the processor, and a right answer would time out.

use std::fs;
use std::thread;
use std::time::Duration;

/// Up to this many programs for each core, a check has its usual time: it gets a quarter of a core, and needs a tenth.
const USUAL: f64 = 4.0;

/// A check that hangs ends even where hundreds of programs want the processor.
const MOST: f64 = 6.0;

/// The time to give in place of `usual`, by the load of the last minute. Where the system does not tell its load, it is `usual`.
#[must_use]
pub fn time(usual: Duration) -> Duration {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg").ok();
    match load.and_then(|load| factor(&load, cores)) {
        Some(factor) if factor > 1.0 => stretched(usual, factor),
        _ => usual,
    }
}

/// In whole seconds, because a verdict says how long it was.
fn stretched(usual: Duration, factor: f64) -> Duration {
    Duration::from_secs_f64(usual.mul_f64(factor).as_secs_f64().ceil())
}

/// From the text of `/proc/loadavg`.
fn factor(load: &str, cores: usize) -> Option<f64> {
    let load: f64 = load.split_whitespace().next()?.parse().ok()?;
    let cores = f64::from(u32::try_from(cores).ok()?);
    Some((load / cores / USUAL).clamp(1.0, MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_to_four_programs_a_core_change_nothing_and_more_give_proportionally_more_time() {
        let factors = ["0.00 1 1", "8.00 2 2", "16.00 0 0", "900.0 0 0"];
        assert_eq!(
            factors.map(|load| factor(load, 2)),
            [Some(1.0), Some(1.0), Some(2.0), Some(6.0)]
        );
    }

    #[test]
    fn the_longer_time_is_whole_seconds() {
        let ten = Duration::from_secs(10);
        assert_eq!(stretched(ten, 1.54), Duration::from_secs(16));
    }

    #[test]
    fn a_load_that_cannot_be_read_gives_no_factor() {
        assert_eq!(["", "much"].map(|load| factor(load, 2)), [None, None]);
    }
}
