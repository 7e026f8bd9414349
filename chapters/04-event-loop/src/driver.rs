//! The interface between the loop and its source of events.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use event_loop::Time;

/// What a loop sleeps on, and whose clock it reads.
///
/// | driver | sleeps on |
/// |---|---|
/// | [`ThreadDriver`](event_loop::ThreadDriver) | a condition variable: wakes come from other threads, or from a timer |
/// | chapter 05's reactor | the operating system's list of ready sockets |
/// | the simulated one of the checks | nothing: its clock jumps |
///
/// The loop calls it from one thread. It takes `&self` because the loop's handles read the clock
/// while the loop is running.
pub trait Driver {
    /// The time now. It never goes back.
    fn now(&self) -> Time;

    /// The time on a clock that may be cheaper to read, and less precise: it moves in steps of a few
    /// milliseconds. Compare it only with other readings of this function. By default the precise clock;
    /// see [`coarse`](event_loop::coarse).
    fn coarse_now(&self) -> Time {
        self.now()
    }

    /// Sleeps until a wake or an event, and no longer than `timeout`. `None` has no limit. Zero does not
    /// sleep: a driver that also serves sockets polls them then.
    ///
    /// # Contract: it may return early
    ///
    /// Even without a reason. The caller checks its timers and its queue afterwards, and concludes nothing
    /// from the return.
    ///
    /// # Contract: a wake before the sleep counts
    ///
    /// If an [`Unparker`] of this driver is called, the `park` in progress returns. If none is in
    /// progress, the next one returns at once.
    ///
    /// # Contract: it returns after it has woken a task
    ///
    /// A driver may call wakers inside of `park`, as a reactor does for an event. A wake on the loop's
    /// own thread calls no unparker: the task waits in the loop's queue until `park` returns. So `park`
    /// returns before it sleeps again. The same holds for a callback that it sends through the loop's
    /// door.
    ///
    /// # Errors
    ///
    /// If it cannot sleep, now or later. An interrupted system call is an early return, not an error.
    fn park(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// An unparker, which ends the sleep from any thread. All unparkers of a driver do the same.
    fn unparker(&self) -> Unparker;

    /// Which of `ready` entries comes next, counted from the oldest, for a test that tries other orders:
    /// see chapter 12's `schedules`. `None`, as here, is what a program gets: all of them, oldest first.
    ///
    /// With an answer, the loop runs that entry alone in this iteration and keeps the others in the queue,
    /// before those that become ready in the meantime. The same question is asked for timers that are due
    /// at the same time. If `ready` is 1, there is nothing to choose, and the answer is `Some(0)`.
    fn choose(&self, _ready: usize) -> Option<usize> {
        None
    }
}

/// Ends a driver's [`park`](Driver::park), from any thread. A clone does the same.
#[derive(Clone)]
pub struct Unparker {
    unpark: Arc<dyn Fn() + Send + Sync>,
}

impl Unparker {
    /// An unparker that calls `unpark`, which must neither block nor panic.
    #[must_use]
    pub fn new(unpark: impl Fn() + Send + Sync + 'static) -> Unparker {
        Unparker {
            unpark: Arc::new(unpark),
        }
    }

    /// Ends the sleep in progress, or else the next one.
    pub fn unpark(&self) {
        (self.unpark)();
    }
}

impl fmt::Debug for Unparker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Unparker")
    }
}
