//! Three cells instead of one state: the future, the phase, and the result.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use cancellation::Canceller;
use event_loop::Spawn;

#[must_use = "dropping a task cancels it: await it, or detach it"]
pub struct Task<T> {
    inner: Rc<Inner<T>>,
    detached: bool,
}

pub enum Ended {
    Cancelled,
    Panicked(Box<dyn Any + Send>),
}

impl<T: 'static> Task<T> {
    pub fn spawn<F>(spawn: &Rc<dyn Spawn>, future: F) -> Task<T>
    where
        F: Future<Output = T> + 'static,
    {
        let inner = Rc::new(Inner {
            future: Cell::new(Some(Box::pin(future))),
            phase: Cell::new(Phase::Suspended),
            result: Cell::new(None),
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

    pub fn cancel(&self) -> bool {
        self.inner.cancel()
    }

    pub async fn cancelled(self) -> Result<T, Ended> {
        self.cancel();
        self.await
    }

    #[must_use]
    pub fn canceller(&self) -> Canceller {
        self.inner.remote.clone()
    }

    pub fn detach(mut self) {
        self.detached = true;
    }

    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.inner.phase.get(), Phase::Finished | Phase::Joined)
    }
}

impl<T> Future for Task<T> {
    type Output = Result<T, Ended>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.inner.join(context.waker())
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

struct Inner<T> {
    /// There while the task is suspended.
    future: Cell<Option<Boxed<T>>>,
    phase: Cell<Phase>,
    /// There from the end of the task until the joiner takes it.
    result: Cell<Option<Result<T, Ended>>>,
    waiter: Cell<Option<Waker>>,
    remote: Canceller,
    spawn: Rc<dyn Spawn>,
}

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Suspended,
    Polled,
    PolledAndCancelled,
    Destroying,
    Finished,
    Joined,
}

impl<T> Inner<T> {
    fn run(&self, context: &mut Context<'_>) -> Poll<()> {
        self.remote.register(context.waker());
        if self.remote.asked() {
            self.cancel();
        }
        let Some(mut future) = self.future.take() else {
            return Poll::Ready(());
        };
        self.phase.set(Phase::Polled);
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        let result = match polled {
            Err(panic) => Err(Ended::Panicked(panic)),
            Ok(Poll::Ready(output)) => Ok(output),
            Ok(Poll::Pending) if self.phase.get() == Phase::PolledAndCancelled => {
                Err(Ended::Cancelled)
            }
            Ok(Poll::Pending) => {
                self.phase.set(Phase::Suspended);
                self.future.set(Some(future));
                return Poll::Pending;
            }
        };
        self.end(future, result);
        Poll::Ready(())
    }

    fn cancel(&self) -> bool {
        if self.phase.get() == Phase::Polled {
            self.phase.set(Phase::PolledAndCancelled);
            return true;
        }
        let Some(future) = self.future.take() else {
            return false;
        };
        self.end(future, Err(Ended::Cancelled));
        self.remote.wake();
        true
    }

    fn end(&self, future: Boxed<T>, result: Result<T, Ended>) {
        self.phase.set(Phase::Destroying);
        let mut result = result;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(move || drop(future))) {
            if matches!(result, Err(Ended::Cancelled)) {
                result = Err(Ended::Panicked(panic));
            } else {
                self.report("the destructors of a finished task panicked", &*panic);
            }
        }
        self.result.set(Some(result));
        self.phase.set(Phase::Finished);
        if let Some(joiner) = self.waiter.take() {
            joiner.wake();
        }
    }

    fn join(&self, waker: &Waker) -> Poll<Result<T, Ended>> {
        assert!(
            self.phase.get() != Phase::Joined,
            "polled after it was ready"
        );
        match self.result.take() {
            Some(result) => {
                self.phase.set(Phase::Joined);
                Poll::Ready(result)
            }
            None => {
                let mine = waker.clone();
                drop(self.waiter.replace(Some(mine)));
                Poll::Pending
            }
        }
    }
}

impl<T> Inner<T> {
    fn report(&self, what: &str, panic: &(dyn Any + Send)) {
        let message = message(panic);
        self.spawn.report(&format!("{what}: {message}"));
    }
}

impl<T> Drop for Inner<T> {
    fn drop(&mut self) {
        if let Some(Err(Ended::Panicked(panic))) = self.result.take() {
            self.report(
                "a task panicked, and its result was never retrieved",
                &*panic,
            );
        }
    }
}

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
        out.debug_tuple("Task")
            .field(&self.inner.phase.get())
            .finish()
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
