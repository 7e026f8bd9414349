//! Ends a run that hangs, for those who use plain `cargo test`.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// How long a run may take, unless the environment variable [`VARIABLE`] says otherwise. A run of this course takes
/// milliseconds.
const DEADLINE: Duration = Duration::from_secs(10);

/// The environment variable that sets another deadline, in whole seconds.
pub const VARIABLE: &str = "PROBE_DEADLINE";

/// The exit status of a process that its watchdog ended: that of the `timeout` command.
pub const EXIT_STATUS: i32 = 124;

/// Ends the process when a run lives for longer than its deadline. Dropping it calls it off.
///
/// It is a safety net and decides no verdict: `cargo learn` has a deadline of its own, which comes first.
#[derive(Debug)]
pub(crate) struct Watchdog {
    _alive: Sender<()>,
}

impl Watchdog {
    pub(crate) fn start() -> Watchdog {
        let (alive, gone) = mpsc::channel::<()>();
        let promise = thread::current().name().unwrap_or("a check").to_owned();
        thread::spawn(move || {
            let deadline = deadline();
            if gone.recv_timeout(deadline) == Err(RecvTimeoutError::Timeout) {
                eprintln!(
                    "{promise}: still running after {} s: ended.",
                    deadline.as_secs()
                );
                std::process::exit(EXIT_STATUS);
            }
        });
        Watchdog { _alive: alive }
    }
}

fn deadline() -> Duration {
    let seconds = std::env::var(VARIABLE)
        .ok()
        .and_then(|value| value.parse().ok());
    seconds.map_or(DEADLINE, Duration::from_secs)
}
