//! The instrument that every other one writes to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::event::{Event, What};
use crate::places::{self, Places};
use crate::recording::Recording;
use crate::stuck::{self, Holders};

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
    /// There if a file is watched.
    places: Option<Places>,
    /// What the tasks hold and wait for, as the check writes it down.
    known: Holders,
    /// What they held and waited for when something was last lacking.
    holders: Vec<String>,
}

impl Recorder {
    /// A recorder that has seen nothing yet. Where the environment variable [`PROBE_WATCHES`](places::VARIABLE) names a file, it
    /// [watches](Recorder::watching) that one.
    #[must_use]
    pub fn new() -> Recorder {
        match std::env::var(places::VARIABLE) {
            Ok(file) if !file.is_empty() => Recorder::watching(&file),
            _ => Recorder::default(),
        }
    }

    /// A recorder that also notes, with each event, the line of this file that it came from, and which track keeps which waker. `file` is
    /// a path, or its end: `src/bin/program.rs`.
    ///
    /// It takes a backtrace at each event, and reads them all when it is asked for the recording.
    #[must_use]
    pub fn watching(file: &str) -> Recorder {
        let recorder = Recorder::default();
        recorder.lock().places = Some(Places::of(file));
        recorder
    }

    /// Notes that `track`'s code is entered. The guard notes how it left: with [`Call::returns`], or by a panic.
    pub fn enters(&self, track: &str, call: impl Into<String>) -> Call {
        self.note(track, What::Enters(call.into()));
        Call {
            recorder: self.clone(),
            track: track.to_owned(),
            returned: false,
        }
    }

    /// Notes that `track` did something at one point in time.
    pub fn says(&self, track: &str, text: impl Into<String>) {
        self.note(track, What::Says(text.into()));
    }

    /// Notes that something did **not** happen, in a line of its own: `A is not woken`. Where a run is wrong because of what is missing,
    /// this is the line to mark; call it right before the diagnosis.
    pub fn lacks(&self, track: &str, what: impl Into<String>) {
        self.says(track, what);
        let mut known = self.lock().known.explanation();
        if let Some(explanation) = stuck::explanation() {
            known.tasks.extend(explanation.tasks);
            known.circle = explanation.circle;
        }
        self.set_holders(known.rows());
    }

    /// Writes down, for the verdict about a [stuck](stuck) run, that the task waits for this: `a connection`. The recording stays
    /// as it is.
    pub fn waits_for(&self, task: &str, what: impl Into<String>) {
        self.lock().known.waits(task, what.into());
    }

    /// As [`waits_for`](Recorder::waits_for): the task has this, and waits no more.
    pub fn holds(&self, task: &str, what: impl Into<String>) {
        self.lock().known.holds(task, what.into());
    }

    /// As [`waits_for`](Recorder::waits_for): the task waits no more.
    pub fn stops_waiting(&self, task: &str) {
        self.lock().known.stops_waiting(task);
    }

    /// As [`waits_for`](Recorder::waits_for): the task holds this no more.
    pub fn returns(&self, task: &str, what: &str) {
        self.lock().known.returns(task, what);
    }

    /// What the verdict shows below the run: who [holds](stuck) what, and who waits for whom.
    pub fn set_holders(&self, rows: Vec<String>) {
        self.lock().holders = rows;
    }

    /// See [`set_holders`](Recorder::set_holders).
    #[must_use]
    pub fn holders(&self) -> Vec<String> {
        self.lock().holders.clone()
    }

    /// Notes a call of `track`'s waker.
    pub fn wakes(&self, track: &str) {
        self.note(track, What::Woken);
    }

    /// Notes that `track` is gone.
    pub fn drops(&self, track: &str) {
        self.note(track, What::Drops);
    }

    /// Whether a file is watched.
    #[must_use]
    pub fn watches(&self) -> bool {
        self.lock().places.is_some()
    }

    /// Notes, if a file is watched, that the future that is being polled keeps a clone of `track`'s waker.
    pub fn keeps_waker(&self, track: &str) {
        if self.lock().places.is_some() {
            self.note(track, What::Kept { by: String::new() });
        }
    }

    /// Notes that such a clone is gone.
    pub fn lets_waker_go(&self, track: &str) {
        if self.lock().places.is_some() {
            self.note(track, What::LetGo { by: String::new() });
        }
    }

    /// Notes where `track`'s code is, if a file is watched: at the line of it that leads here.
    pub fn is_at(&self, track: &str) {
        if self.lock().places.is_some() {
            self.note(track, What::At);
        }
    }

    /// A copy of everything noted so far.
    #[must_use]
    pub fn recording(&self) -> Recording {
        let mut tape = self.lock();
        let Tape {
            recording, places, ..
        } = &mut *tape;
        if let Some(places) = places {
            places.complete(&mut recording.events);
        }
        recording.clone()
    }

    /// Begins anew: what was noted is forgotten, and the virtual clock stands at zero. Calls that are under way note their outcome in
    /// the new recording.
    pub fn clear(&self) {
        let mut tape = self.lock();
        tape.now = Duration::ZERO;
        tape.recording.events.clear();
        tape.known.clear();
        tape.holders.clear();
        if let Some(places) = &mut tape.places {
            places.forget();
        }
    }

    /// Notes everything that another recorder has noted.
    pub(crate) fn replay(&self, recording: &Recording) {
        let mut tape = self.lock();
        tape.recording
            .events
            .extend(recording.events.iter().cloned());
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

    /// The track of the innermost call that is under way.
    #[must_use]
    pub fn innermost(&self) -> Option<String> {
        let tape = self.lock();
        let mut returned = 0_usize;
        for event in tape.recording.events.iter().rev() {
            match event.what {
                What::Leaves(_) => returned += 1,
                What::Enters(_) if returned == 0 => return Some(event.track.clone()),
                What::Enters(_) => returned -= 1,
                _ => {}
            }
        }
        None
    }

    fn note(&self, track: &str, what: What) {
        let mut tape = self.lock();
        let (at, track) = (tape.now, track.to_owned());
        if let Some(places) = &mut tape.places {
            places.take();
        }
        let line = None;
        let event = Event {
            at,
            track,
            what,
            line,
        };
        tape.recording.events.push(event);
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
    track: String,
    returned: bool,
}

impl Call {
    /// Notes that the call returned, and with what.
    pub fn returns(mut self, outcome: impl Into<String>) {
        self.returned = true;
        self.recorder
            .note(&self.track, What::Leaves(outcome.into()));
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.returned {
            self.recorder
                .note(&self.track, What::Leaves("panics".to_owned()));
        }
    }
}
