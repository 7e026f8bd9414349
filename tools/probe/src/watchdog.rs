//! Ends a run that hangs under plain `cargo test`.
//!
//! One thread watches all runs of a process. A model of interleavings begins hundreds of runs in a test, and a thread for each would
//! cost more than the runs do.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::crowded;
use crate::recorder::Recorder;
use crate::report::{self, Entry};

/// How long a run may take, unless the environment variable [`VARIABLE`] says otherwise, or the machine is [`crowded`]. A run of
/// this course takes milliseconds.
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
    watched: Arc<Watched>,
}

/// A run under a deadline.
#[derive(Debug)]
struct Watched {
    test: String,
    recorder: Recorder,
    given: Duration,
    ends: Instant,
}

/// The runs that are alive, and what tells the thread of the first.
static ALIVE: Mutex<Vec<Arc<Watched>>> = Mutex::new(Vec::new());
static BEGUN: Condvar = Condvar::new();

impl Watchdog {
    pub(crate) fn start(recorder: &Recorder) -> Watchdog {
        static THREAD: Once = Once::new();
        THREAD.call_once(|| {
            thread::spawn(watch);
        });
        let given = deadline();
        let watched = Arc::new(Watched {
            test: thread::current().name().unwrap_or("a check").to_owned(),
            recorder: recorder.clone(),
            given,
            ends: Instant::now() + given,
        });
        let mut alive = alive();
        alive.push(Arc::clone(&watched));
        if alive.len() == 1 {
            BEGUN.notify_one();
        }
        Watchdog { watched }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        alive().retain(|other| !Arc::ptr_eq(other, &self.watched));
    }
}

/// Sleeps until the earliest deadline of those that are alive then. Whether that run has ended meanwhile is seen at the deadline.
fn watch() -> ! {
    let mut runs = alive();
    loop {
        let Some(first) = runs.iter().min_by_key(|run| run.ends).cloned() else {
            runs = BEGUN.wait(runs).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        let left = first.ends.saturating_duration_since(Instant::now());
        if left.is_zero() {
            drop(runs);
            first.end();
        }
        drop(first);
        let woken = BEGUN.wait_timeout(runs, left);
        runs = woken.unwrap_or_else(PoisonError::into_inner).0;
    }
}

impl Watched {
    fn end(&self) -> ! {
        let recording = self.recorder.recording();
        let (test, given) = (&self.test, self.given);
        eprintln!("{test}: still running after {given:?}: ended.\n{recording}");
        report::write(&Entry::Hung { recording });
        std::process::exit(EXIT_STATUS);
    }
}

fn alive() -> MutexGuard<'static, Vec<Arc<Watched>>> {
    ALIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn deadline() -> Duration {
    let seconds = std::env::var(VARIABLE)
        .ok()
        .and_then(|value| value.parse().ok());
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .unwrap_or_else(|| crowded::time(DEADLINE))
}
