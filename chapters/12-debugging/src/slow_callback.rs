//! An observer that reports polls that take too long.

use std::fmt;
// YOURS
use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
// YOURS_END
use std::time::Duration;

use event_loop::{End, Observer, Origin, Step, TaskId};

/// A poll that took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slow {
    /// The task that was polled.
    pub task: TaskId,
    /// Where it was spawned.
    pub origin: Origin,
    /// How long the poll took, on the loop's clock.
    pub took: Duration,
    /// How many other tasks were ready when it ended, and had to wait for it.
    pub waiting: usize,
    /// Whether the task finished in this poll.
    pub finished: bool,
}

/// An observer that calls `report` for each poll that takes `limit` or longer. The loop tells it how long:
/// see [`took`](Observer::took).
///
/// The report holds where the task was spawned, also if the task finished in this poll. It is made once for
/// each slow poll, for every slow poll of a task, and for no other step of the loop.
///
/// **Waiting** is a task from the moment at which it was [woken](Observer::woken) until its next poll
/// [begins](Observer::poll_begun) or it has [finished](Observer::task_finished), in whichever way. A task
/// that was spawned and not woken, such as a callback for later, does not wait. The slow task itself does
/// not count, also if it woke itself. Nor does a task that is woken after it has finished: another thread
/// may come too late.
///
/// `report` is called while nothing is locked. It may wake tasks and drop tasks, so other methods of this
/// observer are called inside of it. If it panics, the panic goes to the caller of `took`, and later polls
/// are reported as before.
///
/// Nothing is kept of a task that has finished, from the next call of `took` on. A task may also finish outside
/// of a step: another task's handle aborts it, or the loop is closed.
/// With 100,000 tasks each call takes about as long as with one.
///
/// ```
/// use debugging::slow_callback::SlowCallback;
/// use event_loop::{EventLoop, JumpingDriver};
/// use std::sync::mpsc;
/// use std::time::Duration;
///
/// let (send, slow) = mpsc::channel();
/// let limit = Duration::from_millis(100);
/// let observer = SlowCallback::new(limit, move |slow| send.send(*slow).unwrap());
/// let driver = JumpingDriver::new();
/// let event_loop = EventLoop::observed(driver.clone(), observer);
/// let task = event_loop.handle().spawn(async move { driver.spend(Duration::from_millis(250)) });
/// event_loop.block_on(task).unwrap();
/// assert_eq!(slow.try_recv().unwrap().took, Duration::from_millis(250));
/// ```
pub struct SlowCallback<R> {
    limit: Duration,
    report: R,
    // YOURS
    known: Mutex<Known>,
    // YOURS_END
}
// YOURS

#[derive(Default)]
struct Known {
    alive: HashMap<TaskId, Task>,
    /// Those that finished in the step that is in progress.
    ended: HashMap<TaskId, Task>,
    waiting: usize,
}

struct Task {
    origin: Origin,
    is_waiting: bool,
}
// YOURS_END

impl<R: Fn(&Slow) + Send + Sync + 'static> SlowCallback<R> {
    /// An observer that knows no task yet.
    #[must_use]
    pub fn new(limit: Duration, report: R) -> SlowCallback<R> {
        // YOURS
        SlowCallback {
            limit,
            report,
            known: Mutex::default(),
        }
        // STUB: SlowCallback { limit, report }
        // YOURS_END
    }
    // YOURS

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
    // YOURS_END
}

// ANCHOR: observer
impl<R: Fn(&Slow) + Send + Sync + 'static> Observer for SlowCallback<R> {
    /// Asks the loop to measure its steps.
    fn measures(&self) -> bool {
        true
    }

    fn task_spawned_at(&self, task: TaskId, origin: Origin) {
        // YOURS
        let is_waiting = false;
        self.lock().alive.insert(task, Task { origin, is_waiting });
        // STUB: todo!("remember where it was spawned")
        // YOURS_END
    }

    fn woken(&self, task: TaskId) {
        // YOURS
        self.lock().set_waiting(task, true);
        // STUB: todo!("it waits from now on; other threads call this, too")
        // YOURS_END
    }

    fn poll_begun(&self, task: TaskId) {
        // YOURS
        self.lock().set_waiting(task, false);
        // STUB: todo!("it does not wait any more")
        // YOURS_END
    }

    fn task_finished(&self, task: TaskId, _end: End) {
        // YOURS
        let mut known = self.lock();
        known.set_waiting(task, false);
        if let Some(ended) = known.alive.remove(&task) {
            known.ended.insert(task, ended);
        }
        // STUB: todo!("it is gone; what may `took` still need of it?")
        // YOURS_END
    }

    fn took(&self, step: Step, duration: Duration) {
        // YOURS
        let slow = self.lock().end_step(step, duration, self.limit);
        // The lock is released: the report may come back here.
        if let Some(slow) = slow {
            (self.report)(&slow);
        }
        // STUB: todo!("was it a poll, and did it take too long?")
        // YOURS_END
    }
}
// ANCHOR_END: observer
// YOURS

impl Known {
    fn set_waiting(&mut self, task: TaskId, is_waiting: bool) {
        let Some(task) = self.alive.get_mut(&task) else {
            return;
        };
        self.waiting -= usize::from(task.is_waiting);
        self.waiting += usize::from(is_waiting);
        task.is_waiting = is_waiting;
    }

    // ANCHOR: end_step
    fn end_step(&mut self, step: Step, took: Duration, limit: Duration) -> Option<Slow> {
        let ended = mem::take(&mut self.ended);
        let Step::Poll(id) = step else { return None };
        if took < limit {
            return None;
        }
        let task = self.alive.get(&id).or(ended.get(&id))?;
        Some(Slow {
            task: id,
            origin: task.origin,
            took,
            waiting: self.waiting - usize::from(task.is_waiting),
            finished: ended.contains_key(&id),
        })
    }
    // ANCHOR_END: end_step
}
// YOURS_END

impl<R> fmt::Debug for SlowCallback<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SlowCallback")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
