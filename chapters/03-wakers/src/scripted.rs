//! A clock that strikes at a scripted moment, to show how a future handles it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use crate::alarm::Clock;

/// The time at which a [`Scripted`] clock strikes.
pub const SEVEN: Duration = Duration::from_secs(7);

/// When a [`Scripted`] clock strikes, relative to a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before the poll.
    BeforeThePoll,
    /// During the poll, just after `now` has read a time before seven.
    AfterTheLook,
    /// After the poll has returned.
    AfterThePoll,
}

/// A clock that shows zero until it strikes seven. Clones are the same clock.
#[derive(Clone)]
pub struct Scripted {
    inner: Rc<Inner>,
}

struct Inner {
    strikes: Moment,
    now: Cell<Duration>,
    ring: RefCell<Option<Box<dyn FnOnce() + Send>>>,
}

impl Scripted {
    /// A clock that will strike at this moment.
    #[must_use]
    pub fn new(strikes: Moment) -> Scripted {
        Scripted {
            inner: Rc::new(Inner {
                strikes,
                now: Cell::default(),
                ring: RefCell::default(),
            }),
        }
    }

    /// Tells the clock that a moment has come. If it is the scripted one, the clock strikes.
    pub fn comes(&self, moment: Moment) {
        if moment == self.inner.strikes {
            self.inner.now.set(SEVEN);
            let ring = self.inner.ring.take();
            if let Some(ring) = ring {
                ring();
            }
        }
    }
}

impl Clock for Scripted {
    fn now(&self) -> Duration {
        let now = self.inner.now.get();
        self.comes(Moment::AfterTheLook);
        now
    }

    fn call_at(&self, _: Duration, ring: Box<dyn FnOnce() + Send>) {
        *self.inner.ring.borrow_mut() = Some(ring);
    }
}
