//! One thief at a time: a lock around the looks into the queues of the others, so no entry is between two queues while a worker looks.

use std::collections::VecDeque;
use std::fmt;

use crate::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use crate::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A worker looks into the shared queue first in one of this many calls of
/// [`next`](RunQueues::next), so that a full queue of its own cannot starve the shared one.
pub const SHARED_EVERY: u32 = 61;

/// One queue for each worker, and one that all of them share.
///
/// Workers have the numbers `0..workers`. Each calls [`next`](RunQueues::next) on a thread of its
/// own, runs the entry, and calls `next` again.
///
/// **No worker sleeps while an entry is queued.** Suppose that each worker is either busy with an
/// entry or asleep inside of `next`, and that no other call is in progress. Then, if a worker is
/// asleep, all queues are empty.
///
/// `next` returns each entry once.
///
/// ```
/// use speed::stealing::RunQueues;
///
/// let queues = RunQueues::new(2);
/// queues.push("shared");
/// queues.push_own(0, "own");
/// assert_eq!(queues.next(0), Some("own"));
/// assert_eq!(queues.next(1), Some("shared"));
/// queues.close();
/// assert_eq!(queues.next(0), None);
/// ```
pub struct RunQueues<T> {
    shared: Mutex<VecDeque<T>>,
    workers: Vec<Worker<T>>,
    idle: Mutex<Idle>,
    /// The length of `idle.asleep`, readable without its lock.
    asleep: AtomicUsize,
    /// Held while a worker looks into the queues of the others and moves what it steals. So no wake is needed after a steal: a worker
    /// that found every queue empty did not look while entries were moved.
    moving: Mutex<()>,
}

struct Worker<T> {
    own: Mutex<VecDeque<T>>,
    /// How often this worker has called `next`. No other thread uses it.
    calls: AtomicU32,
    /// Notified when the worker is taken off `idle.asleep`.
    wakeup: Condvar,
}

struct Idle {
    /// Workers that sleep, or that look into the queues a last time before they sleep.
    asleep: Vec<usize>,
    closed: bool,
}

impl<T> RunQueues<T> {
    /// Empty queues for this many workers.
    #[must_use]
    pub fn new(workers: usize) -> RunQueues<T> {
        let worker = |_| Worker {
            own: Mutex::new(VecDeque::new()),
            calls: AtomicU32::new(0),
            wakeup: Condvar::new(),
        };
        RunQueues {
            shared: Mutex::new(VecDeque::new()),
            workers: (0..workers).map(worker).collect(),
            idle: Mutex::new(Idle {
                asleep: Vec::new(),
                closed: false,
            }),
            asleep: AtomicUsize::new(0),
            moving: Mutex::new(()),
        }
    }

    /// Appends `entry` to the shared queue, and wakes a worker if one sleeps. Any thread may call it.
    pub fn push(&self, entry: T) {
        locked(&self.shared).push_back(entry);
        self.wake_one();
    }

    /// Appends `entry` to the queue of `worker`, and wakes another worker if one sleeps. Only the
    /// thread of `worker` may call it.
    ///
    /// # Panics
    ///
    /// If there is no such worker.
    pub fn push_own(&self, worker: usize, entry: T) {
        locked(&self.workers[worker].own).push_back(entry);
        self.wake_one();
    }

    /// The entry that `worker` runs next. Looks into these queues, in this order:
    ///
    /// 1. the worker's own: the oldest entry;
    /// 2. the shared one: the oldest entry;
    /// 3. the queues of the other workers, `worker + 1` first, and round: from the first that is not
    ///    empty it *steals* the older half, rounded up. It returns the oldest of these, and appends the
    ///    others to its own queue, oldest first.
    ///
    /// In the 61st call of `worker`, the 122nd and so on, the shared queue comes before its own.
    ///
    /// If all queues are empty, the thread sleeps until an entry is pushed. `None` if the queues are
    /// closed and all of them are empty.
    ///
    /// While the queues are open, only the thread of `worker` may call it.
    ///
    /// # Panics
    ///
    /// If there is no such worker.
    pub fn next(&self, worker: usize) -> Option<T> {
        let calls = &self.workers[worker].calls;
        let call = calls.load(Ordering::Relaxed).wrapping_add(1);
        calls.store(call, Ordering::Relaxed);
        if call.is_multiple_of(SHARED_EVERY)
            && let Some(entry) = locked(&self.shared).pop_front()
        {
            return Some(entry);
        }
        loop {
            if let Some(entry) = self.find(worker) {
                return Some(entry);
            }
            let closed = self.announce(worker);
            // Again: an entry that was pushed before the announcement woke no worker.
            if let Some(entry) = self.find(worker) {
                self.withdraw(worker);
                return Some(entry);
            }
            if closed {
                self.withdraw(worker);
                return None;
            }
            self.sleep(worker);
        }
    }

    /// Wakes all workers. Each call of [`next`](RunQueues::next) returns an entry as long as one is
    /// queued, and `None` after that. An entry that is pushed later is queued as before.
    pub fn close(&self) {
        let mut idle = locked(&self.idle);
        idle.closed = true;
        idle.asleep.clear();
        self.asleep.store(0, Ordering::Relaxed);
        drop(idle);
        for worker in &self.workers {
            worker.wakeup.notify_one();
        }
    }

    /// Looks into all queues once.
    fn find(&self, worker: usize) -> Option<T> {
        let own = locked(&self.workers[worker].own).pop_front();
        own.or_else(|| locked(&self.shared).pop_front())
            .or_else(|| self.steal(worker))
    }

    fn steal(&self, thief: usize) -> Option<T> {
        let _one_thief = locked(&self.moving);
        let count = self.workers.len();
        let others = (1..count).map(|step| (thief + step) % count);
        for victim in others {
            let mut stolen = {
                let mut queue = locked(&self.workers[victim].own);
                let half = queue.len().div_ceil(2);
                queue.drain(..half).collect::<VecDeque<T>>()
            };
            if let Some(first) = stolen.pop_front() {
                locked(&self.workers[thief].own).append(&mut stolen);
                return Some(first);
            }
        }
        None
    }

    /// Wakes a worker that sleeps. Called after an entry was queued.
    ///
    /// Relaxed is enough: a worker announces itself before it locks the queues. If it locked the
    /// entry's queue before the entry came, that lock makes its announcement visible here.
    fn wake_one(&self) {
        if self.asleep.load(Ordering::Relaxed) == 0 {
            return;
        }
        let mut idle = locked(&self.idle);
        if let Some(worker) = idle.asleep.pop() {
            self.asleep.store(idle.asleep.len(), Ordering::Relaxed);
            self.workers[worker].wakeup.notify_one();
        }
    }

    /// From here on a push wakes `worker`, unless the queues are closed. Returns whether they are.
    fn announce(&self, worker: usize) -> bool {
        let mut idle = locked(&self.idle);
        if idle.closed {
            // Several threads may look as `worker` now. An entry of this thread would let another one sleep, and no push wakes that.
            return true;
        }
        idle.asleep.push(worker);
        self.asleep.store(idle.asleep.len(), Ordering::Relaxed);
        false
    }

    /// The worker does not sleep after all.
    fn withdraw(&self, worker: usize) {
        let mut idle = locked(&self.idle);
        let before = idle.asleep.len();
        idle.asleep.retain(|asleep| *asleep != worker);
        let chosen = idle.asleep.len() == before;
        self.asleep.store(idle.asleep.len(), Ordering::Relaxed);
        drop(idle);
        if chosen {
            // A push woke this worker, which was awake and may have found another entry: the wake
            // belongs to a worker that sleeps.
            self.wake_one();
        }
    }

    /// Sleeps until a push or `close` has taken `worker` off the list.
    fn sleep(&self, worker: usize) {
        let mut idle = locked(&self.idle);
        while idle.asleep.contains(&worker) {
            let woken = self.workers[worker].wakeup.wait(idle);
            idle = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn locked<V>(lock: &Mutex<V>) -> MutexGuard<'_, V> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> fmt::Debug for RunQueues<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RunQueues")
            .field("workers", &self.workers.len())
            .field("asleep", &self.asleep.load(Ordering::Relaxed))
            .finish_non_exhaustive()
    }
}
