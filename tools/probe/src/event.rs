//! What a recording is made of.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One thing that happened, in one track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, on the run's virtual clock. It stands at zero unless the run simulates time.
    #[serde(default)]
    pub at: Duration,
    /// Whose event it is: the name that the check gave to a machine, a task, a caller.
    pub track: String,
    /// What happened.
    pub what: What,
    /// Where the watched file was, as a line from 1, if the recorder [watches one](crate::Recorder::watching) and the event
    /// happened in a call that came from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// What can happen to a thing that is watched.
///
/// Only what a contract speaks of is recorded. How often a waker was cloned, or in which order two fields were dropped, is a
/// matter of style: two right answers differ there, so no snapshot may show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum What {
    /// Its code begins to run: `resume(3)`.
    Enters(String),
    /// Its code returns to its caller: `yields 3`, `completes with 7`, `panics`.
    Leaves(String),
    /// Its waker was called: the track is that of the woken task.
    Woken,
    /// It is gone.
    Drops,
    /// It did or said something at one point in time: `opens the file`.
    Says(String),
    /// Its waker was cloned, to be kept. Only a recorder that [watches a file](crate::Recorder::watching) notes this: the
    /// run player shows which part will call the waker, and no test depends on it.
    Kept {
        /// Whose `poll` it was.
        by: String,
    },
    /// A waker that was kept is gone, called or not. [Silent](What::is_silent).
    LetGo {
        /// Who kept it.
        by: String,
    },
    /// Its code is at a certain line: no more than that. [Silent](What::is_silent).
    At,
}

impl What {
    /// Whether it has no line of its own in the text form: it belongs to the line before.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        matches!(self, What::LetGo { .. } | What::At)
    }
}
