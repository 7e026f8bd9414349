//! What a recording is made of.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One thing that happened, in one lane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, on the run's virtual clock. It stands at zero unless the run simulates time.
    #[serde(default)]
    pub at: Duration,
    /// Whose event it is: the name that the check gave to a machine, a task, a caller.
    pub lane: String,
    /// What happened.
    pub what: What,
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
    /// Its code returns to whoever called it: `yields 3`, `completes with 7`, `panics`.
    Leaves(String),
    /// Somebody called its waker: the lane is that of whoever is woken.
    Woken,
    /// It is gone.
    Drops,
    /// It did or said something at one point in time: `opens the file`.
    Says(String),
}
