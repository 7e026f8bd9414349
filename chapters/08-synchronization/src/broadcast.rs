//! A channel in which every receiver gets every value, and a slow receiver learns what it missed.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use synchronization::WaitQueue;

/// A channel from any number of senders to any number of receivers, each of which gets every value that
/// is sent after it was made.
///
/// A sender never waits. The channel keeps the last `capacity` values that a receiver has not seen.
/// When one more is sent, the oldest goes, and a receiver that has not seen it **lags**: its next
/// [`recv`](Receiver::recv) returns the number of values it missed, and the one after that the
/// oldest value that is left. So one slow receiver slows neither the senders nor the other receivers,
/// and what it costs is bounded.
///
/// ```
/// use futures::FutureExt;
/// use synchronization::broadcast::{RecvError, broadcast};
///
/// let (sender, mut fast) = broadcast(2);
/// let mut slow = sender.subscribe();
/// for price in [10, 11, 12] {
///     assert_eq!(sender.send(price), Ok(2));
///     assert_eq!(fast.recv().now_or_never(), Some(Ok(price)));
/// }
/// assert_eq!(slow.recv().now_or_never(), Some(Err(RecvError::Lagged(1))));
/// assert_eq!(slow.recv().now_or_never(), Some(Ok(11)));
/// ```
///
/// # Panics
///
/// If the capacity is 0.
#[must_use]
pub fn broadcast<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    assert!(capacity > 0, "a channel needs at least one slot");
    let state = State {
        values: VecDeque::new(),
        first: 0,
        capacity,
        senders: 1,
        receivers: 1,
    };
    let shared = Rc::new(Shared {
        state: RefCell::new(state),
        waiting: WaitQueue::new(),
    });
    let sender = Sender {
        shared: Rc::clone(&shared),
    };
    (sender, Receiver { shared, next: 0 })
}

/// Sends values to all receivers. A clone is another sender of the same channel.
pub struct Sender<T> {
    shared: Rc<Shared<T>>,
}

/// Receives every value that is sent after it was made.
pub struct Receiver<T> {
    shared: Rc<Shared<T>>,
    /// The number of the value that it gets next. The first value of the channel has number 0.
    next: u64,
}

struct Shared<T> {
    state: RefCell<State<T>>,
    waiting: WaitQueue<()>,
}

struct State<T> {
    values: VecDeque<Kept<T>>,
    /// The number of the value at the front.
    first: u64,
    capacity: usize,
    senders: usize,
    receivers: usize,
}

struct Kept<T> {
    value: Rc<T>,
    /// The number of receivers that have not seen it.
    unseen: usize,
}

impl<T> State<T> {
    fn end(&self) -> u64 {
        self.first + self.values.len() as u64
    }

    /// Adds a value for all receivers. Returns the oldest one if there was no slot left.
    fn push(&mut self, value: T) -> Option<Kept<T>> {
        let oldest = match self.values.len() == self.capacity {
            true => self.pop(),
            false => None,
        };
        self.values.push_back(Kept {
            value: Rc::new(value),
            unseen: self.receivers,
        });
        oldest
    }

    fn pop(&mut self) -> Option<Kept<T>> {
        self.first += 1;
        self.values.pop_front()
    }

    /// The value with this number, seen by one receiver more.
    fn see(&mut self, number: u64) -> Rc<T> {
        let place = usize::try_from(number - self.first).expect("it is in memory");
        let kept = &mut self.values[place];
        kept.unseen -= 1;
        // All receivers see values in order: only the oldest can have been seen by all of them.
        if kept.unseen == 0 && place == 0 {
            return self.pop().expect("it is at the front").value;
        }
        Rc::clone(&self.values[place].value)
    }
}

impl<T: Clone> Sender<T> {
    /// Sends the value to all receivers, and wakes those that wait. Returns the number of receivers.
    ///
    /// # Errors
    ///
    /// Returns the value if there is no receiver.
    pub fn send(&self, value: T) -> Result<usize, T> {
        let mut state = self.shared.state.borrow_mut();
        let receivers = state.receivers;
        if receivers == 0 {
            return Err(value);
        }
        let oldest = state.push(value);
        drop(state);
        drop(oldest);
        self.shared.waiting.hand_to_all(|| ());
        Ok(receivers)
    }

    /// One more receiver. It gets the values that are sent from now on.
    #[must_use]
    pub fn subscribe(&self) -> Receiver<T> {
        let mut state = self.shared.state.borrow_mut();
        state.receivers += 1;
        Receiver {
            next: state.end(),
            shared: Rc::clone(&self.shared),
        }
    }
}

impl<T: Clone> Receiver<T> {
    /// The next value.
    ///
    /// # Errors
    ///
    /// [`RecvError::Lagged`] with the number of values that were sent and that this receiver has missed;
    /// it then goes on with the oldest that is left. [`RecvError::Closed`] once all senders are dropped
    /// and all values seen.
    ///
    /// # Cancel safety
    ///
    /// Dropping it loses no value.
    pub async fn recv(&mut self) -> Result<T, RecvError> {
        loop {
            if let Some(seen) = self.try_recv() {
                return seen;
            }
            self.shared.waiting.wait(()).await;
        }
    }

    /// What [`recv`](Receiver::recv) would return at once; `None` if it would wait.
    pub fn try_recv(&mut self) -> Option<Result<T, RecvError>> {
        let mut state = self.shared.state.borrow_mut();
        let missed = state.first.saturating_sub(self.next);
        if missed > 0 {
            self.next = state.first;
            return Some(Err(RecvError::Lagged(missed)));
        }
        if self.next < state.end() {
            let value = state.see(self.next);
            self.next += 1;
            drop(state);
            // The last receiver gets the value itself.
            return Some(Ok(Rc::unwrap_or_clone(value)));
        }
        (state.senders == 0).then_some(Err(RecvError::Closed))
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut state = self.shared.state.borrow_mut();
        state.receivers -= 1;
        let mut dropped = Vec::new();
        for number in self.next.max(state.first)..state.end() {
            dropped.push(state.see(number));
        }
        drop(state);
        drop(dropped);
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = self.shared.state.borrow_mut();
        state.senders -= 1;
        let last = state.senders == 0;
        drop(state);
        if last {
            self.shared.waiting.hand_to_all(|| ());
        }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        self.shared.state.borrow_mut().senders += 1;
        Sender {
            shared: Rc::clone(&self.shared),
        }
    }
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecvError {
    /// This receiver was too slow, and has missed this many values.
    Lagged(u64),
    /// All senders are dropped.
    Closed,
}

impl fmt::Display for RecvError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecvError::Lagged(missed) => write!(out, "the receiver has missed {missed} values"),
            RecvError::Closed => out.write_str("the channel is closed"),
        }
    }
}

impl std::error::Error for RecvError {}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Sender")
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Receiver")
            .field("next", &self.next)
            .finish()
    }
}
