//! A flag that any number of tasks wait for.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use synchronization::WaitQueue;

/// A flag that stays set until it is cleared: asyncio's `Event`. A clone is the same event.
///
/// An event is a **level**: a wait that begins while it is set completes at once, however often that
/// happens. For an **edge**, which one wait consumes, see [`Notify`](crate::Notify).
///
/// ```
/// use event_loop::EventLoop;
/// use synchronization::Event;
///
/// let event = Event::new();
/// let event_loop = EventLoop::new();
/// let setter = event.clone();
/// drop(event_loop.handle().call_soon(move || setter.set()));
/// event_loop.block_on(async {
///     event.wait().await;
///     event.wait().await; // It is still set.
/// });
/// ```
#[derive(Clone, Default)]
pub struct Event {
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    set: Cell<bool>,
    waiters: WaitQueue<()>,
}

impl Event {
    /// An event that is not set.
    #[must_use]
    pub fn new() -> Event {
        Event::default()
    }

    // ANCHOR: event
    /// Sets the flag, and wakes every waiting task, oldest first. If it is set already, nothing
    /// happens.
    ///
    /// Each wait that is woken completes, also if the event is cleared before its task runs. So `set`
    /// followed by `clear` lets exactly those pass that wait now.
    pub fn set(&self) {
        if !self.shared.set.replace(true) {
            self.shared.waiters.hand_to_all(|| ());
        }
    }

    /// Clears the flag: from now on a wait has to wait.
    pub fn clear(&self) {
        self.shared.set.set(false);
    }

    /// Whether the flag is set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.shared.set.get()
    }

    /// Completes at its first poll if the flag is set then, and otherwise when it is set.
    ///
    /// That it completes means that the flag was set. By the time the task runs, another task may
    /// have cleared it.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves nothing behind.
    pub async fn wait(&self) {
        if !self.is_set() {
            self.shared.waiters.wait(()).await;
        }
    }
    // ANCHOR_END: event
}

impl fmt::Debug for Event {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Event")
            .field("set", &self.is_set())
            .field("waiting", &self.shared.waiters.len())
            .finish()
    }
}
