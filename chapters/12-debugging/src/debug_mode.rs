//! Debug mode: an observer that reports mistakes in the use of the loop.

use std::cell::RefCell;
use std::env;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Waker;
use std::time::Duration;

use debugging::known::{Dropped, Known, leaves};
use debugging::{Dump, Warning};
use event_loop::{End, Observer, Origin, Step, TaskId, WeakWaker, coarse};

/// The variable that turns debug mode on: see [`run`](debugging::run()).
pub const VARIABLE: &str = "LOOP_DEBUG";

thread_local! {
    static CURRENT: RefCell<Option<DebugMode>> = const { RefCell::new(None) };
}

/// An observer that reports what asyncio's debug mode reports, and dumps the tasks. A clone is the same
/// one.
///
/// ```
/// use debugging::DebugMode;
/// use event_loop::{EventLoop, JumpingDriver};
/// use std::sync::mpsc;
/// use std::time::Duration;
///
/// let (report, reports) = mpsc::channel();
/// let debug = DebugMode::new().on_warning(move |warning| report.send(warning.to_string()).unwrap());
/// let driver = JumpingDriver::new();
/// let event_loop = EventLoop::observed(driver.clone(), debug);
/// event_loop.block_on(async move { driver.spend(Duration::from_millis(250)) });
/// assert!(reports.recv().unwrap().contains("ran for 250ms in one step; the limit is 100ms"));
/// ```
///
/// | it reports | where asyncio does |
/// |---|---|
/// | a step that takes 100 ms or more, with the task, where it was spawned, and the await at which it is now | `slow_callback_duration` |
/// | a driver that returns 100 ms or more too late | the selector's execution time |
/// | a future that was never polled ([`must_await`](debugging::must_await())) | *coroutine was never awaited* |
/// | a value that was not closed ([`must_close`](debugging::must_close())) | `ResourceWarning` |
/// | a task that is left when the loop is closed | *Task was destroyed but it is pending* |
/// | a waker that is kept after that | `gc.DEBUG_UNCOLLECTABLE` |
///
/// Steps are measured on the driver's [coarse](event_loop::Driver::coarse_now) clock if the limit is 100 ms or more.
/// On Linux such a duration is then wrong by at most one timer interrupt, which is 1 to 10 ms. With a
/// shorter limit, and on a simulated clock, durations are exact.
///
/// A call from the wrong thread needs no report: a [`Handle`](event_loop::Handle) is not `Send`, so the
/// program does not compile.
///
/// ```compile_fail,E0277
/// let event_loop = event_loop::EventLoop::new();
/// let handle = event_loop.handle();
/// std::thread::spawn(move || handle.call_soon(|| println!("called")));
/// ```
///
/// Only [`RemoteTask::wait`](event_loop::RemoteTask::wait) can be called on the
/// loop's own thread, and panics there.
#[derive(Clone)]
pub struct DebugMode {
    inner: Arc<Inner>,
}

struct Inner {
    limit: Duration,
    report: Box<dyn Fn(&Warning) + Send + Sync>,
    /// Whether a poll has to be noted: then `poll_with` looks into `known`.
    notes: AtomicBool,
    /// The number of the task that is being polled, or 0.
    running: AtomicU64,
    /// How many iterations have begun.
    turns: AtomicU64,
    known: Known,
}

impl DebugMode {
    /// Debug mode with a limit of 100 ms, which prints its reports on standard error.
    #[must_use]
    pub fn new() -> DebugMode {
        DebugMode::made_of(Duration::from_millis(100), Box::new(to_stderr))
    }

    fn made_of(limit: Duration, report: Box<dyn Fn(&Warning) + Send + Sync>) -> DebugMode {
        DebugMode {
            inner: Arc::new(Inner {
                limit,
                report,
                notes: AtomicBool::new(false),
                running: AtomicU64::new(0),
                turns: AtomicU64::new(0),
                known: Known::default(),
            }),
        }
    }

    /// Debug mode with another function that receives its reports. It is called while nothing is locked. It may be called from
    /// any thread.
    #[must_use]
    pub fn on_warning(&self, report: impl Fn(&Warning) + Send + Sync + 'static) -> DebugMode {
        DebugMode::made_of(self.inner.limit, Box::new(report))
    }

    /// The duration from which on a step is slow, and a driver late.
    #[must_use]
    pub fn with_limit(self, limit: Duration) -> DebugMode {
        match Arc::try_unwrap(self.inner) {
            Ok(inner) => DebugMode::made_of(limit, inner.report),
            Err(inner) => {
                DebugMode::made_of(limit, Box::new(move |warning| (inner.report)(warning)))
            }
        }
    }

    /// Whether the environment variable [`VARIABLE`] asks for debug mode: whether it is there, and neither
    /// empty nor `0`.
    #[must_use]
    pub fn is_asked_for() -> bool {
        env::var_os(VARIABLE).is_some_and(|value| !value.is_empty() && value != "0")
    }

    /// From now on, until the guard is dropped, this is the [current](DebugMode::current) one of this
    /// thread.
    pub fn enter(&self) -> Entered {
        Entered {
            outer: CURRENT.replace(Some(self.clone())),
        }
    }

    /// The debug mode of this thread, if it is on.
    #[must_use]
    pub fn current() -> Option<DebugMode> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Reports something.
    pub fn warn(&self, warning: &Warning) {
        (self.inner.report)(warning);
    }

    /// Asks every task what it waits for: wakes each of them, and notes in its next poll which future keeps
    /// its waker. The dump is complete when the last one was polled; see
    /// [`wait_for_dump`](DebugMode::wait_for_dump). May be called from any thread.
    ///
    /// The extra poll is a **spurious wake**, which every future has to allow for. A task whose wake was
    /// lost goes on because of it, and the dump says so.
    pub fn request_dump(&self) {
        let wakers = self.inner.known.begin_dump();
        self.inner.notes.store(true, Ordering::Release);
        for (task, waker) in wakers {
            Known::wake_for_dump(task, waker);
        }
    }

    /// Blocks this thread until the dump that was requested is complete, for at most this long. Then returns
    /// what is known. Called on the loop's own thread, it does not wait.
    #[must_use]
    pub fn wait_for_dump(&self, at_most: Duration) -> Dump {
        let running = || self.inner.running.load(Ordering::Relaxed);
        self.inner.known.wait_for_dump(at_most, running)
    }

    /// The dump that was completed last, if that was not taken.
    #[must_use]
    pub fn take_dump(&self) -> Option<Dump> {
        self.inner.known.take_dump()
    }

    /// Polls a task whose leaves are asked for.
    #[cold]
    fn poll_noted<R>(&self, task: TaskId, waker: &Waker, poll: impl FnOnce(&Waker) -> R) -> R {
        if !self.inner.known.wants_notes(task) {
            return poll(waker);
        }
        let noted = debugging::noting_waker::noting(waker, poll);
        self.inner.known.note(task, noted)
    }

    /// Reports what the last poll of the task was noted for, and stops noting if nothing is left.
    #[cold]
    fn settle(&self, task: TaskId, ready: bool) {
        let turn = self.turn();
        let settled = self.inner.known.settle(task, ready, turn);
        if !settled.more {
            self.inner.notes.store(false, Ordering::Release);
        }
        if let Some((who, took, notes)) = settled.slow {
            self.warn(&Warning::SlowStep {
                who,
                took,
                limit: self.inner.limit,
                suspended: notes.map(|notes| leaves(&notes)),
            });
        }
    }

    fn turn(&self) -> u64 {
        self.inner.turns.load(Ordering::Relaxed)
    }

    #[cold]
    fn slow_step(&self, task: TaskId, took: Duration) {
        let (turn, limit) = (self.turn(), self.inner.limit);
        let (warning, waker) = self.inner.known.slow_step(task, took, limit, turn);
        if let Some(waker) = waker {
            self.inner.notes.store(true, Ordering::Release);
            waker.wake();
        }
        if let Some(warning) = warning {
            self.warn(&warning);
        }
    }
}

impl Default for DebugMode {
    fn default() -> DebugMode {
        DebugMode::new()
    }
}

// ANCHOR: observer
impl Observer for DebugMode {
    fn turn_begun(&self) {
        // A load and a store cost less than `fetch_add`, and only the loop's own thread writes.
        self.inner.turns.store(self.turn() + 1, Ordering::Relaxed);
    }

    fn task_spawned_at(&self, task: TaskId, origin: Origin) {
        self.inner.known.add(task, origin, self.turn());
    }

    fn task_waker(&self, task: TaskId, waker: WeakWaker) {
        self.inner.known.set_waker(task, waker);
    }

    fn woken(&self, task: TaskId) {
        if self.inner.notes.load(Ordering::Acquire) {
            self.inner.known.woken(task);
        }
    }

    fn poll_begun(&self, task: TaskId) {
        self.inner.running.store(task.number(), Ordering::Relaxed);
    }

    fn poll_with<R>(&self, task: TaskId, waker: &Waker, poll: impl FnOnce(&Waker) -> R) -> R {
        if self.inner.notes.load(Ordering::Acquire) {
            self.poll_noted(task, waker, poll)
        } else {
            poll(waker)
        }
    }

    fn polled(&self, task: TaskId, ready: bool) {
        self.inner.running.store(0, Ordering::Relaxed);
        if self.inner.notes.load(Ordering::Acquire) {
            self.settle(task, ready);
        }
    }

    fn task_finished(&self, task: TaskId, end: End) {
        let Dropped { warning, more } = self.inner.known.remove(task, end, self.turn());
        if !more {
            self.inner.notes.store(false, Ordering::Release);
        }
        if let Some(warning) = warning {
            self.warn(&warning);
        }
    }

    fn measures(&self) -> bool {
        true
    }

    fn measures_coarsely(&self) -> bool {
        self.inner.limit >= coarse::STEP * 10
    }

    fn took(&self, step: Step, took: Duration) {
        let limit = self.inner.limit;
        match step {
            Step::Poll(task) if took >= limit => self.slow_step(task, took),
            Step::Call if took >= limit => self.warn(&Warning::SlowCall { took, limit }),
            Step::Park(Some(asked)) if took.saturating_sub(asked) >= limit => {
                self.warn(&Warning::SlowDriver { asked, took });
            }
            _ => {}
        }
    }

    fn close_begun(&self) {
        self.inner.known.begin_close();
    }

    fn closed(&self) {
        for warning in self.inner.known.kept_wakers() {
            self.warn(&warning);
        }
    }
}
// ANCHOR_END: observer

/// See [`DebugMode::enter`].
#[must_use = "debug mode is current until this is dropped"]
pub struct Entered {
    outer: Option<DebugMode>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let inner = CURRENT.replace(self.outer.take());
        drop(inner);
    }
}

impl fmt::Debug for Entered {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Entered")
    }
}

impl fmt::Debug for DebugMode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("DebugMode")
            .field("limit", &self.inner.limit)
            .finish_non_exhaustive()
    }
}

/// `eprintln!` would panic where standard error is a closed pipe.
fn to_stderr(warning: &Warning) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{warning}");
}
