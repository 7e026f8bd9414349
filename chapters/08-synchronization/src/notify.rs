//! A notification that one task consumes.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use synchronization::{Wait, WaitQueue};

/// Wakes one waiting task, or all of them. A clone is the same object. It is tokio's `Notify`, on one
/// thread.
///
/// A notification is an **edge**: one wait consumes it. If no task waits, it is stored for the next
/// wait, but at most one is: two notifications before a wait are one. For a **level**, see
/// [`Event`](crate::Event).
///
/// ```
/// use futures::FutureExt;
/// use synchronization::Notify;
///
/// let notify = Notify::new();
/// notify.notify_one();
/// notify.notify_one();
/// assert!(notify.notified().now_or_never().is_some());
/// assert!(notify.notified().now_or_never().is_none());
/// ```
#[derive(Clone, Default)]
pub struct Notify {
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Set only while nothing waits.
    stored: Cell<bool>,
    waiters: WaitQueue<Notification>,
}

/// What a waiter is handed.
enum Notification {
    One(Turn),
    All,
}

/// One notification. If it is dropped before it is used, it goes on to the next waiter.
struct Turn {
    notify: Option<Notify>,
}

impl Notify {
    /// Nothing waits, and no notification is stored.
    #[must_use]
    pub fn new() -> Notify {
        Notify::default()
    }

    // ANCHOR: notify
    /// Wakes the task that has waited longest. If none waits, the next wait completes at once.
    ///
    /// If that wait is dropped before it was polled again, the notification goes on to the next one.
    pub fn notify_one(&self) {
        let turn = Turn {
            notify: Some(self.clone()),
        };
        if let Err(back) = self.shared.waiters.hand_over(Notification::One(turn)) {
            back.consume();
            self.shared.stored.set(true);
        }
    }

    /// Wakes every task that waits now, oldest first. Nothing is stored, and no wait passes it on.
    pub fn notify_waiters(&self) {
        self.shared.waiters.hand_to_all(|| Notification::All);
    }

    /// Completes when it is notified. It takes its place among the waiters, or the stored
    /// notification, in this call and not at its first poll.
    pub fn notified(&self) -> Notified {
        let wait = self.shared.waiters.wait(());
        if self.shared.stored.take() {
            // Only this one waits, or the notification would not be stored.
            self.notify_one();
        }
        Notified { wait }
    }
    // ANCHOR_END: notify
}

impl Notification {
    /// It has reached its task, and goes no further.
    fn consume(self) {
        if let Notification::One(mut turn) = self {
            turn.notify = None;
        }
    }
}

// ANCHOR: turn
impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(notify) = self.notify.take() {
            notify.notify_one();
        }
    }
}
// ANCHOR_END: turn

/// See [`Notify::notified`].
///
/// # Cancel safety
///
/// Dropping it loses no notification of [`notify_one`](Notify::notify_one): the next waiter receives
/// it, or it is stored. Dropped and made anew, it waits behind the others.
///
/// # Panics
///
/// If it is polled after `Ready`.
#[must_use = "it holds a place among the waiters: await it or drop it"]
pub struct Notified {
    wait: Wait<Notification>,
}

impl Future for Notified {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        ready!(Pin::new(&mut self.wait).poll(context)).consume();
        Poll::Ready(())
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Notify")
            .field("stored", &self.shared.stored.get())
            .field("waiting", &self.shared.waiters.len())
            .finish()
    }
}

impl fmt::Debug for Notified {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Notified")
    }
}
