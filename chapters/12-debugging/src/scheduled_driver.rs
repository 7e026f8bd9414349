//! A driver that lets a list of decisions say what comes next.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{Driver, JumpingDriver, Time, Unparker};

use crate::choices::Choices;

/// A driver whose clock jumps, and whose loop runs its ready entries in the order that [`Choices`] give.
///
/// It waits for time only. Sockets come from a driver that is built on the same choices: it asks
/// [`Choices::choose`] which of its events comes first.
#[derive(Debug, Clone)]
pub struct ScheduledDriver {
    clock: JumpingDriver,
    choices: Choices,
    sleeps: Rc<Cell<Sleeps>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Sleeps {
    #[default]
    Allowed,
    Refused,
}

impl ScheduledDriver {
    /// A driver whose clock shows zero.
    #[must_use]
    pub fn new(choices: Choices) -> ScheduledDriver {
        ScheduledDriver {
            clock: JumpingDriver::new(),
            choices,
            sleeps: Rc::default(),
        }
    }

    /// From now on a sleep is an error: the loop runs what is ready, and no time passes.
    pub(crate) fn refuse_sleep(&self) {
        self.sleeps.set(Sleeps::Refused);
    }
}

impl Driver for ScheduledDriver {
    fn now(&self) -> Time {
        self.clock.now()
    }

    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        let sleeps = timeout != Some(Duration::ZERO);
        if sleeps && self.sleeps.get() == Sleeps::Refused {
            return Err(io::Error::other("nothing is ready"));
        }
        self.clock.park(timeout)
    }

    fn unparker(&self) -> Unparker {
        self.clock.unparker()
    }

    fn choose(&self, ready: usize) -> Option<usize> {
        Some(self.choices.choose(ready))
    }
}
