//! Waiting for some of several tasks; the others run on.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use cancellation::{Ended, Task};
use composition::{Deadline, ReadySet, timeout_at};
use event_loop::Timer;
use futures::StreamExt;

// ANCHOR: until
/// When a [`wait`] is satisfied.
pub enum Until<T> {
    /// When one task has finished.
    First,
    /// When one task has finished with a result of which this is true, or all have.
    FirstThat(fn(&Result<T, Ended>) -> bool),
    /// When all tasks have finished.
    All,
}

impl<V, E> Until<Result<V, E>> {
    /// When one task has failed, or all have finished. A task has failed if its
    /// output is an `Err` or if it panicked. A cancelled task has not failed: asyncio
    /// has the same rule.
    pub fn first_error() -> Until<Result<V, E>> {
        Until::FirstThat(|result| matches!(result, Ok(Err(_)) | Err(Ended::Panicked(_))))
    }
}
// ANCHOR_END: until

// ANCHOR: waited
/// How far several tasks have come.
#[derive(Debug)]
pub struct Waited<T: 'static> {
    /// The tasks that have finished, in the order in which they did.
    pub done: Vec<Done<T>>,
    /// The tasks that have not, in the order of the list. The loop runs them on.
    /// Dropping one cancels it.
    pub pending: Vec<Task<T>>,
}

/// A task that has finished.
#[derive(Debug)]
pub struct Done<T> {
    /// Its place in the list that was waited for.
    pub place: usize,
    /// Its output, or why it has none.
    pub result: Result<T, Ended>,
}
// ANCHOR_END: waited

/// Waits until some of these tasks have finished, and hands the others back. This is asyncio's
/// `wait`. A list without tasks is ready at once.
///
/// The tasks run whether or not this is polled. Each poll takes in every task that has finished by
/// then, so `First` may come with several. Tasks that had finished before the first poll come in
/// the order of the list.
///
/// ```
/// use cancellation::Task;
/// use composition::{Until, wait};
/// use event_loop::{EventLoop, JumpingDriver, Spawn};
/// use std::rc::Rc;
/// use std::time::Duration;
///
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let (handle, spawn): (_, Rc<dyn Spawn>) = (event_loop.handle(), Rc::new(event_loop.handle()));
/// let sleeps = [3, 1, 2].map(|seconds| handle.sleep(Duration::from_secs(seconds)));
/// let tasks = sleeps.map(|sleep| Task::spawn(&spawn, sleep)).into();
/// let waited = event_loop.block_on(wait(tasks, Until::First));
/// assert_eq!((waited.done[0].place, waited.pending.len()), (1, 2));
/// ```
///
/// # Cancel safety
///
/// Dropping it drops the tasks, and that cancels those that have not finished. To keep them, await
/// `&mut wait` and call [`so_far`](Wait::so_far).
pub fn wait<T>(tasks: Vec<Task<T>>, until: Until<T>) -> Wait<T> {
    let slots: Vec<Slot<T>> = (tasks.into_iter())
        .map(|task| Rc::new(Cell::new(Some(task))))
        .collect();
    let watched = |(place, slot): (usize, &Slot<T>)| Watched {
        place,
        slot: Rc::clone(slot),
    };
    Wait {
        watched: slots.iter().enumerate().map(watched).collect(),
        slots,
        done: Vec::new(),
        until,
    }
}

// ANCHOR: wait_at
/// The same, but not for longer than until the deadline. When it passes, the tasks that have not
/// finished are handed back as `pending`, and run on. A task that has finished at that moment is
/// `done`.
///
/// # Cancel safety
///
/// As [`wait`].
pub async fn wait_at<T: 'static>(
    timer: &impl Timer,
    deadline: impl Into<Deadline>,
    tasks: Vec<Task<T>>,
    until: Until<T>,
) -> Waited<T> {
    let mut wait = wait(tasks, until);
    match timeout_at(timer, deadline, &mut wait).await {
        Ok(waited) => waited,
        Err(_elapsed) => wait.so_far(),
    }
}
// ANCHOR_END: wait_at

/// See [`wait`].
#[must_use = "dropping it cancels the tasks"]
pub struct Wait<T: 'static> {
    watched: ReadySet<Watched<T>>,
    /// The tasks, by their places. The slot of a finished one is empty.
    slots: Vec<Slot<T>>,
    done: Vec<Done<T>>,
    until: Until<T>,
}

type Slot<T> = Rc<Cell<Option<Task<T>>>>;

impl<T> Wait<T> {
    /// How far the tasks have come. Those that have not finished run on.
    #[must_use = "dropping the pending tasks cancels them"]
    pub fn so_far(&mut self) -> Waited<T> {
        let slots = mem::take(&mut self.slots);
        Waited {
            done: mem::take(&mut self.done),
            pending: slots.iter().filter_map(|slot| slot.take()).collect(),
        }
    }

    fn is_satisfied(&self) -> bool {
        let by_one = match self.until {
            Until::First => !self.done.is_empty(),
            Until::FirstThat(suffices) => self.done.iter().any(|done| suffices(&done.result)),
            Until::All => false,
        };
        by_one || self.watched.is_empty()
    }
}

impl<T> Future for Wait<T> {
    type Output = Waited<T>;

    /// A poll after `Ready` returns a result without tasks.
    // ANCHOR: poll
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Waited<T>> {
        while let Poll::Ready(Some(done)) = self.watched.poll_next_unpin(context) {
            self.done.push(done);
        }
        if self.is_satisfied() {
            return Poll::Ready(self.so_far());
        }
        Poll::Pending
    }
    // ANCHOR_END: poll
}

/// Its parts are boxed or never pinned.
impl<T> Unpin for Wait<T> {}

/// A task in its slot, where [`Wait::so_far`] finds it.
struct Watched<T: 'static> {
    place: usize,
    slot: Slot<T>,
}

impl<T> Future for Watched<T> {
    type Output = Done<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Done<T>> {
        let Some(mut task) = self.slot.take() else {
            return Poll::Pending; // It was handed back.
        };
        let polled = Pin::new(&mut task).poll(context);
        if polled.is_pending() {
            self.slot.set(Some(task));
        }
        let place = self.place;
        polled.map(|result| Done { place, result })
    }
}

impl<T> fmt::Debug for Until<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Until::First => "First",
            Until::FirstThat(_) => "FirstThat",
            Until::All => "All",
        })
    }
}

impl<T> fmt::Debug for Wait<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Wait")
            .field("until", &self.until)
            .field("pending", &self.watched.len())
            .finish()
    }
}
