//! What a test leaves behind.

// YOURS
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

// YOURS_END
use std::future::Future;

// YOURS
use event_loop::{End, EventLoop, Handle, JumpingDriver, Observer, TaskId, Time, TimerKey};
// STUB: use event_loop::{EventLoop, Handle, JumpingDriver, Observer, TaskId};
// YOURS_END

/// What a test has left in its loop at the moment at which the test's future has completed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// The tasks that were spawned and have not completed, oldest first. A callback is a task, too.
    pub tasks: Vec<TaskId>,
    /// How many timers are set.
    pub timers: usize,
    /// How many clones are kept of the wakers of tasks that have completed. A waker of a task that has not
    /// completed is no leak.
    pub wakers: usize,
}

/// Runs a test on a loop of its own, and returns its output and what it has left.
///
/// The loop's clock jumps, so a sleep takes no time. Tasks that are left are dropped before this returns, and are
/// counted before that: see [`Left`].
///
/// A task has completed when its future was ready, has panicked, or was dropped by `abort`. A timer that has
/// fired or was removed is not set any more. The test's own future counts as a task for `wakers`, and not for `tasks`.
///
/// With 100,000 tasks and timers each of them takes about as long as with one.
///
/// # Panics
///
/// If the test's future panics, or if the loop has nothing to wait for while the future is pending.
pub fn watch<F: Future>(test: impl FnOnce(Handle) -> F) -> (F::Output, Left) {
    // YOURS
    // ANCHOR: watch
    let ledger = Ledger::default();
    let event_loop = EventLoop::observed(JumpingDriver::new(), ledger.clone());
    let output = event_loop.block_on(test(event_loop.handle()));
    // The loop drops its tasks when it is dropped, so this comes first.
    let left = ledger.left();
    (output, left)
    // ANCHOR_END: watch
    // STUB: // An observer of yours in the place of `()`.
    // STUB: let event_loop = EventLoop::observed(JumpingDriver::new(), ());
    // STUB: let output = event_loop.block_on(test(event_loop.handle()));
    // STUB: todo!("what is left")
    // YOURS_END
}
// YOURS

/// An observer that keeps account of what is there. A clone keeps the same account.
#[derive(Debug, Clone, Default)]
struct Ledger {
    account: Arc<Mutex<Account>>,
}

#[derive(Debug, Default)]
struct Account {
    tasks: BTreeSet<TaskId>,
    timers: HashSet<TimerKey>,
    /// What stands in front of each task's waker.
    wakers: BTreeMap<TaskId, Arc<Front>>,
}

// ANCHOR: front
/// Forwards each wake to the loop's waker. How many references there are says how many clones are kept.
#[derive(Debug)]
struct Front(Waker);

impl Wake for Front {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.wake_by_ref();
    }
}
// ANCHOR_END: front

impl Ledger {
    fn left(&self) -> Left {
        let account = self.lock();
        let completed = account
            .wakers
            .iter()
            .filter(|(task, _)| !account.tasks.contains(task));
        Left {
            tasks: account.tasks.iter().copied().collect(),
            timers: account.timers.len(),
            wakers: completed
                .map(|(_, front)| Arc::strong_count(front) - 1)
                .sum(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Ledger {
    fn task_spawned(&self, task: TaskId) {
        self.lock().tasks.insert(task);
    }

    fn poll_with<R>(&self, task: TaskId, waker: &Waker, poll: impl FnOnce(&Waker) -> R) -> R {
        let front = {
            let mut account = self.lock();
            let front = account.wakers.entry(task);
            Arc::clone(front.or_insert_with(|| Arc::new(Front(waker.clone()))))
        };
        poll(&Waker::from(front)) // Unlocked: the task may spawn, and wake others.
    }

    fn task_finished(&self, task: TaskId, _end: End) {
        let mut account = self.lock();
        account.tasks.remove(&task);
        // Kept while a clone is left, to be counted.
        if account
            .wakers
            .get(&task)
            .is_some_and(|front| Arc::strong_count(front) == 1)
        {
            let front = account.wakers.remove(&task);
            drop(account);
            drop(front);
        }
    }

    fn timer_set(&self, timer: TimerKey, _when: Time) {
        self.lock().timers.insert(timer);
    }

    fn timer_fired(&self, timer: TimerKey) {
        self.lock().timers.remove(&timer);
    }

    fn timer_dropped(&self, timer: TimerKey) {
        self.lock().timers.remove(&timer);
    }
}
// YOURS_END
