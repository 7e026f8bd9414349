//! A queue of work: how much of it is left, and the end of it.

use std::cell::{Cell, RefCell};
use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};
use std::fmt;
use std::rc::Rc;

use synchronization::semaphore::Refused;
use synchronization::{Event, Semaphore};

/// A queue from any number of producers to any number of consumers: asyncio's `Queue`. A clone is the
/// same queue.
///
/// A channel ends with its senders. A queue counts instead: each item that was put in is
/// **unfinished** until a consumer calls [`task_done`](Queue::task_done), and [`join`](Queue::join)
/// waits until none is. Both sides wait in order: a producer for room, and a consumer for an item.
///
/// [`PriorityQueue`] returns the smallest item first.
///
/// ```
/// use futures::FutureExt;
/// use synchronization::queue::{Queue, ShutDown};
///
/// let queue = Queue::new(2);
/// queue.try_put("a").unwrap();
/// assert!(queue.join().now_or_never().is_none());
/// assert_eq!(queue.get().now_or_never(), Some(Ok("a")));
/// queue.task_done().unwrap();
/// assert!(queue.join().now_or_never().is_some());
/// queue.shut_down();
/// assert_eq!(queue.get().now_or_never(), Some(Err(ShutDown)));
///
/// let urgent = Queue::by_priority(8);
/// urgent.try_put(3).unwrap();
/// urgent.try_put(1).unwrap();
/// assert_eq!(urgent.try_get(), Ok(1));
/// ```
pub struct Queue<T, S = VecDeque<T>> {
    shared: Rc<Shared<T, S>>,
}

/// A [`Queue`] that returns the smallest item first, and equal ones in the order in which they came.
/// asyncio's returns equal ones in any order.
///
/// It compares items while it is borrowed: an `Ord` that uses the queue panics.
pub type PriorityQueue<T> = Queue<T, Heap<T>>;

// ANCHOR: shared
struct Shared<T, S> {
    items: RefCell<S>,
    /// One permit for each item that may still be put in.
    room: Semaphore,
    /// One permit for each item.
    filled: Semaphore,
    unfinished: Cell<usize>,
    /// Set while no item is unfinished.
    finished: Event,
    item: std::marker::PhantomData<T>,
}
// ANCHOR_END: shared

/// Where a queue keeps its items, and which comes next.
pub trait Store<T>: Default {
    /// Adds an item.
    fn put(&mut self, item: T);
    /// Takes the next item.
    fn take(&mut self) -> Option<T>;
    /// The number of items.
    fn count(&self) -> usize;
}

/// The queue was shut down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShutDown;

/// Why [`Queue::try_put`] did not put the item in. The item is in here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryPutError<T> {
    /// The queue is full, or another producer waits.
    Full(T),
    /// The queue was shut down.
    ShutDown(T),
}

/// Why [`Queue::try_get`] returned no item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryGetError {
    /// The queue is empty, or all its items are for consumers that wait.
    Empty,
    /// The queue was shut down, and is empty.
    ShutDown,
}

/// [`Queue::task_done`] was called more often than items were put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalledTooOften;

impl<T> Queue<T> {
    /// An empty queue for at most `limit` items: the first that was put in comes out first. In asyncio
    /// a limit of 0 means that there is none; here `usize::MAX` does.
    ///
    /// # Panics
    ///
    /// If the limit is 0.
    #[must_use]
    pub fn new(limit: usize) -> Queue<T> {
        Queue::with_store(limit)
    }
}

impl<T: Ord> PriorityQueue<T> {
    /// An empty queue for at most `limit` items: the smallest comes out first.
    ///
    /// # Panics
    ///
    /// If the limit is 0.
    #[must_use]
    pub fn by_priority(limit: usize) -> PriorityQueue<T> {
        Queue::with_store(limit)
    }
}

impl<T, S: Store<T>> Queue<T, S> {
    fn with_store(limit: usize) -> Queue<T, S> {
        assert!(limit > 0, "a queue needs room for at least one item");
        let finished = Event::new();
        finished.set();
        Queue {
            shared: Rc::new(Shared {
                items: RefCell::default(),
                room: Semaphore::new(limit),
                filled: Semaphore::new(0),
                unfinished: Cell::new(0),
                finished,
                item: std::marker::PhantomData,
            }),
        }
    }

    /// The number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.items.borrow().count()
    }

    /// Whether there is no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts an item in, and waits for room if the queue is full.
    ///
    /// # Errors
    ///
    /// Returns the item if the queue was shut down, or is shut down while this waits.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it has not put the item in, and drops it.
    // ANCHOR: put
    pub async fn put(&self, item: T) -> Result<(), T> {
        match self.shared.room.acquire().await {
            Ok(_) if self.shared.room.is_closed() => Err(item),
            Ok(room) => {
                room.forget();
                self.add(item);
                Ok(())
            }
            Err(_) => Err(item),
        }
    }
    // ANCHOR_END: put

    /// Puts an item in if there is room, and no other producer waits for it.
    ///
    /// # Errors
    ///
    /// Returns the item.
    pub fn try_put(&self, item: T) -> Result<(), TryPutError<T>> {
        match self.shared.room.try_acquire() {
            Ok(room) => {
                room.forget();
                self.add(item);
                Ok(())
            }
            Err(Refused::NoPermits) => Err(TryPutError::Full(item)),
            Err(Refused::Closed) => Err(TryPutError::ShutDown(item)),
        }
    }

    fn add(&self, item: T) {
        let shared = &*self.shared;
        shared.items.borrow_mut().put(item);
        shared.unfinished.set(shared.unfinished.get() + 1);
        shared.finished.clear();
        release(&shared.filled);
    }

    /// The next item. Waits for one if there is none. The caller owes a
    /// [`task_done`](Queue::task_done) for it.
    ///
    /// # Errors
    ///
    /// If the queue was shut down, and is empty.
    ///
    /// # Cancel safety
    ///
    /// Dropping it loses no item: one that was on its way to it goes to the next consumer.
    // ANCHOR: get
    pub async fn get(&self) -> Result<T, ShutDown> {
        if let Ok(item) = self.shared.filled.acquire().await {
            item.forget();
        }
        // Without a permit the queue is shut down, and each item is for the consumer that polls first.
        self.take().ok_or(ShutDown)
    }
    // ANCHOR_END: get

    /// The next item, if there is one.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn try_get(&self) -> Result<T, TryGetError> {
        match self.shared.filled.try_acquire() {
            Ok(item) => item.forget(),
            Err(Refused::NoPermits) => return Err(TryGetError::Empty),
            Err(Refused::Closed) => {}
        }
        self.take().ok_or(TryGetError::ShutDown)
    }

    fn take(&self) -> Option<T> {
        let item = self.shared.items.borrow_mut().take()?;
        release(&self.shared.room);
        Some(item)
    }

    /// A consumer has finished an item that it got earlier. When none is unfinished, those that wait in
    /// [`join`](Queue::join) are woken.
    ///
    /// # Errors
    ///
    /// If there is no unfinished item.
    // ANCHOR: task_done
    pub fn task_done(&self) -> Result<(), CalledTooOften> {
        let unfinished = self.shared.unfinished.get().checked_sub(1);
        self.shared
            .unfinished
            .set(unfinished.ok_or(CalledTooOften)?);
        if unfinished == Some(0) {
            self.shared.finished.set();
        }
        Ok(())
    }
    // ANCHOR_END: task_done

    /// Completes when every item that was put in is finished. At once if none was.
    pub async fn join(&self) {
        self.shared.finished.wait().await;
    }

    /// Accepts no more items: producers that wait get theirs back. Consumers get the items that are in
    /// it, and then [`ShutDown`].
    pub fn shut_down(&self) {
        self.shared.room.close();
        self.shared.filled.close();
    }

    /// As [`shut_down`](Queue::shut_down), and removes the items that are in it: they count as finished.
    /// Returns them.
    pub fn shut_down_now(&self) -> Vec<T> {
        self.shut_down();
        let mut items = Vec::new();
        while let Some(item) = self.take() {
            items.push(item);
            // A consumer that called `task_done` too early has finished it already.
            let _finished = self.task_done();
        }
        items
    }
}

/// The semaphores of a queue have no limit that its items could reach.
fn release(semaphore: &Semaphore) {
    semaphore.release(1).expect("there is room for one more");
}

impl<T> Store<T> for VecDeque<T> {
    fn put(&mut self, item: T) {
        self.push_back(item);
    }

    fn take(&mut self) -> Option<T> {
        self.pop_front()
    }

    fn count(&self) -> usize {
        self.len()
    }
}

/// Items by priority. See [`PriorityQueue`].
#[derive(Debug)]
pub struct Heap<T> {
    items: BinaryHeap<Reverse<Numbered<T>>>,
    put_in: u64,
}

/// An item, and its place in the order in which the items came.
#[derive(Debug)]
struct Numbered<T> {
    item: T,
    number: u64,
}

impl<T: Ord> Default for Heap<T> {
    fn default() -> Heap<T> {
        Heap {
            items: BinaryHeap::new(),
            put_in: 0,
        }
    }
}

impl<T: Ord> Store<T> for Heap<T> {
    fn put(&mut self, item: T) {
        let number = self.put_in;
        self.put_in += 1;
        self.items.push(Reverse(Numbered { item, number }));
    }

    fn take(&mut self) -> Option<T> {
        self.items.pop().map(|Reverse(numbered)| numbered.item)
    }

    fn count(&self) -> usize {
        self.items.len()
    }
}

impl<T: Ord> Ord for Numbered<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_item = self.item.cmp(&other.item);
        by_item.then(self.number.cmp(&other.number))
    }
}

impl<T: Ord> PartialOrd for Numbered<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> PartialEq for Numbered<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T: Ord> Eq for Numbered<T> {}

impl<T, S> Clone for Queue<T, S> {
    fn clone(&self) -> Queue<T, S> {
        Queue {
            shared: Rc::clone(&self.shared),
        }
    }
}

impl fmt::Display for ShutDown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the queue was shut down")
    }
}

impl std::error::Error for ShutDown {}

impl<T> fmt::Display for TryPutError<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TryPutError::Full(_) => out.write_str("the queue is full"),
            TryPutError::ShutDown(_) => ShutDown.fmt(out),
        }
    }
}

impl<T: fmt::Debug> std::error::Error for TryPutError<T> {}

impl fmt::Display for TryGetError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TryGetError::Empty => out.write_str("the queue is empty"),
            TryGetError::ShutDown => ShutDown.fmt(out),
        }
    }
}

impl std::error::Error for TryGetError {}

impl fmt::Display for CalledTooOften {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("`task_done` was called more often than items were put in")
    }
}

impl std::error::Error for CalledTooOften {}

impl<T, S> fmt::Debug for Queue<T, S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Queue")
            .field("unfinished", &self.shared.unfinished.get())
            .finish_non_exhaustive()
    }
}
