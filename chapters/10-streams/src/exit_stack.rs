//! Exits that run in reverse order, in each way out of the code that pushed them.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::future::Future;
// YOURS
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
// YOURS_END
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

// YOURS
use event_loop::{Spawn, panic_message};
// STUB: use event_loop::Spawn;
// YOURS_END

/// A stack of exits: futures that close, release or say goodbye, and that may have to wait for it.
/// Each part of a program that opens something pushes the exit of it. This is Python's
/// `AsyncExitStack`.
///
/// An exit is not polled before its turn. The exits run one after the other, the newest first, and
/// each begins when the one before it has finished. All of them run: an exit that returns an error, or
/// panics in its poll or its destructor, has *failed*, and the next one begins. An exit is dropped when
/// it has finished, before the next one begins. A push and an exit take the same time, however many exits there are.
///
/// # How it ends
///
/// - [`close`](ExitStack::close) runs the exits, and the caller waits for them.
/// - If the stack is **dropped** instead, by an early return, a panic or a cancellation, the loop runs
///   them: all in one task, in the same order. A destructor cannot wait, so no caller waits for that
///   task. Failures are [reported](Spawn::report) in the order in which they happened, each in one
///   sentence with the error's text or the panic's. The task itself does not panic.
/// - If the future of `close` is dropped before it is ready, the loop runs what is left in the same
///   way, beginning with the exit that was suspended: it goes on where it was. Failures that happened
///   before are reported as well.
/// - On a loop that is closed, the exits that are left are dropped.
///
/// No task is spawned where no exit is left.
///
/// ```
/// use std::rc::Rc;
/// use event_loop::{EventLoop, Spawn};
/// use streams::ExitStack;
///
/// let event_loop = EventLoop::new();
/// let spawn: Rc<dyn Spawn> = Rc::new(event_loop.handle());
/// let closed = event_loop.block_on(async {
///     let mut stack = ExitStack::new(&spawn);
///     stack.push(async { Ok(println!("the file is closed")) });
///     stack.push(async { Err("the peer is gone".into()) }); // Runs first.
///     stack.close().await
/// });
/// assert_eq!(closed.unwrap_err()[0].to_string(), "the peer is gone");
/// ```
#[must_use = "dropping it right away has the loop run the exits"]
pub struct ExitStack {
    spawn: Rc<dyn Spawn>,
    // YOURS
    exits: Vec<Exit>,
    // STUB: // Yours to add to.
    // YOURS_END
}

/// An exit: what it returns says whether it failed.
type Exit = Pin<Box<dyn Future<Output = Result<(), Box<dyn Error>>>>>;

/// Why an exit failed.
pub enum ExitFailure {
    /// It returned this error.
    Error(Box<dyn Error>),
    /// It panicked, with this payload.
    Panicked(Box<dyn Any + Send>),
}

impl ExitStack {
    /// A stack without exits. What is left when it is dropped runs on this loop.
    pub fn new(spawn: &Rc<dyn Spawn>) -> ExitStack {
        // YOURS
        ExitStack {
            spawn: Rc::clone(spawn),
            exits: Vec::new(),
        }
        // STUB: ExitStack {
        // STUB:     spawn: Rc::clone(spawn),
        // STUB: }
        // YOURS_END
    }

    /// Pushes an exit. It will run before those that were pushed earlier.
    pub fn push(&mut self, exit: impl Future<Output = Result<(), Box<dyn Error>>> + 'static) {
        // YOURS
        self.exits.push(Box::pin(exit));
        // STUB: todo!("keep the exit until its turn")
        // YOURS_END
    }

    /// How many exits there are.
    #[must_use]
    pub fn len(&self) -> usize {
        // YOURS
        self.exits.len()
        // STUB: todo!("how many exits?")
        // YOURS_END
    }

    /// Whether there are no exits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Moves all exits to a new stack, in their order. This one is empty then: what was opened stays open
    /// when it ends.
    pub fn pop_all(&mut self) -> ExitStack {
        // YOURS
        ExitStack {
            spawn: Rc::clone(&self.spawn),
            exits: mem::take(&mut self.exits),
        }
        // STUB: todo!("who owns the exits now?")
        // YOURS_END
    }

    /// Runs the exits. The first of them is polled when the returned future is, and not earlier.
    // ANCHOR: close
    pub fn close(mut self) -> Close {
        // YOURS
        Close {
            spawn: Rc::clone(&self.spawn),
            rest: Rest {
                exits: mem::take(&mut self.exits),
                failures: Vec::new(),
            },
        }
        // STUB: todo!("a future that owns the exits; what is left in the stack?")
        // YOURS_END
    }
    // ANCHOR_END: close
}

impl Drop for ExitStack {
    fn drop(&mut self) {
        // YOURS
        let rest = Rest {
            exits: mem::take(&mut self.exits),
            failures: Vec::new(),
        };
        rest.run_on(&self.spawn);
        // STUB: // Yours to write: which exits are left, and what runs them?
        // YOURS_END
    }
}

/// The future of [`ExitStack::close`]: `Ok` if no exit failed, otherwise the failures in the order in
/// which they happened. When an exit has finished, the next one is polled in the same poll. What it
/// returns when it is polled after it was ready is not specified.
#[must_use = "dropping it right away has the loop run the exits"]
pub struct Close {
    // YOURS
    spawn: Rc<dyn Spawn>,
    rest: Rest,
    // STUB: _yours: std::convert::Infallible, // Yours to replace.
    // YOURS_END
}

impl Future for Close {
    type Output = Result<(), Vec<ExitFailure>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // YOURS
        Pin::new(&mut self.rest).poll(context)
        // STUB: todo!("run the newest exit; what if it is pending, or fails?")
        // YOURS_END
    }
}

impl Drop for Close {
    fn drop(&mut self) {
        // YOURS
        mem::take(&mut self.rest).run_on(&self.spawn);
        // STUB: // Yours to write: which exits are left, and what runs them?
        // YOURS_END
    }
}
// YOURS

/// The exits that have not finished. The last one may have been polled.
#[derive(Default)]
struct Rest {
    exits: Vec<Exit>,
    failures: Vec<ExitFailure>,
}

impl Rest {
    /// Has the loop run the exits, and report the failures. The task is not a [`Close`], whose destructor
    /// would spawn what a closed loop drops.
    // ANCHOR: run_on
    fn run_on(self, spawn: &Rc<dyn Spawn>) {
        if self.exits.is_empty() {
            return;
        }
        let reporter = Rc::clone(spawn);
        spawn.spawn_boxed(Box::pin(async move {
            for failure in self.await.err().unwrap_or_default() {
                reporter.report(&format!("an exit failed: {failure}"));
            }
        }));
    }
    // ANCHOR_END: run_on
}

impl Future for Rest {
    type Output = Result<(), Vec<ExitFailure>>;

    // ANCHOR: poll
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        while let Some(exit) = this.exits.last_mut() {
            let polled = catch_unwind(AssertUnwindSafe(|| exit.as_mut().poll(context)));
            let failure = match polled {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(Ok(()))) => None,
                Ok(Poll::Ready(Err(error))) => Some(ExitFailure::Error(error)),
                Err(panic) => Some(ExitFailure::Panicked(panic)),
            };
            this.failures.extend(failure);
            let dropped = catch_unwind(AssertUnwindSafe(|| drop(this.exits.pop())));
            (this.failures).extend(dropped.err().map(ExitFailure::Panicked));
        }
        match &this.failures[..] {
            [] => Poll::Ready(Ok(())),
            _ => Poll::Ready(Err(mem::take(&mut this.failures))),
        }
    }
    // ANCHOR_END: poll
}
// YOURS_END

impl fmt::Display for ExitFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExitFailure::Error(error) => error.fmt(out),
            // YOURS
            ExitFailure::Panicked(panic) => out.write_str(panic_message(&**panic)),
            // STUB: ExitFailure::Panicked(panic) => out.write_str(event_loop::panic_message(&**panic)),
            // YOURS_END
        }
    }
}

impl fmt::Debug for ExitFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl fmt::Debug for ExitStack {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ExitStack")
            .field("exits", &self.len())
            .finish()
    }
}

impl fmt::Debug for Close {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Close").finish_non_exhaustive()
    }
}
