//! A place where tasks wait until all of them have arrived.

use std::fmt;

use crate::wait_queue::WaitQueue;

/// Lets tasks go on when a fixed number of them has arrived, and then begins anew.
///
/// ```
/// use event_loop::EventLoop;
/// use std::rc::Rc;
/// use synchronization::barrier::{Arrival, Barrier};
///
/// let barrier = Rc::new(Barrier::new(2));
/// let event_loop = EventLoop::new();
/// let theirs = Rc::clone(&barrier);
/// let other = event_loop.handle().spawn(async move { theirs.wait().await });
/// let (mine, other) = event_loop.block_on(async { (barrier.wait().await, other.await.unwrap()) });
/// assert_eq!((other, mine), (Arrival::Earlier, Arrival::Last));
/// ```
pub struct Barrier {
    parties: usize,
    /// The tasks that have arrived, without the last one, which does not wait.
    waiters: WaitQueue<()>,
}

/// Whether a task was the last to arrive: one of each round is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It waited for others.
    Earlier,
    /// It completed the round, and did not wait.
    Last,
}

impl Barrier {
    /// A barrier at which `parties` tasks wait for each other.
    ///
    /// # Panics
    ///
    /// If `parties` is 0.
    #[must_use]
    pub fn new(parties: usize) -> Barrier {
        assert!(parties > 0, "a barrier is for one task at the least");
        Barrier {
            parties,
            waiters: WaitQueue::new(),
        }
    }

    // ANCHOR: wait
    /// Waits until as many tasks have arrived as the barrier is for. A task arrives at the first
    /// poll of this future.
    ///
    /// # Cancel safety
    ///
    /// A task that is dropped while it waits has not arrived: the round needs another one in its
    /// place.
    pub async fn wait(&self) -> Arrival {
        if self.waiters.len() + 1 == self.parties {
            self.waiters.hand_to_all(|| ());
            return Arrival::Last;
        }
        self.waiters.wait(()).await;
        Arrival::Earlier
    }
    // ANCHOR_END: wait

    /// How many tasks have arrived in this round.
    #[must_use]
    pub fn arrived(&self) -> usize {
        self.waiters.len()
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Barrier")
            .field("parties", &self.parties)
            .field("arrived", &self.arrived())
            .finish()
    }
}
