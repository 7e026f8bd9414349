//! A set of futures, each of which is polled when its own waker was called.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::Stream;
// Locks and atomics: from `crate::sync`, in whose place the check puts its own.
use crate::sync::{Arc, Mutex};

/// A set of futures, its *children*. As a stream, it yields the output of each child that is ready.
///
/// Each child has a waker of its own. Calling it marks the child as woken and wakes the task that
/// polled the set last. A poll of the set polls the woken children, in the order in which they were
/// woken, and no others. A child that is woken again before it is polled keeps its place.
///
/// A wake may come from any thread, also in the middle of a poll, and in the middle of a call of the
/// task's waker: no lock is held while caller-supplied code runs, that is while a child is polled or
/// dropped, or a waker is called or dropped. A wake takes the same time however many children there
/// are. A wake of a child that has left the set does nothing.
///
/// A wake that finds its child woken still publishes: the child's next poll sees what the waking thread
/// wrote before. That takes orderings, which the check's model cannot test: it treats every atomic
/// operation as sequentially consistent.
///
/// ```
/// use composition::ReadySet;
/// use futures::StreamExt;
/// use std::future::ready;
///
/// let mut set: ReadySet<_> = [1, 2, 3].map(ready).into_iter().collect();
/// wakers::block_on(async {
///     assert_eq!(set.next().await, Some(1));
///     set.push(ready(4));
///     assert_eq!(set.collect::<Vec<_>>().await, [2, 3, 4]);
/// });
/// ```
///
/// # Cancel safety
///
/// Dropping the set drops all children, and the waker of the task that waits, and leaves no memory
/// behind once the children's wakers are dropped. A future that borrows the set, such as
/// `StreamExt::next`, loses nothing when it is dropped.
#[must_use = "the children are polled only when the set is"]
pub struct ReadySet<F> {
    // Each child needs an address that does not change, and a waker of its own.
    children: Vec<Pin<Box<F>>>,
}

impl<F: Future> ReadySet<F> {
    /// An empty set.
    pub fn new() -> ReadySet<F> {
        todo!("no child yet")
    }

    /// Adds a child. It counts as woken, since a future has to be polled once before it can wait for
    /// anything: the next poll of the set polls it, and the task that polled the set last is woken.
    /// Polls nothing itself. On average it takes the same time, however many children there are.
    pub fn push(&mut self, future: F) {
        todo!("keep the child; it counts as woken")
    }

    /// How many children are in the set: those whose output it has not yielded.
    #[must_use]
    pub fn len(&self) -> usize {
        self.children.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<F: Future> Stream for ReadySet<F> {
    type Item = F::Output;

    /// Polls the children that were woken before this poll, each once, in the order of their wakes,
    /// until one is ready. That child is dropped before this returns its output. The other woken
    /// children stay woken: the next poll goes on with them. An empty set returns `Ready(None)`, and
    /// may be pushed to afterwards.
    ///
    /// A child that is woken during this poll, its own poll included, is polled by a later one: this
    /// poll ends however the children behave. The set wakes its task for that, and never without a
    /// wake of a child or a `push`.
    ///
    /// # Panics
    ///
    /// With what a child panics with. That child is dropped and leaves the set, the other woken
    /// children stay woken, and the set may be polled on.
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let this = self.get_mut();
        todo!("poll the children that were woken; is one ready?")
    }
}

/// A set may be moved: each child is in a box of its own.
impl<F> Unpin for ReadySet<F> {}

impl<F: Future> Default for ReadySet<F> {
    fn default() -> ReadySet<F> {
        ReadySet::new()
    }
}

impl<F: Future> FromIterator<F> for ReadySet<F> {
    fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> ReadySet<F> {
        let mut set = ReadySet::new();
        futures.into_iter().for_each(|future| set.push(future));
        set
    }
}

impl<F: Future> std::fmt::Debug for ReadySet<F> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ReadySet")
            .field("len", &self.len())
            .finish()
    }
}
