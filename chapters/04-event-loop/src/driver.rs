//! The one seam between the loop and the world.

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

    /// Sleeps until there is something to do, but no longer than `timeout`; `None` is as long as it
    /// takes, and zero is not at all: a driver that also looks after sockets looks at them then.
    ///
    /// # Contract: it may return early
    ///
    /// For no reason at all, even. Whoever calls it looks around afterwards, and takes its return as
    /// proof of nothing.
    ///
    /// # Contract: a wake before the sleep counts
    ///
    /// If an [`Unparker`] of this driver is called, then the `park` that is going on returns; if none
    /// is, the next one returns at once.
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
    /// If it cannot sleep, and will not be able to. A call that was interrupted is not an error but
    /// an early return.
    fn park(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// What ends the sleep, from any thread. All of them do the same.
    fn unparker(&self) -> Unparker;
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

    /// Ends the sleep that is going on, or else the next one.
    pub fn unpark(&self) {
        (self.unpark)();
    }
}

impl fmt::Debug for Unparker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Unparker")
    }
}
