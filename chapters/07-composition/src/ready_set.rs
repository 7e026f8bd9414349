//! A set of futures, each of which is polled when its own waker was called.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::Stream;
// YOURS
use std::collections::VecDeque;
use std::task::{Wake, Waker};

use event_loop::leaf;
use slab::Slab;

use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};
// STUB: // Locks and atomics: from `crate::sync`, in whose place the check puts its own.
// STUB: use crate::sync::{Arc, Mutex};
// YOURS_END

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
// ANCHOR: fields
#[must_use = "the children are polled only when the set is"]
pub struct ReadySet<F> {
    // YOURS
    children: Slab<Child<F>>,
    /// Which children were woken, and which task is to be told.
    woken: Arc<Woken>,
    /// How many children were pushed so far.
    pushed: u64,
    // STUB: // Each child needs an address that does not change, and a waker of its own.
    // STUB: children: Vec<Pin<Box<F>>>,
    // YOURS_END
}
// YOURS

struct Child<F> {
    future: Pin<Box<F>>,
    ticket: Arc<Ticket>,
    /// Calls the ticket.
    waker: Waker,
}
// ANCHOR_END: fields

// ANCHOR: wake
/// The target of one child's waker.
struct Ticket {
    key: Key,
    /// Whether the key is in the queue, or must never enter it again.
    queued: AtomicBool,
    woken: Arc<Woken>,
}

/// A slot is used again after its child has left; the number is not.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    slot: usize,
    number: u64,
}

impl Wake for Ticket {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Release, even if the key is in the queue: the child's next poll sees what this thread wrote
        // before. Pairs with the Acquire in `poll_child`.
        if self.queued.swap(true, Ordering::Release) {
            return;
        }
        if let Some(waker) = self.woken.append(self.key) {
            waker.wake();
        }
    }
}
// ANCHOR_END: wake

// ANCHOR: woken
/// The keys of the woken children, in the order of the wakes, and the waker of the task that polled
/// the set last. Each waker is called once: the next poll brings a new one.
#[derive(Default)]
struct Woken(Mutex<(VecDeque<Key>, Option<Waker>)>);

impl Woken {
    /// Appends a key. The caller wakes the task: this has released the lock.
    fn append(&self, key: Key) -> Option<Waker> {
        let mut inner = self.lock();
        inner.0.push_back(key);
        inner.1.take()
    }

    /// From now on a wake of a child calls this waker. Returns how many children were woken before.
    fn register(&self, waker: Waker) -> usize {
        let mut inner = self.lock();
        let older = inner.1.replace(waker);
        let before = inner.0.len();
        drop(inner);
        drop(older); // Caller-supplied code, so without the lock.
        before
    }

    fn next(&self) -> Option<Key> {
        self.lock().0.pop_front()
    }

    /// From now on a wake of a child calls no waker.
    fn forget_the_task(&self) {
        let waker = self.lock().1.take();
        drop(waker);
    }

    fn lock(&self) -> MutexGuard<'_, (VecDeque<Key>, Option<Waker>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
// ANCHOR_END: woken
// YOURS_END

impl<F: Future> ReadySet<F> {
    /// An empty set.
    pub fn new() -> ReadySet<F> {
        // YOURS
        ReadySet {
            children: Slab::new(),
            woken: Arc::default(),
            pushed: 0,
        }
        // STUB: todo!("no child yet")
        // YOURS_END
    }

    // ANCHOR: push
    /// Adds a child. It counts as woken, since a future has to be polled once before it can wait for
    /// anything: the next poll of the set polls it, and the task that polled the set last is woken.
    /// Polls nothing itself. On average it takes the same time, however many children there are.
    pub fn push(&mut self, future: F) {
        // YOURS
        let entry = self.children.vacant_entry();
        let ticket = Arc::new(Ticket {
            key: Key {
                slot: entry.key(),
                number: self.pushed,
            },
            queued: AtomicBool::new(false),
            woken: Arc::clone(&self.woken),
        });
        self.pushed += 1;
        let waker = Waker::from(Arc::clone(&ticket));
        entry.insert(Child {
            future: Box::pin(future),
            ticket: Arc::clone(&ticket),
            waker,
        });
        ticket.wake();
        // STUB: todo!("keep the child; it counts as woken")
        // YOURS_END
    }
    // ANCHOR_END: push

    /// How many children are in the set: those whose output it has not yielded.
    #[must_use]
    pub fn len(&self) -> usize {
        // YOURS
        self.children.len()
        // STUB: self.children.len()
        // YOURS_END
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    // YOURS

    // ANCHOR: poll_child
    /// Polls a woken child, and removes it if it is ready.
    fn poll_child(&mut self, key: Key) -> Poll<F::Output> {
        let child = self.children.get(key.slot);
        let Some(child) = child.filter(|child| child.ticket.key == key) else {
            return Poll::Pending; // It woke itself in its last poll, and has left the set.
        };
        // Before the poll: a wake in the middle of it counts for the next poll of the set. A swap, not
        // a store: only a read of the value pairs with the Release in `wake_by_ref`.
        child.ticket.queued.swap(false, Ordering::Acquire);
        let leaves = Leaves {
            children: &mut self.children,
            slot: key.slot,
        };
        let child = &mut leaves.children[key.slot];
        let future = child.future.as_mut();
        let poll = |waker: &Waker| future.poll(&mut Context::from_waker(waker));
        let polled = leaf::poll_child(key.number, &child.waker, poll);
        if polled.is_pending() {
            std::mem::forget(leaves);
        }
        polled
    }
    // ANCHOR_END: poll_child

    // ANCHOR: poll_the_others
    /// A dump asks what each child waits for. The extra poll is a spurious one for those that were not
    /// woken.
    #[cold]
    fn poll_the_others(&mut self) -> Poll<Option<F::Output>> {
        let keys = self.children.iter().map(|(_, child)| &child.ticket);
        let asleep = keys.filter(|ticket| !ticket.queued.load(Ordering::Relaxed));
        let keys: Vec<Key> = asleep.map(|ticket| ticket.key).collect();
        let polled = keys.into_iter().map(|key| self.poll_child(key));
        let ready = polled.into_iter().find(Poll::is_ready);
        ready.map_or(Poll::Pending, |output| output.map(Some))
    }
    // ANCHOR_END: poll_the_others
    // YOURS_END
}
// YOURS

// ANCHOR: leaves
/// Removes the child from the set when it is dropped: when the child is ready, or when its poll
/// panics.
struct Leaves<'a, F> {
    children: &'a mut Slab<Child<F>>,
    slot: usize,
}

impl<F> Drop for Leaves<'_, F> {
    fn drop(&mut self) {
        let child = self.children.remove(self.slot);
        // A later wake finds it queued, and does nothing.
        child.ticket.queued.store(true, Ordering::Relaxed);
    }
}
// ANCHOR_END: leaves
// YOURS_END

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
    // ANCHOR: poll
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let this = self.get_mut();
        // YOURS
        if this.is_empty() {
            return Poll::Ready(None);
        }
        let before = this.woken.register(context.waker().clone());
        for _ in 0..before {
            let Some(key) = this.woken.next() else { break };
            if let Poll::Ready(output) = this.poll_child(key) {
                return Poll::Ready(Some(output));
            }
        }
        if leaf::is_asked() {
            return this.poll_the_others();
        }
        Poll::Pending
        // STUB: todo!("poll the children that were woken; is one ready?")
        // YOURS_END
    }
    // ANCHOR_END: poll
}

/// A set may be moved: each child is in a box of its own.
impl<F> Unpin for ReadySet<F> {}
// YOURS

impl<F> Drop for ReadySet<F> {
    fn drop(&mut self) {
        self.woken.forget_the_task();
    }
}
// YOURS_END

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
