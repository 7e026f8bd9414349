//! What is visible to which thread: the happens-before order that atomics make, for code that guards an [`UnsafeCell`](crate::sync::UnsafeCell).
//!
//! shuttle executes every atomic as sequentially consistent. While a body is [`watched`], each thread and each atomic has a
//! vector clock beside that, and the orderings decide what they learn of each other. A thread that enters a cell must have learned of
//! the access before. Atomics, fences and locks are known here: threads that a watched body starts must meet in nothing else.

use std::cell::{Cell, RefCell};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

use shuttle::thread::{self, ThreadId};

/// What the panic says when a thread enters a cell without having learned of the access before.
pub(crate) const UNORDERED: &str =
    "the access before is not visible to the thread that enters the cell";

/// What the panic says when a thread uses [`Unguarded`] memory in the same way.
pub(crate) const UNSEEN: &str = "the access before is not visible to the thread that uses it";

thread_local! {
    // All threads of a model are one thread of the system, so these are for all of them.
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static BODY: Cell<u64> = const { Cell::new(0) };
    static THREADS: RefCell<Vec<(ThreadId, Thread)>> = const { RefCell::new(Vec::new()) };
}

/// Does `body`, and watches the orderings of its threads meanwhile. All of them must have ended when it returns.
///
/// # Panics
///
/// If a thread enters a cell without having learned of the access before; the verdict is `ordering-too-weak`.
pub fn watched<T>(body: impl FnOnce() -> T) -> T {
    BODY.set(BODY.get() + 1);
    THREADS.take();
    WATCHED.set(true);
    let result = body();
    WATCHED.set(false);
    result
}

/// The model has ended, by a panic perhaps.
pub(crate) fn end() {
    WATCHED.set(false);
}

fn is_watched() -> bool {
    WATCHED.get() && !std::thread::panicking()
}

/// How many accesses of each thread are known.
#[derive(Debug, Clone, Default)]
struct Clock(Vec<u64>);

impl Clock {
    const fn new() -> Clock {
        Clock(Vec::new())
    }

    fn of(&self, thread: usize) -> u64 {
        self.0.get(thread).copied().unwrap_or(0)
    }

    fn tick(&mut self, thread: usize) -> u64 {
        if self.0.len() <= thread {
            self.0.resize(thread + 1, 0);
        }
        self.0[thread] += 1;
        self.0[thread]
    }

    fn join(&mut self, other: &Clock) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*theirs);
        }
    }
}

#[derive(Debug, Default)]
struct Thread {
    known: Clock,
    /// Read by relaxed loads: known after the next acquire fence.
    read: Clock,
    /// Known at the last release fence: what relaxed stores publish.
    fenced: Clock,
}

fn with_current<T>(step: impl FnOnce(usize, &mut Thread) -> T) -> T {
    let id = thread::current().id();
    THREADS.with_borrow_mut(|threads| {
        let place = threads.iter().position(|(known, _)| *known == id);
        let index = place.unwrap_or_else(|| {
            threads.push((id, Thread::default()));
            threads.len() - 1
        });
        step(index, &mut threads[index].1)
    })
}

fn acquires(order: Ordering) -> bool {
    matches!(
        order,
        Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst
    )
}

fn releases(order: Ordering) -> bool {
    matches!(
        order,
        Ordering::Release | Ordering::AcqRel | Ordering::SeqCst
    )
}

/// What an atomic passes on to a thread that reads it.
#[derive(Debug)]
pub(crate) struct Place(Mutex<(u64, Clock)>);

impl Place {
    pub(crate) const fn new() -> Place {
        Place(Mutex::new((0, Clock::new())))
    }

    pub(crate) fn loads(&self, order: Ordering) {
        if is_watched() {
            let published = self.lock();
            with_current(|_, thread| match acquires(order) {
                true => thread.known.join(&published.1),
                false => thread.read.join(&published.1),
            });
        }
    }

    pub(crate) fn stores(&self, order: Ordering) {
        if is_watched() {
            self.lock().1 = Place::publishes(order);
        }
    }

    /// A read-modify-write passes on what it found as well: it continues a release sequence.
    pub(crate) fn changes(&self, order: Ordering) {
        if is_watched() {
            self.loads(order);
            self.lock().1.join(&Place::publishes(order));
        }
    }

    fn publishes(order: Ordering) -> Clock {
        with_current(|_, thread| match releases(order) {
            true => thread.known.clone(),
            false => thread.fenced.clone(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, (u64, Clock)> {
        let mut published = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if published.0 != BODY.get() {
            *published = (BODY.get(), Clock::new());
        }
        published
    }
}

pub(crate) fn fence(order: Ordering) {
    if is_watched() {
        with_current(|_, thread| {
            if acquires(order) {
                let read = std::mem::take(&mut thread.read);
                thread.known.join(&read);
            }
            if releases(order) {
                thread.fenced = thread.known.clone();
            }
        });
    }
}

/// Memory that one thread writes and another reads later, and that nothing guards but the order of the two.
#[derive(Debug, Default)]
pub struct Unguarded(Access);

impl Unguarded {
    /// The present thread reads or writes it.
    ///
    /// # Panics
    ///
    /// If the access before is not visible to this thread.
    pub fn is_used(&self) {
        self.0.begins(UNSEEN);
        self.0.ends();
    }
}

/// The last access to a cell: the body, the thread, and its number.
#[derive(Debug, Default)]
pub(crate) struct Access(Mutex<(u64, usize, u64)>);

impl Access {
    pub(crate) const fn new() -> Access {
        Access(Mutex::new((0, 0, 0)))
    }

    pub(crate) fn begins(&self, otherwise: &str) {
        if is_watched() {
            let (body, thread, number) = *self.lock();
            let known =
                with_current(|me, current| me == thread || current.known.of(thread) >= number);
            assert!(body != BODY.get() || known, "{otherwise}");
        }
    }

    pub(crate) fn ends(&self) {
        if is_watched() {
            let (thread, number) = with_current(|me, current| (me, current.known.tick(me)));
            *self.lock() = (BODY.get(), thread, number);
        }
    }

    fn lock(&self) -> MutexGuard<'_, (u64, usize, u64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
