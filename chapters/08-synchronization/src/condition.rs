//! Waiting until a locked value is in a certain state.

use std::fmt;

use crate::mutex::{Guard, Mutex};
use crate::wait_queue::WaitQueue;

/// Tasks that wait until another task has changed the value of a [`Mutex`].
///
/// A notification says that the value *may* be as the waiting task wants it. By the time that the
/// task has the lock again, another task may have changed the value once more. So a task checks the
/// value again after each wait, in a loop: [`wait_while`](Condition::wait_while) is that loop.
///
/// ```
/// use event_loop::EventLoop;
/// use std::rc::Rc;
/// use synchronization::{Condition, Mutex};
///
/// let shared = Rc::new((Mutex::new(Vec::new()), Condition::new()));
/// let event_loop = EventLoop::new();
/// let theirs = Rc::clone(&shared);
/// drop(event_loop.handle().spawn(async move {
///     theirs.0.lock().await.push("letter");
///     theirs.1.notify_one();
/// }));
/// let letter = event_loop.block_on(async {
///     let (mailbox, changed) = &*shared;
///     let guard = mailbox.lock().await;
///     let mut guard = changed.wait_while(guard, |letters| letters.is_empty()).await;
///     guard.pop()
/// });
/// assert_eq!(letter, Some("letter"));
/// ```
// ANCHOR: condition
#[derive(Default)]
pub struct Condition {
    waiters: WaitQueue<Notification>,
}

impl Condition {
    /// A condition for which no task waits.
    #[must_use]
    pub fn new() -> Condition {
        Condition::default()
    }

    /// Unlocks the mutex, waits for a notification, and locks the mutex again.
    ///
    /// No notification is missed in between: the task is in the queue before it unlocks. All of this
    /// begins at the first poll of the future.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the mutex unlocked by this task. A notification of
    /// [`notify_one`](Condition::notify_one) that it received goes to the next waiting task, also if
    /// this one was waiting for the lock already.
    pub async fn wait<'a, T>(&self, guard: Guard<'a, T>) -> Guard<'a, T> {
        let mutex: &'a Mutex<T> = Guard::mutex(&guard);
        let notified = self.waiters.wait(());
        drop(guard);
        // Kept until the lock is there: if this future is dropped before that, it is passed on.
        let notification = notified.await;
        let guard = mutex.lock().await;
        notification.used();
        guard
    }

    /// [Waits](Condition::wait) as long as `condition` says `true` of the value. It is called under
    /// the lock: once before the first wait, and once after each.
    ///
    /// # Cancel safety
    ///
    /// As that of [`wait`](Condition::wait).
    pub async fn wait_while<'a, T>(
        &self,
        mut guard: Guard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> Guard<'a, T> {
        while condition(&mut guard) {
            guard = self.wait(guard).await;
        }
        guard
    }

    /// Notifies the task that has waited longest, if one waits. It does not keep the notification
    /// for a later one.
    pub fn notify_one(&self) {
        Notification::send(&self.waiters);
    }

    /// Notifies every task that waits now. They get the lock one after the other.
    pub fn notify_all(&self) {
        self.waiters.hand_to_all(|| Notification { next: None });
    }

    /// How many tasks wait and have not been notified.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiters.len()
    }
}
// ANCHOR_END: condition

// ANCHOR: notification
/// What a waiting task receives. If that task is dropped before it has used the notification, the
/// destructor sends another one to the next task.
struct Notification {
    /// `None` once it was used, and from the start if it was sent to all.
    next: Option<WaitQueue<Notification>>,
}

impl Notification {
    /// Sends one to the task that has waited longest. Without a task, nothing is sent.
    fn send(waiters: &WaitQueue<Notification>) {
        let next = Some(waiters.clone());
        if let Err(unsent) = waiters.hand_over(Notification { next }) {
            unsent.used();
        }
    }

    fn used(mut self) {
        self.next = None;
    }
}

impl Drop for Notification {
    fn drop(&mut self) {
        if let Some(waiters) = self.next.take() {
            Notification::send(&waiters);
        }
    }
}
// ANCHOR_END: notification

impl fmt::Debug for Condition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Condition")
            .field("waiting", &self.waiting())
            .finish()
    }
}
