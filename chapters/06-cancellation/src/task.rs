//! A future that the loop runs, and that can be cancelled.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use cancellation::Canceller;
use event_loop::leaf::{Wait, waits_for};
use event_loop::{Origin, Spawn, TaskId, panic_message};

/// A future that the loop runs beside others. A `Task` is the handle of it: itself a future, ready
/// when the task has finished. The code that awaits it is the task's *joiner*.
///
/// Dropping the handle cancels the task, so that a task does not outlive its owner.
/// [`detach`](Task::detach) gives up the handle without cancelling.
///
/// ```
/// use std::rc::Rc;
/// use cancellation::{Ended, Task};
/// use event_loop::{EventLoop, Spawn};
///
/// let event_loop = EventLoop::new();
/// let spawn: Rc<dyn Spawn> = Rc::new(event_loop.handle());
/// event_loop.block_on(async {
///     let task = Task::spawn(&spawn, async { 7 });
///     assert!(matches!(task.await, Ok(7)));
///
///     let endless = Task::spawn(&spawn, std::future::pending::<()>());
///     assert!(endless.cancel());
///     assert!(matches!(endless.await, Err(Ended::Cancelled)));
/// });
/// ```
///
/// # Cancelling
///
/// To cancel a task is to drop its future. A suspended future is dropped at once, before
/// [`cancel`](Task::cancel) returns. A future that is being polled is dropped after that poll has
/// returned. Its destructors run, innermost first, and no other code of it: there is no exception
/// that it could catch, as there is in asyncio. What it awaits is dropped with it. If that is a
/// `Task`, it is cancelled, too.
///
/// | the task … | what `cancel` does | returns | how the task ends |
/// |---|---|---|---|
/// | was never polled | drops the future, which is never polled | `true` | cancelled |
/// | is suspended, or in the ready queue | drops the future there | `true` | cancelled |
/// | is being polled: it cancels itself, or code that it calls does | marks it; after the poll the future is dropped | `true` | cancelled. But if that poll returns `Ready`, with its output; and if it panics, with the panic |
/// | is being polled, and was cancelled in this poll | nothing | `false` | as in the row above |
/// | has finished | nothing | `false` | as it did |
/// | is running its destructors | nothing | `false` | as was decided before: cancelled, or as its last poll said |
///
/// In every row the order is the same: the destructors run, then the task has finished, then its
/// joiner is woken. While the destructors run, [`is_over`](Task::is_over) is `false` and a joiner
/// gets `Pending`. Each of the three calls caller-supplied code, which may call `cancel`, `is_over`
/// or the joiner's `poll` again, or drop the handle.
///
/// # Cancel safety
///
/// Dropping it cancels the task. To wait for a limited time, await `&mut task`.
#[must_use = "dropping a task cancels it: await it, or detach it"]
pub struct Task<T> {
    inner: Rc<Inner<T>>,
    detached: bool,
}

/// Why a task has no output.
pub enum Ended {
    /// It was cancelled, or its loop was closed.
    Cancelled,
    /// It panicked, with this payload.
    Panicked(Box<dyn Any + Send>),
}

impl<T: 'static> Task<T> {
    /// Runs a future on this loop. Its first poll happens in a later iteration.
    #[track_caller]
    pub fn spawn<F>(spawn: &Rc<dyn Spawn>, future: F) -> Task<T>
    where
        F: Future<Output = T> + 'static,
    {
        let inner = Rc::new(Inner {
            state: RefCell::new(State::Suspended(Box::pin(future))),
            waiter: Cell::new(None),
            remote: Canceller::new(),
            spawn: Rc::clone(spawn),
            task: Cell::new(None),
        });
        let runner = Runner(Rc::clone(&inner));
        let task = spawn.spawn_boxed_from(Box::pin(runner), Origin::of::<F>());
        inner.task.set(task);
        Task {
            inner,
            detached: false,
        }
    }

    /// Cancels it: see [`Task`]. Returns `false` if that changes nothing, because the task has
    /// finished, runs its destructors, or was cancelled before.
    pub fn cancel(&self) -> bool {
        self.inner.cancel()
    }

    /// Cancels it, and waits until it has finished.
    ///
    /// # Errors
    ///
    /// [`Ended::Cancelled`], unless it had finished before, or finishes in the poll in progress.
    pub async fn cancelled(self) -> Result<T, Ended> {
        self.cancel();
        self.await
    }

    /// A handle that cancels it from another thread.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        self.inner.remote.clone()
    }

    /// Lets it run without a handle. If it panics, that is reported: see [`Spawn::report`].
    pub fn detach(mut self) {
        self.detached = true;
    }

    /// Whether it has finished: its destructors have run, too.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(*self.inner.state.borrow(), State::Over(_) | State::Taken)
    }
}

impl<T> Future for Task<T> {
    type Output = Result<T, Ended>;

    /// # Panics
    ///
    /// If it is polled again after it was ready.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // What a dump of the tasks shows. It has no other effect.
        let what = || match self.inner.task.get() {
            Some(task) => Wait::Task(task),
            None => Wait::Other("a task".to_owned()),
        };
        waits_for(what, || self.inner.join(context.waker()))
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        drop(self.inner.waiter.take()); // Without the handle there is no joiner.
        if !self.detached {
            self.inner.cancel();
        }
    }
}

/// What the loop polls.
struct Runner<T>(Rc<Inner<T>>);

impl<T> Future for Runner<T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.run(context)
    }
}

impl<T> Drop for Runner<T> {
    fn drop(&mut self) {
        // Does nothing if the task has finished. It has not if the loop was closed.
        self.0.cancel();
        self.0.remote.forget();
    }
}

/// What the loop and the task's owner share.
struct Inner<T> {
    state: RefCell<State<T>>,
    /// The waker of the joiner that polled last.
    waiter: Cell<Option<Waker>>,
    remote: Canceller,
    spawn: Rc<dyn Spawn>,
    /// The loop's own id of it, for a dump.
    task: Cell<Option<TaskId>>,
}

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// ```text
///              run
///   Suspended ─────▶ Running ────── ready, panicked ─────┐
///     │   ▲            │  │                              │
///     │   └─ pending ──┘  │ cancel                       │
///     │                   ▼                              ▼  its destructors
///     │                Doomed ── the poll returns ──▶ Ending ── have run ──▶ Over ── join ──▶ Taken
///     │                                                  ▲
///     └───────────────────── cancel ─────────────────────┘
/// ```
enum State<T> {
    Suspended(Boxed<T>),
    /// The loop polls it.
    Running,
    /// The loop polls it, and it was cancelled in this poll.
    Doomed,
    /// Its destructors run.
    Ending,
    Over(Result<T, Ended>),
    /// The joiner has the result.
    Taken,
}

impl<T> Inner<T> {
    // ANCHOR: run
    /// Polls the future once, if there still is one. Returns `Ready` when the task has finished, so
    /// that the loop drops its part of it. A panic of the future is caught: it becomes the task's
    /// result, also if the task was cancelled in this poll. After `Pending` it wakes nothing: the
    /// future decides when it is polled again.
    fn run(&self, context: &mut Context<'_>) -> Poll<()> {
        self.remote.register(context.waker());
        if self.remote.asked() {
            self.cancel();
        }
        // YOURS
        let Some(mut future) = self.begin() else {
            return Poll::Ready(());
        };
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Pending) => return self.suspend(future),
            Ok(Poll::Ready(output)) => self.end(future, Ok(output)),
            Err(panic) => self.end(future, Err(Ended::Panicked(panic))),
        }
        Poll::Ready(())
        // STUB: todo!("take the future out of the state and poll it; what may have happened meanwhile?")
        // YOURS_END
    }
    // ANCHOR_END: run

    // ANCHOR: cancel
    /// Cancels it, if it is not too late: see [`Task`]. Returns whether that changed something. When
    /// it returns, a future that was suspended is dropped, and the loop was woken.
    fn cancel(&self) -> bool {
        // YOURS
        let mut state = self.state.borrow_mut();
        match mem::replace(&mut *state, State::Ending) {
            State::Suspended(future) => {
                drop(state);
                self.end(future, Err(Ended::Cancelled));
                self.remote.wake(); // So that the loop drops its part of the task.
                true
            }
            State::Running => {
                *state = State::Doomed;
                true
            }
            other => {
                *state = other;
                false
            }
        }
        // STUB: todo!("what to do in each state? `self.remote.wake()` wakes the loop's part")
        // YOURS_END
    }
    // ANCHOR_END: cancel

    // ANCHOR: end
    /// Drops the future. Then stores `result`, and then wakes the joiner: a joiner may rely on the
    /// destructors having run. A panic of a destructor is caught. It becomes the result of a
    /// cancelled task; for any other task it is [reported](Inner::report), and `result` stays.
    fn end(&self, future: Boxed<T>, result: Result<T, Ended>) {
        // YOURS
        self.state.replace(State::Ending);
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(future)));
        let result = match (result, dropped) {
            (result, Ok(())) => result,
            (Err(Ended::Cancelled), Err(panic)) => Err(Ended::Panicked(panic)),
            (result, Err(panic)) => {
                self.report("a task's destructors panicked after its end", &*panic);
                result
            }
        };
        self.state.replace(State::Over(result));
        if let Some(waker) = self.waiter.take() {
            waker.wake();
        }
        // STUB: todo!("drop the future, store the result, and wake the joiner: in which order?")
        // YOURS_END
    }
    // ANCHOR_END: end

    /// Returns the result to the joiner, once. Until the task has finished, stores `waker` in
    /// place of an older one.
    ///
    /// # Panics
    ///
    /// If the joiner has had the result.
    fn join(&self, waker: &Waker) -> Poll<Result<T, Ended>> {
        // YOURS
        let mut state = self.state.borrow_mut();
        match mem::replace(&mut *state, State::Taken) {
            State::Over(result) => Poll::Ready(result),
            State::Taken => panic!("polled after it was ready"),
            not_over => {
                *state = not_over;
                drop(state);
                let _older = self.waiter.replace(Some(waker.clone()));
                Poll::Pending
            }
        }
        // STUB: todo!("has it finished?")
        // YOURS_END
    }
    // YOURS

    fn begin(&self) -> Option<Boxed<T>> {
        let mut state = self.state.borrow_mut();
        match mem::replace(&mut *state, State::Running) {
            State::Suspended(future) => Some(future),
            over => {
                *state = over;
                None
            }
        }
    }

    // ANCHOR: suspend
    fn suspend(&self, future: Boxed<T>) -> Poll<()> {
        if matches!(*self.state.borrow(), State::Doomed) {
            self.end(future, Err(Ended::Cancelled));
            return Poll::Ready(());
        }
        self.state.replace(State::Suspended(future));
        Poll::Pending
    }
    // ANCHOR_END: suspend
    // YOURS_END
}

impl<T> Inner<T> {
    /// Reports a panic that no joiner will receive.
    fn report(&self, what: &str, panic: &(dyn Any + Send)) {
        let message = panic_message(panic);
        self.spawn.report(&format!("{what}: {message}"));
    }
}

impl<T> Drop for Inner<T> {
    fn drop(&mut self) {
        let state = mem::replace(self.state.get_mut(), State::Taken);
        if let State::Over(Err(Ended::Panicked(panic))) = state {
            self.report(
                "a task panicked, and its result was never retrieved",
                &*panic,
            );
        }
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &*self.inner.state.borrow() {
            State::Suspended(_) => "suspended",
            State::Running => "running",
            State::Doomed => "running, and cancelled",
            State::Ending => "ending",
            State::Over(_) | State::Taken => "over",
        };
        out.debug_tuple("Task").field(&state).finish()
    }
}

impl fmt::Debug for Ended {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Cancelled => out.write_str("Cancelled"),
            Ended::Panicked(panic) => out
                .debug_tuple("Panicked")
                .field(&panic_message(&**panic))
                .finish(),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Cancelled => out.write_str("the task was cancelled"),
            Ended::Panicked(panic) => write!(out, "the task panicked: {}", panic_message(&**panic)),
        }
    }
}

impl std::error::Error for Ended {}
