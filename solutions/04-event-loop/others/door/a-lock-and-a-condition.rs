//! The slot is a lock with a condition. The half that fills it says "aborted" when it is dropped without an outcome.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use event_loop::{Door, Handle, JoinError, LoopClosed};

enum State<T> {
    Waiting,
    Done(Result<T, JoinError>),
}

struct Slot<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

impl<T> Slot<T> {
    fn locked(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first outcome counts.
    fn fill(&self, outcome: Result<T, JoinError>) {
        let mut state = self.locked();
        let unused = match *state {
            State::Waiting => {
                *state = State::Done(outcome);
                None
            }
            State::Done(_) => Some(outcome),
        };
        drop(state);
        drop(unused);
        self.changed.notify_all();
    }
}

/// The task's half. Without an outcome before its end, the task was aborted.
struct Filling<T>(Arc<Slot<T>>);

impl<T> Drop for Filling<T> {
    fn drop(&mut self) {
        self.0.fill(Err(JoinError::Aborted));
    }
}

/// Waits for a task, and then for nothing more.
struct Forward<T> {
    task: event_loop::JoinHandle<T>,
    filling: Filling<T>,
}

impl<T> Unpin for Forward<T> {}

impl<T> Future for Forward<T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.task).poll(context);
        polled.map(|outcome| this.filling.0.fill(outcome))
    }
}

pub fn run_coroutine_threadsafe<F>(
    door: &Door,
    make: impl FnOnce(Handle) -> F + Send + 'static,
) -> Result<RemoteTask<F::Output>, LoopClosed>
where
    F: Future + 'static,
    F::Output: Send + 'static,
{
    let slot = Arc::new(Slot {
        state: Mutex::new(State::Waiting),
        changed: Condvar::new(),
    });
    let filling = Filling(Arc::clone(&slot));
    door.call_soon_threadsafe(move |handle| {
        let filling = filling;
        let task = handle.spawn(make(handle.clone()));
        drop(handle.spawn(Forward { task, filling }));
    })?;
    let door = door.clone();
    Ok(RemoteTask { slot, door })
}

#[must_use = "wait for the task, or drop this explicitly to let the task run by itself"]
pub struct RemoteTask<T> {
    slot: Arc<Slot<T>>,
    door: Door,
}

impl<T> RemoteTask<T> {
    pub fn wait(self) -> Result<T, JoinError> {
        assert!(
            !self.door.is_home(),
            "the loop's own thread cannot wait for the loop"
        );
        let mut state = self.slot.locked();
        loop {
            match std::mem::replace(&mut *state, State::Waiting) {
                State::Done(outcome) => return outcome,
                State::Waiting => {
                    let woken = self.slot.changed.wait(state);
                    state = woken.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

impl<T> fmt::Debug for RemoteTask<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RemoteTask")
    }
}
