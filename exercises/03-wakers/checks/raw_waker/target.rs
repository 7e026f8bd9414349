//! What a waker notifies, and how its references are counted.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use super::super::subject::Notify;
use probe::detect::{DropCounter, Token};
use probe::{Recorder, Run, What};

/// Records each notification, and panics in it if it is told to.
pub(super) struct Target {
    pub(super) recorder: Recorder,
    pub(super) panics: AtomicBool,
    pub(super) _held: Token,
}

impl Notify for Target {
    fn notify(&self) {
        self.recorder.wakes("target");
        assert!(!self.panics.load(Relaxed), "{TARGETS_PANIC}");
    }
}

pub(super) const TARGETS_PANIC: &str = "a panic of the target's own";

impl Drop for Target {
    fn drop(&mut self) {
        self.recorder.drops("target");
    }
}

pub(super) fn target(run: &Run, tokens: &DropCounter) -> Arc<Target> {
    Arc::new(Target {
        recorder: run.recorder().clone(),
        panics: AtomicBool::new(false),
        _held: tokens.token(),
    })
}

/// Does a step that ends the process if the learner's code frees memory twice.
pub(super) fn careful<T>(run: &Run, step: &str, action: impl FnOnce() -> T) -> T {
    let sentence = format!(
        "The process died in `{step}`: memory was freed that was still in use, or that was not allocated in this way."
    );
    run.risk(None, &sentence, action)
}

/// The number of notifications so far.
pub(super) fn notified(run: &Run) -> usize {
    let events = run.recorder().recording().events;
    events
        .iter()
        .filter(|event| event.what == What::Woken)
        .count()
}

pub(super) fn are(wakers: isize) -> String {
    match wakers {
        0 => "there is no waker left".to_owned(),
        1 => "there is one waker".to_owned(),
        wakers => format!("there are {wakers} wakers"),
    }
}

pub(super) fn references(seen: isize) -> String {
    match seen {
        1 => "one reference is held".to_owned(),
        ..=-1 => format!("{} of the check's own references were released", -seen),
        seen => format!("{seen} references are held"),
    }
}
