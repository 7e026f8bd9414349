//! Has the loop drop the future in its next turn.
//!
//! A future that runs by itself, and may be cancelled.

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
use event_loop::Spawn;

/// A future that a loop runs beside the others: itself a future, ready when that one is over.
///
/// Dropping it cancels it, so that a task does not outlive the one who wanted it;
/// [`detach`](Task::detach) lets it go.
///
/// # Cancelling
///
/// To cancel a task is to drop its future: where it is suspended, at once, and before
/// [`cancel`](Task::cancel) returns; or when it is being polled at the time, once that poll has
/// returned. Its destructors run, innermost first, and nothing else of it: there is no exception
/// that it could catch, as there is in asyncio. What it awaits is dropped with it; a `Task` among
/// that is thereby cancelled, too.
///
/// | the task is … | what `cancel` does | how it ends |
/// |---|---|---|
/// | not polled yet | drops its future, which is never polled | cancelled |
/// | suspended, or queued | drops its future there | cancelled |
/// | being polled: by itself, or by what it calls | says so; after the poll its future is dropped | cancelled, but if that poll is ready, with its output |
/// | over | nothing, and returns `false` | as it has |
/// | being dropped: from its own destructors | nothing, and returns `false` | as it would have: cancelled, or as its last poll said |
///
/// # Cancel safety
///
/// Dropping it is what cancels it. To wait for it only for a while, wait for `&mut task`.
#[must_use = "dropping a task cancels it: await it, or detach it"]
pub struct Task<T> {
    inner: Rc<Inner<T>>,
    detached: bool,
}

/// Why a task has no output.
pub enum Ended {
    /// It was cancelled, or its loop is gone.
    Cancelled,
    /// It panicked, with this.
    Panicked(Box<dyn Any + Send>),
}

impl<T: 'static> Task<T> {
    /// Runs a future on this loop. It is polled for the first time in a later turn.
    pub fn spawn<F>(spawn: &Rc<dyn Spawn>, future: F) -> Task<T>
    where
        F: Future<Output = T> + 'static,
    {
        let inner = Rc::new(Inner {
            state: RefCell::new(State::Suspended(Box::pin(future))),
            waiter: Cell::new(None),
            remote: Canceller::new(),
            spawn: Rc::clone(spawn),
        });
        let runner = Runner(Rc::clone(&inner));
        spawn.spawn_boxed(Box::pin(runner));
        Task {
            inner,
            detached: false,
        }
    }

    /// Cancels it: see [`Task`]. Returns `false` if it is too late for that, because it is over or
    /// on its way out; what has been cancelled once is not cancelled again.
    pub fn cancel(&self) -> bool {
        self.inner.cancel()
    }

    /// Cancels it, and waits until it is over.
    ///
    /// # Errors
    ///
    /// [`Ended::Cancelled`], unless it was over before, or was ready in the poll that was going on.
    pub async fn cancelled(self) -> Result<T, Ended> {
        self.cancel();
        self.await
    }

    /// What cancels it from another thread.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        self.inner.remote.clone()
    }

    /// Lets it run on by itself. If it panics, that is reported: see [`Spawn::report`].
    pub fn detach(mut self) {
        self.detached = true;
    }

    /// Whether it is over.
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
        self.inner.join(context.waker())
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        drop(self.inner.waiter.take()); // Nobody can wait for it any more.
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
        // Does nothing if the task is over. It is not if the loop is gone, or drops this.
        self.0.cancel();
        self.0.remote.forget();
    }
}

/// What the loop and the task's owner have in common.
struct Inner<T> {
    state: RefCell<State<T>>,
    /// Who waits for it to be over.
    waiter: Cell<Option<Waker>>,
    remote: Canceller,
    spawn: Rc<dyn Spawn>,
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
    /// The loop polls it, and somebody has cancelled it.
    Doomed,
    /// Its destructors run.
    Ending,
    Over(Result<T, Ended>),
    /// Somebody knows how it ended.
    Taken,
}

impl<T> Inner<T> {
    /// Polls the future, if there still is one. Ready, so that the loop lets go of it, once the
    /// task is over. A panic of the future is caught: it is how the task ends.
    fn run(&self, context: &mut Context<'_>) -> Poll<()> {
        self.remote.register(context.waker());
        if self.remote.asked() {
            let state = self.state.replace(State::Ending);
            match state {
                State::Suspended(future) => self.end(future, Err(Ended::Cancelled)),
                other => drop(self.state.replace(other)),
            }
        }
        let Some(mut future) = self.begin() else {
            return Poll::Ready(());
        };
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Pending) => return self.suspend(future),
            Ok(Poll::Ready(output)) => self.end(future, Ok(output)),
            Err(panic) => self.end(future, Err(Ended::Panicked(panic))),
        }
        Poll::Ready(())
    }

    /// Cancels it, if it is not too late: see [`Task`]. Says whether it was not.
    fn cancel(&self) -> bool {
        let mut state = self.state.borrow_mut();
        match mem::replace(&mut *state, State::Ending) {
            // ANCHOR: mistake
            State::Suspended(future) => {
                *state = State::Suspended(future);
                drop(state);
                self.remote.cancel();
                true
            }
            // ANCHOR_END: mistake
            State::Running => {
                *state = State::Doomed;
                true
            }
            other => {
                *state = other;
                false
            }
        }
    }

    /// Drops the future, and only then lets anybody know: who learns that a task is over may rely
    /// on its destructors having run. A panic in them is caught. It is how a cancelled task ends;
    /// of any other it is [reported](Inner::report), and changes nothing.
    fn end(&self, future: Boxed<T>, result: Result<T, Ended>) {
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
    }

    /// How it ended, for whoever waits; once. Until then, this is the waker to call.
    ///
    /// # Panics
    ///
    /// If it has been taken.
    fn join(&self, waker: &Waker) -> Poll<Result<T, Ended>> {
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
    }

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

    fn suspend(&self, future: Boxed<T>) -> Poll<()> {
        if matches!(*self.state.borrow(), State::Doomed) {
            self.end(future, Err(Ended::Cancelled));
            return Poll::Ready(());
        }
        self.state.replace(State::Suspended(future));
        Poll::Pending
    }
}

impl<T> Inner<T> {
    /// Reports a panic that nobody will learn of in any other way.
    fn report(&self, what: &str, panic: &(dyn Any + Send)) {
        let message = message(panic);
        self.spawn.report(&format!("{what}: {message}"));
    }
}

impl<T> Drop for Inner<T> {
    fn drop(&mut self) {
        let state = mem::replace(self.state.get_mut(), State::Taken);
        if let State::Over(Err(Ended::Panicked(panic))) = state {
            self.report("a task panicked, and nobody asked how it ended", &*panic);
        }
    }
}

/// What was said with a panic, if it was said in words.
fn message(panic: &(dyn Any + Send)) -> &str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        text
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text
    } else {
        "something that is no text"
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
                .field(&message(&**panic))
                .finish(),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Cancelled => out.write_str("the task was cancelled"),
            Ended::Panicked(panic) => write!(out, "the task panicked: {}", message(&**panic)),
        }
    }
}

impl std::error::Error for Ended {}
