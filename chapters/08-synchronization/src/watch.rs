//! A value that changes, and receivers that want the latest one only.

use std::cell::RefCell;
use std::fmt;
use std::mem;
use std::rc::Rc;

use synchronization::WaitQueue;

/// A value that the sender replaces. A receiver learns that it has changed, and reads the latest: if
/// three values are sent between two reads, it never sees the first two. Configuration and state are
/// passed on like this; events are not, because they would be lost.
///
/// ```
/// use futures::FutureExt;
/// use synchronization::watch::{Closed, watch};
///
/// let (sender, mut level) = watch("info");
/// assert_eq!(level.changed().now_or_never(), None); // The first value counts as seen.
/// sender.send("debug");
/// sender.send("trace");
/// assert_eq!(level.changed().now_or_never(), Some(Ok(())));
/// assert_eq!(*level.latest(), "trace");
/// drop(sender);
/// assert_eq!(level.changed().now_or_never(), Some(Err(Closed)));
/// assert_eq!(*level.latest(), "trace");
/// ```
#[must_use]
pub fn watch<T>(value: T) -> (Sender<T>, Receiver<T>) {
    let shared = Rc::new(Shared {
        state: RefCell::new(State {
            latest: Rc::new(value),
            version: 0,
            closed: false,
        }),
        waiting: WaitQueue::new(),
    });
    let sender = Sender {
        shared: Rc::clone(&shared),
    };
    (sender, Receiver { shared, seen: 0 })
}

/// Replaces the value. There is one sender.
pub struct Sender<T> {
    shared: Rc<Shared<T>>,
}

/// Reads the value, and waits for changes. A clone is another receiver, which has seen what this one
/// has.
pub struct Receiver<T> {
    shared: Rc<Shared<T>>,
    /// The version that it has read, or waited for.
    seen: u64,
}

struct Shared<T> {
    state: RefCell<State<T>>,
    waiting: WaitQueue<()>,
}

struct State<T> {
    latest: Rc<T>,
    version: u64,
    closed: bool,
}

impl<T> Sender<T> {
    /// Replaces the value, and wakes the receivers that wait for a change. The older value is dropped,
    /// once no receiver holds it any more.
    pub fn send(&self, value: T) {
        let mut state = self.shared.state.borrow_mut();
        let older = mem::replace(&mut state.latest, Rc::new(value));
        state.version += 1;
        drop(state);
        drop(older);
        self.shared.waiting.hand_to_all(|| ());
    }

    /// A receiver that has seen the value as it is now.
    #[must_use]
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver {
            seen: self.shared.state.borrow().version,
            shared: Rc::clone(&self.shared),
        }
    }
}

impl<T> Receiver<T> {
    /// The latest value, which counts as seen. It lasts as long as it is held, also if the sender
    /// replaces it: so it may be kept across an `.await`.
    #[must_use]
    pub fn latest(&mut self) -> Rc<T> {
        let state = self.shared.state.borrow();
        self.seen = state.version;
        Rc::clone(&state.latest)
    }

    /// Waits until there is a value that this receiver has not seen. It then counts as seen.
    ///
    /// # Errors
    ///
    /// If the sender is dropped, and this receiver has seen its last value.
    ///
    /// # Cancel safety
    ///
    /// Dropping it misses no change: the next call returns at once if there was one.
    pub async fn changed(&mut self) -> Result<(), Closed> {
        loop {
            if self.has_changed()? {
                self.seen = self.shared.state.borrow().version;
                return Ok(());
            }
            self.shared.waiting.wait(()).await;
        }
    }

    /// Whether there is a value that this receiver has not seen. It does not count as seen.
    ///
    /// # Errors
    ///
    /// As for [`changed`](Receiver::changed).
    pub fn has_changed(&self) -> Result<bool, Closed> {
        let state = self.shared.state.borrow();
        match state.version > self.seen {
            true => Ok(true),
            false if state.closed => Err(Closed),
            false => Ok(false),
        }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared.state.borrow_mut().closed = true;
        self.shared.waiting.hand_to_all(|| ());
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Receiver<T> {
        Receiver {
            shared: Rc::clone(&self.shared),
            seen: self.seen,
        }
    }
}

/// The sender is dropped, and its last value seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the sender is gone, and its last value was seen")
    }
}

impl std::error::Error for Closed {}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Sender")
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Receiver")
            .field("seen", &self.seen)
            .finish()
    }
}
