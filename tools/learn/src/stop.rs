//! Being asked to stop: by Ctrl-C, or because the learner saved a newer version.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that each wait for a process reads. Clones are the same flag.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    own: Arc<AtomicBool>,
    /// Set when the whole command, of which this is a part, has to stop.
    whole: Option<Arc<AtomicBool>>,
}

impl Stop {
    /// A flag for a part of the work: it is set when it is asked itself, or when this one is.
    #[must_use]
    pub(crate) fn of_a_part(&self) -> Stop {
        Stop {
            own: Arc::default(),
            whole: Some(Arc::clone(&self.own)),
        }
    }

    /// Asks everyone who watches this flag to end what they wait for.
    pub fn ask(&self) {
        self.own.store(true, Ordering::Relaxed);
    }

    /// Whether the flag is set.
    #[must_use]
    pub fn asked(&self) -> bool {
        let whole = self.whole.as_ref();
        let is_set = |flag: &Arc<AtomicBool>| flag.load(Ordering::Relaxed);
        is_set(&self.own) || whole.is_some_and(is_set)
    }
}

/// Has the signals that ask a program to end ask `stop`. The second of them ends the program with `status`, after `before_exit`.
///
/// Without it Ctrl-C would end this program only, and leave running the check that it started.
pub fn on_signals(stop: &Stop, before_exit: fn(), status: i32) {
    let asked = stop.clone();
    let on_signal = move || {
        if asked.asked() {
            before_exit();
            std::process::exit(status);
        }
        asked.ask();
    };
    listen(on_signal);
}

#[cfg(unix)]
fn listen(mut on_signal: impl FnMut() + Send + 'static) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]) else {
        return;
    };
    std::thread::spawn(move || signals.forever().for_each(|_| on_signal()));
}

#[cfg(not(unix))]
fn listen(on_signal: impl FnMut() + Send + 'static) {
    let _ = ctrlc::set_handler(on_signal);
}

/// The error of what was stopped before it was done.
#[derive(Debug, PartialEq, Eq)]
pub struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Stopped. Nothing is lost: the next `cargo learn` goes on from here.")
    }
}

impl std::error::Error for Stopped {}
