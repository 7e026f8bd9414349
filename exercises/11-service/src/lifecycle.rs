//! Parts of a service that start in order, and are cleaned up in reverse.

use std::any::Any;
use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, ready};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use composition::Failed;
use event_loop::Spawn;

/// The parts of a service, before it starts: a pool of connections, a cache, a listener.
///
/// A part has work that starts it, and often work that cleans up after it. A later part may use the
/// earlier ones. So the parts start in the order in which they are added, one after the other, and
/// they are cleaned up in reverse.
///
/// ```
/// use event_loop::{EventLoop, Spawn};
/// use service::Lifecycle;
/// use std::rc::Rc;
///
/// let event_loop = EventLoop::new();
/// let spawn: Rc<dyn Spawn> = Rc::new(event_loop.handle());
/// event_loop.block_on(async {
///     let mut lifecycle: Lifecycle<String> = Lifecycle::new(&spawn);
///     lifecycle.context("database", async {
///         // Connect here.
///         Ok(async { Ok(()) }) // The clean-up: polled when the service stops.
///     });
///     lifecycle.on_startup("tables", async { Ok(()) });
///     let readiness = lifecycle.readiness();
///     let running = lifecycle.start().await.unwrap();
///     assert!(readiness.is_ready());
///     assert!(running.stop().await.is_empty()); // No clean-up failed.
/// });
/// ```
pub struct Lifecycle<E: fmt::Display + 'static> {
    parts: VecDeque<Part<E>>,
    cleanups: Cleanups<E>,
}

/// Whether a service takes requests now: what its load balancer asks. A clone tells the same.
#[derive(Debug, Clone)]
pub struct Readiness(Rc<Cell<Phase>>);

/// Where a service is in its life.
///
/// ```text
///              every part has started              stop, drop
///   Starting ─────────────────────────▶ Ready ────────────────▶ Stopping ──▶ Stopped
///       └──────────────── a start fails, drop ─────────────────────▲   the last clean-up has ended
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not every part has started.
    Starting,
    /// Every part has started.
    Ready,
    /// Clean-up is running, or is going to run.
    Stopping,
    /// Every clean-up has ended.
    Stopped,
}

/// A part that failed: its start, or its clean-up.
#[derive(Debug)]
pub struct Failure<E> {
    /// The part's name.
    pub part: &'static str,
    /// An error, or a panic.
    pub failed: Failed<E>,
}

/// Why a service did not start. What had started is cleaned up.
#[derive(Debug)]
pub struct NotStarted<E> {
    /// The start that failed.
    pub failed: Failure<E>,
    /// The clean-ups that failed afterwards, in the order in which they ran.
    pub cleanups: Vec<Failure<E>>,
}

/// A part that has yet to start.
struct Part<E> {
    name: &'static str,
    start: Boxed<Result<Option<Cleanup<E>>, E>>,
}

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// Does nothing until it is polled.
type Cleanup<E> = Boxed<Result<(), E>>;

impl<E: fmt::Display + 'static> Lifecycle<E> {
    /// No parts yet. `spawn` runs the clean-up that is left when a future of this module is dropped.
    #[must_use]
    pub fn new(spawn: &Rc<dyn Spawn>) -> Lifecycle<E> {
        Lifecycle {
            parts: VecDeque::new(),
            cleanups: Cleanups {
                left: Vec::new(),
                failures: Vec::new(),
                phase: Rc::new(Cell::new(Phase::Starting)),
                spawn: Rc::clone(spawn),
            },
        }
    }

    /// Adds a part with a start and a clean-up. `start` returns the clean-up: a future, which is not
    /// polled before the service stops. aiohttp's `cleanup_ctx`.
    pub fn context<C>(
        &mut self,
        name: &'static str,
        start: impl Future<Output = Result<C, E>> + 'static,
    ) where
        C: Future<Output = Result<(), E>> + 'static,
    {
        let boxed = |cleanup: C| Some(Box::pin(cleanup) as Cleanup<E>);
        self.add(name, async move { start.await.map(boxed) });
    }

    /// Adds a part without a clean-up.
    pub fn on_startup(
        &mut self,
        name: &'static str,
        start: impl Future<Output = Result<(), E>> + 'static,
    ) {
        self.add(name, async move { start.await.map(|()| None) });
    }

    /// Adds a part that is only a clean-up. In the order of the parts it counts as started when the parts
    /// before it have.
    pub fn on_cleanup(
        &mut self,
        name: &'static str,
        cleanup: impl Future<Output = Result<(), E>> + 'static,
    ) {
        let cleanup: Cleanup<E> = Box::pin(cleanup);
        self.add(name, ready(Ok(Some(cleanup))));
    }

    fn add(
        &mut self,
        name: &'static str,
        start: impl Future<Output = Result<Option<Cleanup<E>>, E>> + 'static,
    ) {
        let start = Box::pin(start);
        self.parts.push_back(Part { name, start });
    }

    /// What tells whether the service takes requests.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        Readiness(Rc::clone(&self.cleanups.phase))
    }

    /// Starts the parts, one after the other: see [`Starting`].
    pub fn start(self) -> Starting<E> {
        Starting {
            parts: self.parts,
            failed: None,
            stopping: Some(Stopping {
                cleanups: Some(self.cleanups),
            }),
        }
    }
}

impl Readiness {
    /// Whether every part has started, and none is being cleaned up.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.phase() == Phase::Ready
    }

    /// Where the service is in its life.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.0.get()
    }
}

/// See [`Lifecycle::start`].
///
/// It polls the start of the first part until that has finished, then the start of the next, and so
/// on. It does not return `Pending` between two parts.
///
/// - Every start returns `Ok`: the service is ready, and this returns [`Running`].
/// - A start **fails**: it returns an error, or its poll panics. The phase becomes
///   [`Stopping`](Phase::Stopping). The starts behind it are dropped, and never polled. Then the parts
///   that had started are cleaned up, as [`Stopping`] does it, and this returns [`NotStarted`]. The part
///   that failed has no clean-up.
///
/// # Cancel safety
///
/// Dropping it drops the start in progress and those behind it. The loop cleans up what had started:
/// see [`Stopping`].
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "a future does nothing until it is polled"]
pub struct Starting<E: fmt::Display + 'static> {
    /// The first of them is in progress.
    parts: VecDeque<Part<E>>,
    /// The start that failed. From then on this cleans up.
    failed: Option<Failure<E>>,
    /// Cleans up after the parts that have started. `None` when this was ready.
    stopping: Option<Stopping<E>>,
}

/// A service that has started. Dropping it stops it: see [`Stopping`].
#[must_use = "dropping it stops the service"]
pub struct Running<E: fmt::Display + 'static> {
    stopping: Stopping<E>,
}

impl<E: fmt::Display + 'static> Running<E> {
    /// The service takes no more requests, from this call on: its phase is
    /// [`Stopping`](Phase::Stopping). The clean-up begins with the first poll.
    pub fn stop(self) -> Stopping<E> {
        if let Some(cleanups) = &self.stopping.cleanups {
            cleanups.phase.set(Phase::Stopping);
        }
        self.stopping
    }
}

/// See [`Running::stop`].
///
/// It polls the clean-up of the part that started last until that has finished, then the one before,
/// and so on; never two at the same time. A clean-up that returns an error or panics does not stop the
/// others. Returns the failures in the order in which they happened; then the phase is
/// [`Stopped`](Phase::Stopped).
///
/// # Cancel safety
///
/// A destructor cannot wait. So dropping this spawns the clean-up that is left as one task: the
/// clean-up in progress goes on there, from where it is, then those behind it. The task passes each
/// failure to [`Spawn::report`] when the last clean-up has ended, in the order in which they happened, also
/// the failures of before the drop.
/// If no clean-up is left, it spawns nothing. From the drop on, the phase is
/// [`Stopping`](Phase::Stopping), or [`Stopped`](Phase::Stopped) if no clean-up is left.
#[must_use = "dropping it lets the loop run the clean-up, and reports its failures"]
pub struct Stopping<E: fmt::Display + 'static> {
    /// `None` when this was ready.
    cleanups: Option<Cleanups<E>>,
}

/// The clean-up that is left, and how it went so far. It has no destructor: code that moves it into a
/// task can drop that task.
struct Cleanups<E> {
    /// The last of them is next, or in progress.
    left: Vec<(&'static str, Cleanup<E>)>,
    failures: Vec<Failure<E>>,
    phase: Rc<Cell<Phase>>,
    spawn: Rc<dyn Spawn>,
}

impl<E: fmt::Display + 'static> Future for Starting<E> {
    type Output = Result<Running<E>, NotStarted<E>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let starting = Pin::get_mut(self);
        todo!("start the parts, one after the other; and if one fails?")
    }
}

impl<E: fmt::Display + 'static> Future for Stopping<E> {
    type Output = Vec<Failure<E>>;

    /// # Panics
    ///
    /// If it is polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<Failure<E>>> {
        todo!("clean up, the last part first")
    }
}

impl<E: fmt::Display + 'static> Drop for Stopping<E> {
    fn drop(&mut self) {
        // Not a `todo!`: a panic in here would end the process.
    }
}

/// It may be moved: the futures of the parts are in boxes of their own.
impl<E: fmt::Display + 'static> Unpin for Starting<E> {}

/// It may be moved: the clean-ups are in boxes of their own.
impl<E: fmt::Display + 'static> Unpin for Stopping<E> {}

impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.part, self.failed)
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for Failure<E> {}

impl<E: fmt::Display> fmt::Display for NotStarted<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "cannot start {}", self.failed)?;
        for failure in &self.cleanups {
            write!(out, "; clean-up of {failure}")?;
        }
        Ok(())
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for NotStarted<E> {}

impl<E: fmt::Display + 'static> fmt::Debug for Lifecycle<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.parts.iter().map(|part| part.name).collect();
        out.debug_struct("Lifecycle")
            .field("parts", &names)
            .finish_non_exhaustive()
    }
}

impl<E: fmt::Display + 'static> fmt::Debug for Starting<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let next = self.parts.front().map(|part| part.name);
        out.debug_struct("Starting")
            .field("part", &next)
            .finish_non_exhaustive()
    }
}

impl<E: fmt::Display + 'static> fmt::Debug for Running<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stopping.fmt(out)
    }
}

impl<E: fmt::Display + 'static> fmt::Debug for Stopping<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = self.cleanups.as_ref().map(|cleanups| cleanups.phase.get());
        out.debug_struct("Stopping")
            .field("phase", &phase)
            .finish_non_exhaustive()
    }
}
