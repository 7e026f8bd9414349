//! Exits that run in reverse order, in each way out of the code that pushed them.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use event_loop::Spawn;

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
    // Yours to add to.
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
        ExitStack {
            spawn: Rc::clone(spawn),
        }
    }

    /// Pushes an exit. It will run before those that were pushed earlier.
    pub fn push(&mut self, exit: impl Future<Output = Result<(), Box<dyn Error>>> + 'static) {
        todo!("keep the exit until its turn")
    }

    /// How many exits there are.
    #[must_use]
    pub fn len(&self) -> usize {
        todo!("how many exits?")
    }

    /// Whether there are no exits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Moves all exits to a new stack, in their order. This one is empty then: what was opened stays open
    /// when it ends.
    pub fn pop_all(&mut self) -> ExitStack {
        todo!("who owns the exits now?")
    }

    /// Runs the exits. The first of them is polled when the returned future is, and not earlier.
    pub fn close(mut self) -> Close {
        todo!("a future that owns the exits; what is left in the stack?")
    }
}

impl Drop for ExitStack {
    fn drop(&mut self) {
        // Yours to write: which exits are left, and what runs them?
    }
}

/// The future of [`ExitStack::close`]: `Ok` if no exit failed, otherwise the failures in the order in
/// which they happened. When an exit has finished, the next one is polled in the same poll. What it
/// returns when it is polled after it was ready is not specified.
#[must_use = "dropping it right away has the loop run the exits"]
pub struct Close {
    _yours: std::convert::Infallible, // Yours to replace.
}

impl Future for Close {
    type Output = Result<(), Vec<ExitFailure>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        todo!("run the newest exit; what if it is pending, or fails?")
    }
}

impl Drop for Close {
    fn drop(&mut self) {
        // Yours to write: which exits are left, and what runs them?
    }
}

impl fmt::Display for ExitFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExitFailure::Error(error) => error.fmt(out),
            ExitFailure::Panicked(panic) => out.write_str(event_loop::panic_message(&**panic)),
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
