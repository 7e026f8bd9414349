//! Ends a run that hangs, for those who use plain `cargo test`.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use crate::recorder::Recorder;
use crate::report::{self, Entry};

/// How long a run may take, unless the environment variable [`VARIABLE`] says otherwise. A run of this course takes
/// milliseconds.
const DEADLINE: Duration = Duration::from_secs(10);

/// The environment variable that sets another deadline, in seconds, with a fraction if need be.
pub const VARIABLE: &str = "PROBE_DEADLINE";

/// The exit status of a process that its watchdog ended: that of the `timeout` command.
pub const EXIT_STATUS: i32 = 124;

/// Ends the process when a run lives for longer than its deadline, after it has reported what the run had done until then.
/// Dropping it calls it off.
///
/// It is a safety net and decides no verdict: `cargo learn` has a deadline of its own, and ends the whole process group at it.
#[derive(Debug)]
pub(crate) struct Watchdog {
    _alive: Sender<()>,
}

impl Watchdog {
    pub(crate) fn start(recorder: &Recorder) -> Watchdog {
        let (alive, gone) = mpsc::channel::<()>();
        let test = thread::current().name().unwrap_or("a check").to_owned();
        let recorder = recorder.clone();
        thread::spawn(move || {
            let deadline = deadline();
            if gone.recv_timeout(deadline) == Err(RecvTimeoutError::Timeout) {
                let recording = recorder.recording();
                eprintln!("{test}: still running after {deadline:?}: ended.\n{recording}");
                report::write(&Entry::Hung { recording });
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
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .unwrap_or(DEADLINE)
}
