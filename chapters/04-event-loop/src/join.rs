//! Waiting for a task, and learning how it ended.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use event_loop::leaf::{Wait, waits_for};
use event_loop::{Origin, TaskId};
use pin_project::{pin_project, pinned_drop};

use crate::handle::Handle;
use crate::report::{Unretrieved, panic_message};

/// A future that is ready with a spawned task's result, whether it is polled before or after the task
/// has completed.
///
/// Dropping it lets the task run on. If the task panics then, or has panicked and the handle is
/// dropped without having been awaited, the loop reports it, once: see
/// [`on_unretrieved`](crate::EventLoop::on_unretrieved).
///
/// ```
/// use event_loop::EventLoop;
///
/// let event_loop = EventLoop::new();
/// let child = event_loop.handle().spawn(async { 6 * 7 });
/// assert_eq!(event_loop.block_on(child).unwrap(), 42);
///
/// let aborted = event_loop.handle().spawn(async { 7 });
/// assert!(aborted.abort());
/// assert!(event_loop.block_on(aborted).is_err());
/// ```
///
/// # Cancel safety
///
/// The result stays in the handle: if a future that borrows the handle is dropped, await it again.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "drop it explicitly to let the task run on by itself, or await it"]
pub struct JoinHandle<T> {
    slot: Rc<Slot<T>>,
}

/// Why a task has no result.
pub enum JoinError {
    /// It panicked, with this.
    Panicked(Box<dyn Any + Send>),
    /// Its future was dropped before it was ready: by [`abort`](JoinHandle::abort), or with the
    /// loop.
    Aborted,
}

impl<T> JoinHandle<T> {
    /// Drops the task's future: at once if it is suspended, or after its poll has returned if it is
    /// being polled now. Its destructors run, and no other code of it. Returns `false` if the task had
    /// completed.
    pub fn abort(&self) -> bool {
        let task = self.slot.task.get();
        task.is_some_and(|task| self.slot.handle.hub().abort(task))
    }

    /// Whether the task has completed, so that a poll of this handle is ready.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        matches!(*self.slot.state.borrow(), State::Done(_) | State::Taken)
    }

    /// The task's id; `None` if the loop was closed already when the task was spawned.
    #[must_use]
    pub fn task(&self) -> Option<TaskId> {
        self.slot.task.get()
    }
}

pub(crate) fn spawn<F>(handle: &Handle, future: F, origin: Origin) -> JoinHandle<F::Output>
where
    F: Future + 'static,
{
    let slot = Rc::new(Slot {
        state: RefCell::new(State::Running),
        task: Cell::new(None),
        handle: handle.clone(),
    });
    let joined = Joined {
        future,
        slot: Rc::clone(&slot),
    };
    if let Some((task, waker)) = handle.hub().add_task(Box::pin(joined), origin) {
        slot.task.set(Some(task));
        waker.wake();
    }
    JoinHandle { slot }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let what = || match self.slot.task.get() {
            Some(task) => Wait::Task(task),
            None => Wait::Other("a task of a loop that is closed".to_owned()),
        };
        waits_for(what, || self.slot.take(context.waker()))
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        // No task awaits the handle any more, so none is woken, and no waker is kept.
        let waker = self.slot.leave();
        drop(waker);
    }
}

/// The spawned future, and the cell for its result.
#[pin_project(PinnedDrop)]
struct Joined<F: Future> {
    #[pin]
    future: F,
    slot: Rc<Slot<F::Output>>,
}

impl<F: Future> Future for Joined<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let joined = self.project();
        match catch_unwind(AssertUnwindSafe(|| joined.future.poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => {
                joined.slot.finish(Ok(value));
                Poll::Ready(())
            }
            Err(panic) => {
                joined.slot.finish(Err(JoinError::Panicked(panic)));
                Poll::Ready(())
            }
        }
    }
}

#[pinned_drop]
impl<F: Future> PinnedDrop for Joined<F> {
    fn drop(self: Pin<&mut Self>) {
        // Does nothing if the future has ended.
        self.slot.finish(Err(JoinError::Aborted));
    }
}

/// The state that a task shares with its handle.
struct Slot<T> {
    state: RefCell<State<T>>,
    task: Cell<Option<TaskId>>,
    handle: Handle,
}

// ANCHOR: states
/// ```text
///               poll of the handle
///   Running ─────────────────────▶ Joining ── drop of the handle ──▶ Running
///      │ finish                       │ finish
///      ▼                              ▼        poll of the handle
///     Done ◀──────────────────────────┘  ────────────────────────▶ Taken
/// ```
enum State<T> {
    /// The task has not completed, and no task awaits the handle.
    Running,
    /// The task has not completed. Its completion wakes this waker.
    Joining(Waker),
    /// The task has completed, and its result has not been retrieved.
    Done(Result<T, JoinError>),
    /// The result was retrieved.
    Taken,
}
// ANCHOR_END: states

impl<T> Slot<T> {
    fn finish(&self, result: Result<T, JoinError>) {
        let before = {
            let mut state = self.state.borrow_mut();
            if matches!(*state, State::Done(_) | State::Taken) {
                return;
            }
            mem::replace(&mut *state, State::Done(result))
        };
        if let State::Joining(waker) = before {
            waker.wake();
        }
    }

    /// The waker of the task that awaits the handle.
    fn leave(&self) -> Option<Waker> {
        let mut state = self.state.borrow_mut();
        if !matches!(*state, State::Joining(_)) {
            return None;
        }
        match mem::replace(&mut *state, State::Running) {
            State::Joining(waker) => Some(waker),
            _ => None,
        }
    }

    fn take(&self, waker: &Waker) -> Poll<Result<T, JoinError>> {
        let is_over = match &*self.state.borrow() {
            State::Running | State::Joining(_) => false,
            State::Done(_) => true,
            State::Taken => panic!("polled after it was ready"),
        };
        // Nothing is borrowed while the waker is cloned, or the one before it is dropped below.
        let after = if is_over {
            State::Taken
        } else {
            State::Joining(waker.clone())
        };
        match self.state.replace(after) {
            State::Done(result) => Poll::Ready(result),
            _ => Poll::Pending,
        }
    }
}

impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        let state = mem::replace(self.state.get_mut(), State::Taken);
        if let State::Done(Err(JoinError::Panicked(panic))) = state {
            let unretrieved = Unretrieved::panic(self.task.get(), &*panic);
            self.handle.hub().report(&unretrieved);
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("JoinHandle")
            .field("task", &self.task())
            .field("is_finished", &self.is_finished())
            .finish()
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JoinError::Panicked(panic) => out
                .debug_tuple("Panicked")
                .field(&panic_message(&**panic))
                .finish(),
            JoinError::Aborted => out.write_str("Aborted"),
        }
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JoinError::Panicked(panic) => {
                write!(out, "the task panicked: {}", panic_message(&**panic))
            }
            JoinError::Aborted => out.write_str("the task was dropped before it was ready"),
        }
    }
}

impl std::error::Error for JoinError {}
