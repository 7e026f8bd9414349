//! The instrument that every other one writes to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::event::{Event, What};
use crate::recording::Recording;

/// Writes down what happens, in order. Clones write to the same recording, from any thread.
///
/// A recorder never looks at a clock and never prints an address, so a run that is deterministic gives the same recording every
/// time.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    tape: Arc<Mutex<Tape>>,
}

#[derive(Debug, Default)]
struct Tape {
    now: Duration,
    recording: Recording,
}

impl Recorder {
    /// A recorder that has seen nothing yet.
    #[must_use]
    pub fn new() -> Recorder {
        Recorder::default()
    }

    /// Notes that `lane`'s code is entered. The guard notes how it left: with [`Call::returns`], or by a panic.
    pub fn enters(&self, lane: &str, call: impl Into<String>) -> Call {
        self.note(lane, What::Enters(call.into()));
        Call {
            recorder: self.clone(),
            lane: lane.to_owned(),
            returned: false,
        }
    }

    /// Notes that `lane` did something at one point in time.
    pub fn says(&self, lane: &str, text: impl Into<String>) {
        self.note(lane, What::Says(text.into()));
    }

    /// Notes that somebody called `lane`'s waker.
    pub fn wakes(&self, lane: &str) {
        self.note(lane, What::Woken);
    }

    /// Notes that `lane` is gone.
    pub fn drops(&self, lane: &str) {
        self.note(lane, What::Drops);
    }

    /// A copy of everything noted so far.
    #[must_use]
    pub fn recording(&self) -> Recording {
        self.lock().recording.clone()
    }

    /// Sets the virtual clock: what is noted from now on happens then.
    pub fn set_time(&self, now: Duration) {
        self.lock().now = now;
    }

    /// The index of the newest event, to be marked in a diagnosis.
    #[must_use]
    pub fn last_event(&self) -> Option<usize> {
        self.lock().recording.events.len().checked_sub(1)
    }

    fn note(&self, lane: &str, what: What) {
        let mut tape = self.lock();
        let (at, lane) = (tape.now, lane.to_owned());
        tape.recording.events.push(Event { at, lane, what });
    }

    /// A panic in the code under test must not hide what was recorded before it.
    fn lock(&self) -> MutexGuard<'_, Tape> {
        self.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that is under way. Dropped without an outcome, it notes a panic.
#[derive(Debug)]
#[must_use = "the recording shows a panic where a call is dropped without an outcome"]
pub struct Call {
    recorder: Recorder,
    lane: String,
    returned: bool,
}

impl Call {
    /// Notes that the call returned, and with what.
    pub fn returns(mut self, outcome: impl Into<String>) {
        self.returned = true;
        self.recorder.note(&self.lane, What::Leaves(outcome.into()));
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.returned {
            self.recorder
                .note(&self.lane, What::Leaves("panics".to_owned()));
        }
    }
}
