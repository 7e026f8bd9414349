//! Code in which no thread waits for another: one thread is stopped for good in the middle of it, and another still completes it.
//!
//! A lock keeps other threads out until its holder goes on, and in a random interleaving the holder always does, sooner or later.
//! So here the first thread is stopped after each of its steps in turn, and goes on only when the second has finished.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use probe::Run;
use shuttle::Runner;
use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

use crate::sync::thread;
use crate::{Blame, attempt, config, judge};

/// What two threads do: the one that is stopped, and the other one, which must not have to wait for it.
pub type Both = (Box<dyn FnOnce() + Send>, Box<dyn FnOnce() + Send>);

/// Stops the first of two threads after its first step, after its second, and so on, and sees that the second comes to its end
/// meanwhile.
///
/// `make` builds what both share, and is called anew for each step.
///
/// # Panics
///
/// With `blocked` if the second thread cannot go on, with `spins` if it goes round in circles; else as [`explore`](crate::explore).
#[track_caller]
pub fn no_thread_waits(
    run: impl Fn() -> Run + Send + Sync + 'static,
    blocked: Blame<'static>,
    spins: Blame<'static>,
    make: impl Fn(&Run) -> Both + Send + Sync + 'static,
) {
    let scheduler = Stopping::default();
    let seen = Arc::clone(&scheduler.seen);
    let runner = Runner::new(scheduler, config());
    let (newest, end) = attempt(runner, blocked, run, move |run| {
        let (stopped, other) = make(run);
        let (stopped, other) = (thread::spawn(stopped), thread::spawn(other));
        other.join().expect("the second thread does not panic");
        lock(&seen).other_is_done = true;
        stopped.join().expect("the first thread does not panic");
        match lock(&seen).waited {
            Some(How::Blocked) => blocked.on(run),
            Some(How::Spinning) => spins.on(run),
            None => {}
        }
    });
    judge(&newest, end, blocked, spins);
}

/// More steps than one thread of a check takes by itself.
const ALONE: usize = 1_000;

/// The threads of the model in the order in which they begin.
const STOPPED: usize = 1;
const OTHER: usize = 2;

/// Lets the first thread take a number of steps, then runs the second to its end, then the first to its own. The next run takes one
/// step more.
#[derive(Default)]
struct Stopping {
    steps: usize,
    began: bool,
    seen: Arc<Mutex<Seen>>,
}

/// What was seen in one of the runs.
#[derive(Default)]
struct Seen {
    steps_of_the_stopped: usize,
    steps_of_the_other: usize,
    other_is_done: bool,
    waited: Option<How>,
}

#[derive(Clone, Copy)]
enum How {
    Blocked,
    Spinning,
}

impl Scheduler for Stopping {
    fn new_execution(&mut self) -> Option<Schedule> {
        let before = std::mem::take(&mut *lock(&self.seen));
        if self.began {
            // It took fewer steps than it might have: it had come to its end.
            if before.steps_of_the_stopped < self.steps || self.steps > ALONE {
                return None;
            }
            self.steps += 1;
        }
        self.began = true;
        Some(Schedule::new(0))
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        _current: Option<TaskId>,
        _is_yielding: bool,
    ) -> Option<TaskId> {
        let mut seen = lock(&self.seen);
        let find = |number: usize| {
            let ids = runnable.iter().map(|task| task.id());
            ids.into_iter().find(|id| usize::from(*id) == number)
        };
        let (stopped, other) = (find(STOPPED), find(OTHER));
        let another_thread = runnable
            .iter()
            .map(|task| task.id())
            .find(|id| ![STOPPED, OTHER].contains(&usize::from(*id)));
        if another_thread.is_some() {
            return another_thread;
        }
        if seen.other_is_done {
            return stopped;
        }
        if stopped.is_some() && seen.steps_of_the_stopped < self.steps {
            seen.steps_of_the_stopped += 1;
            return stopped;
        }
        if other.is_some() && (seen.steps_of_the_other < ALONE || stopped.is_none()) {
            seen.steps_of_the_other += 1;
            return other;
        }
        seen.waited.get_or_insert(if other.is_some() {
            How::Spinning
        } else {
            How::Blocked
        });
        stopped.or(other)
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
