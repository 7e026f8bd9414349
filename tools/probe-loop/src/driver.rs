//! A driver whose clock jumps.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use event_loop::{Driver, Time, Unparker};
use probe_futures::Sim;

/// Sleeps in a simulated world: it jumps to the next scripted event, or to the end of the sleep,
/// whichever comes first. The thread itself never sleeps.
///
/// Where there is neither, the loop is [`Stuck`]: nothing is ready, no timer is set, and nothing will
/// ever happen again. `park` fails then. That is a fact as long as all that may wake the loop is
/// scripted; what is not must be announced with [`Sim::external`], and is named in the error.
///
/// An event happens inside of `park`, on a thread of its own for whose end the driver waits: so a wake
/// in it is one from another thread that comes while the loop sleeps, always at the same moment.
#[derive(Debug)]
pub struct SimDriver {
    sim: Sim,
    signal: Arc<Signal>,
    parks: Cell<usize>,
    sleeps: Cell<usize>,
    early: RefCell<BTreeSet<usize>>,
}

#[derive(Debug, Default)]
struct Signal {
    unparked: AtomicBool,
    calls: AtomicUsize,
}

/// The loop is asleep, and nothing is left that could end that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// When it fell asleep.
    pub at: Time,
    /// The sources of wakes that the world does not know, as they were announced.
    pub external: Vec<String>,
}

impl SimDriver {
    /// A driver in this world.
    #[must_use]
    pub fn new(sim: &Sim) -> SimDriver {
        SimDriver {
            sim: sim.clone(),
            signal: Arc::default(),
            parks: Cell::new(0),
            sleeps: Cell::new(0),
            early: RefCell::default(),
        }
    }

    /// The same driver, which returns from these sleeps at once, for no reason at all. They are counted
    /// from 1, and looks for events are not among them.
    #[must_use]
    pub fn returning_early(self, sleeps: impl IntoIterator<Item = usize>) -> SimDriver {
        self.early.borrow_mut().extend(sleeps);
        self
    }

    /// How often `park` was called, looks for events included.
    #[must_use]
    pub fn parks(&self) -> usize {
        self.parks.get()
    }

    /// How often `park` was called with leave to sleep.
    #[must_use]
    pub fn sleeps(&self) -> usize {
        self.sleeps.get()
    }

    /// How often an unparker was called.
    #[must_use]
    pub fn unparks(&self) -> usize {
        self.signal.calls.load(Relaxed)
    }

    /// The world that it sleeps in.
    #[must_use]
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    fn sleep(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.sleeps.set(self.sleeps.get() + 1);
        if self.early.borrow_mut().remove(&self.sleeps.get()) {
            return Ok(());
        }
        let end = timeout.map(|timeout| self.sim.now().saturating_add(timeout));
        while !self.signal.unparked.swap(false, Relaxed) {
            match (self.sim.next_event(), end) {
                (Some(next), end) if end.is_none_or(|end| next <= end) => {
                    self.happen();
                }
                (_, Some(end)) => {
                    self.sim.advance_to(end); // Where nothing happens.
                    return Ok(());
                }
                (_, None) => return Err(io::Error::other(self.stuck())),
            }
        }
        Ok(())
    }

    /// Lets the next event happen. On the loop's own thread its wakes would need no unparker, and the
    /// driver would not learn of them.
    fn happen(&self) {
        let sim = &self.sim;
        let happened = thread::scope(|scope| scope.spawn(|| sim.advance()).join());
        if let Err(panic) = happened {
            resume_unwind(panic);
        }
    }

    fn stuck(&self) -> Stuck {
        Stuck {
            at: self.now(),
            external: self.sim.externals(),
        }
    }
}

impl Driver for SimDriver {
    fn now(&self) -> Time {
        Time::after_start(self.sim.now())
    }

    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.parks.set(self.parks.get() + 1);
        if timeout != Some(Duration::ZERO) {
            return self.sleep(timeout);
        }
        while self.sim.next_event() == Some(self.sim.now()) {
            self.happen();
        }
        self.signal.unparked.store(false, Relaxed);
        Ok(())
    }

    fn unparker(&self) -> Unparker {
        let signal = Arc::clone(&self.signal);
        Unparker::new(move || {
            signal.calls.fetch_add(1, Relaxed);
            signal.unparked.store(true, Relaxed);
        })
    }
}

impl Stuck {
    /// The reason of an error, if it is this one.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<&Stuck> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for Stuck {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "stuck at {}: nothing is ready, no timer is set, and nothing is going to happen",
            self.at
        )?;
        match &self.external[..] {
            [] => Ok(()),
            external => write!(out, ", unless it comes from {}", external.join(" or ")),
        }
    }
}

impl std::error::Error for Stuck {}
