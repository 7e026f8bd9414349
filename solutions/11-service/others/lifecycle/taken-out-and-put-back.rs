//! Takes each future out of its list to poll it, and puts it back while it is pending.

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
/// failure to [`Spawn::report`] when the last clean-up has ended, also the failures of before the drop.
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
        let mut stopping = starting.stopping.take().expect("polled after it was ready");
        let mut cleanups = stopping.cleanups.take().expect("polled after it was ready");
        let mut over = starting.failed.is_some();
        while !over {
            let Some(Part { name, mut start }) = starting.parts.pop_front() else {
                cleanups.phase.set(Phase::Ready);
                stopping.cleanups = Some(cleanups);
                return Poll::Ready(Ok(Running { stopping }));
            };
            let polled = catch_unwind(AssertUnwindSafe(|| start.as_mut().poll(context)));
            let failed = match polled {
                Ok(Poll::Pending) => {
                    starting.parts.push_front(Part { name, start });
                    stopping.cleanups = Some(cleanups);
                    starting.stopping = Some(stopping);
                    return Poll::Pending;
                }
                Ok(Poll::Ready(Ok(None))) => continue,
                Ok(Poll::Ready(Ok(Some(cleanup)))) => {
                    cleanups.left.push((name, cleanup));
                    continue;
                }
                Ok(Poll::Ready(Err(error))) => Failed::Error(error),
                Err(panic) => Failed::Panicked(panic),
            };
            drop(start);
            starting.failed = Some(Failure { part: name, failed });
            cleanups.phase.set(Phase::Stopping);
            starting.parts = VecDeque::new();
            over = true;
        }
        stopping.cleanups = Some(cleanups);
        match Pin::new(&mut stopping).poll(context) {
            Poll::Pending => {
                starting.stopping = Some(stopping);
                Poll::Pending
            }
            Poll::Ready(cleanups) => match starting.failed.take() {
                Some(failed) => Poll::Ready(Err(NotStarted { failed, cleanups })),
                None => unreachable!("a start has failed"),
            },
        }
    }
}

impl<E: fmt::Display + 'static> Future for Stopping<E> {
    type Output = Vec<Failure<E>>;

    /// # Panics
    ///
    /// If it is polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<Failure<E>>> {
        let Some(mut cleanups) = self.cleanups.take() else {
            panic!("polled after it was ready");
        };
        let polled = one_after_the_other(&mut cleanups, context);
        if polled.is_pending() {
            self.cleanups = Some(cleanups);
        }
        polled
    }
}

impl<E: fmt::Display + 'static> Drop for Stopping<E> {
    fn drop(&mut self) {
        if let Some(cleanups) = self.cleanups.take() {
            let phase = Rc::clone(&cleanups.phase);
            if cleanups.left.is_empty() {
                phase.set(Phase::Stopped);
            } else {
                phase.set(Phase::Stopping);
                let spawn = Rc::clone(&cleanups.spawn);
                spawn.spawn_boxed(Box::pin(rest(cleanups)));
            }
        }
    }
}

/// What a dropped stop leaves to the loop.
async fn rest<E: fmt::Display>(mut cleanups: Cleanups<E>) {
    let failures = std::future::poll_fn(|context| one_after_the_other(&mut cleanups, context));
    let failures = failures.await;
    for failure in &failures {
        cleanups.spawn.report(&failure.to_string());
    }
}

fn one_after_the_other<E>(
    cleanups: &mut Cleanups<E>,
    context: &mut Context<'_>,
) -> Poll<Vec<Failure<E>>> {
    loop {
        let Some((part, mut cleanup)) = cleanups.left.pop() else {
            cleanups.phase.set(Phase::Stopped);
            return Poll::Ready(mem::take(&mut cleanups.failures));
        };
        match catch_unwind(AssertUnwindSafe(|| cleanup.as_mut().poll(context))) {
            Ok(Poll::Pending) => {
                cleanups.left.push((part, cleanup));
                return Poll::Pending;
            }
            Ok(Poll::Ready(Ok(()))) => {}
            Ok(Poll::Ready(Err(error))) => {
                let failed = Failed::Error(error);
                cleanups.failures.push(Failure { part, failed });
            }
            Err(panic) => {
                let failed = Failed::Panicked(panic);
                cleanups.failures.push(Failure { part, failed });
            }
        }
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
