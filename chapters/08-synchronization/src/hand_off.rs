//! What fairness costs: eight tasks and one lock, on a clock that moves only when a task or the loop
//! advances it. The figures are the same on every machine.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};

/// How long a task keeps the lock: it waits for an answer meanwhile.
pub const HOLD: Duration = Duration::from_micros(20);

/// The time that the loop takes to poll the operating system for events, once in each iteration.
pub const LOOK: Duration = Duration::from_micros(6);

/// How many tasks use the lock. Each asks for it again as soon as it has unlocked.
pub const TASKS: usize = 8;

/// How long the measurement lasts.
const SPAN: Duration = Duration::from_millis(100);

/// How often the task that has waited longest may be overtaken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overtaking {
    /// This often. Then the lock is handed to it. With 0, each unlock hands the lock over.
    UpTo(u32),
    /// Any number of times: each unlock wakes it, and it competes.
    Unlimited,
}

/// The measurement for one kind of lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// How often the lock was taken in 100 ms.
    pub locks: u32,
    /// The longest wait for the lock, of a task that got it or was still waiting at the end.
    pub longest: Duration,
}

/// Runs the tasks for 100 ms of their own clock.
#[must_use]
pub fn measure(overtaking: Overtaking) -> Measured {
    let driver = JumpingDriver::with_cost_of_a_park(LOOK);
    let event_loop = EventLoop::with_driver(driver.clone());
    let handle = event_loop.handle();
    let lock = Rc::new(Lock::new(overtaking));
    let notes: Rc<Notes> = Rc::default();
    event_loop.block_on(async {
        for _ in 0..TASKS {
            let worker = worker(handle.clone(), Rc::clone(&lock), Rc::clone(&notes));
            drop(handle.spawn(worker));
        }
        handle.sleep(SPAN).await;
    });
    let still = notes.asked.borrow().iter().min().copied();
    let longest = still.map_or(Duration::ZERO, |asked| SPAN.saturating_sub(asked));
    Measured {
        locks: notes.locks.get(),
        longest: longest.max(notes.longest.get()),
    }
}

/// What the tasks note.
#[derive(Default)]
struct Notes {
    locks: Cell<u32>,
    longest: Cell<Duration>,
    /// When each task that waits now asked for the lock.
    asked: RefCell<Vec<Duration>>,
}

// ANCHOR: worker
/// Locks, waits for an answer, unlocks, and asks again at once.
async fn worker(handle: Handle, lock: Rc<Lock>, notes: Rc<Notes>) {
    loop {
        let asked = handle.now().since_start();
        notes.asked.borrow_mut().push(asked);
        lock.lock().await;
        notes.got(asked, handle.now().since_start());
        handle.sleep(HOLD).await;
        lock.unlock();
    }
}
// ANCHOR_END: worker

impl Notes {
    fn got(&self, asked: Duration, now: Duration) {
        self.locks.set(self.locks.get() + 1);
        self.longest.set(self.longest.get().max(now - asked));
        let mut waiting = self.asked.borrow_mut();
        if let Some(place) = waiting.iter().position(|other| *other == asked) {
            waiting.swap_remove(place);
        }
    }
}

/// A lock that lets tasks overtake as often as it was told.
struct Lock {
    overtaking: Overtaking,
    held: Cell<bool>,
    /// How often the first waiter was overtaken.
    overtaken: Cell<u32>,
    next: Cell<u64>,
    waiters: RefCell<VecDeque<(u64, Waker)>>,
    /// The waiter to which the lock was handed.
    owner: Cell<Option<u64>>,
}

impl Lock {
    fn new(overtaking: Overtaking) -> Lock {
        Lock {
            overtaking,
            held: Cell::new(false),
            overtaken: Cell::new(0),
            next: Cell::new(0),
            waiters: RefCell::default(),
            owner: Cell::new(None),
        }
    }

    fn lock(&self) -> impl Future<Output = ()> + '_ {
        let mut ticket = None;
        poll_fn(move |context| match ticket {
            Some(ticket) => self.polled_again(ticket, context),
            None if self.takes() => Poll::Ready(()),
            None => {
                let next = self.next.replace(self.next.get() + 1);
                let waiter = (next, context.waker().clone());
                self.waiters.borrow_mut().push_back(waiter);
                ticket = Some(next);
                Poll::Pending
            }
        })
    }

    // ANCHOR: takes
    /// A task that comes now takes the lock, if it is free and the first waiter may be overtaken.
    fn takes(&self) -> bool {
        if self.held.get() {
            return false;
        }
        if !self.waiters.borrow().is_empty() {
            if self.is_over_due() {
                return false;
            }
            self.overtaken.set(self.overtaken.get() + 1);
        }
        self.held.set(true);
        true
    }
    // ANCHOR_END: takes

    // ANCHOR: unlock
    /// Hands the lock to the first waiter if that may not be overtaken again. Otherwise frees the lock
    /// and wakes the first waiter, which competes.
    fn unlock(&self) {
        let mut waiters = self.waiters.borrow_mut();
        let hands_over = self.is_over_due() && !waiters.is_empty();
        let waker = if hands_over {
            self.overtaken.set(0);
            waiters.pop_front().map(|(ticket, waker)| {
                self.owner.set(Some(ticket));
                waker
            })
        } else {
            self.held.set(false);
            waiters.front().map(|(_, waker)| waker.clone())
        };
        drop(waiters);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
    // ANCHOR_END: unlock

    fn is_over_due(&self) -> bool {
        matches!(self.overtaking, Overtaking::UpTo(times) if self.overtaken.get() >= times)
    }

    /// A waiter was woken: the lock is its own, or free, or another task was faster.
    fn polled_again(&self, ticket: u64, context: &Context<'_>) -> Poll<()> {
        if self.owner.get() == Some(ticket) {
            self.owner.set(None);
            return Poll::Ready(());
        }
        let mut waiters = self.waiters.borrow_mut();
        let is_first = waiters.front().is_some_and(|(first, _)| *first == ticket);
        if is_first && !self.held.get() {
            waiters.pop_front();
            self.overtaken.set(0);
            self.held.set(true);
            return Poll::Ready(());
        }
        if let Some((_, waker)) = waiters.iter_mut().find(|(other, _)| *other == ticket) {
            waker.clone_from(context.waker());
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_wait_grows_with_the_number_of_overtakings() {
        let longest = |times| measure(Overtaking::UpTo(times)).longest;
        assert!(longest(0) < longest(1) && longest(1) < longest(5));
        assert!(measure(Overtaking::Unlimited).longest > SPAN / 2);
    }

    #[test]
    fn the_fairest_lock_is_taken_least_often() {
        let locks = |overtaking| measure(overtaking).locks;
        assert!(locks(Overtaking::UpTo(0)) < locks(Overtaking::UpTo(4)));
        assert!(locks(Overtaking::UpTo(4)) < locks(Overtaking::Unlimited));
        assert_eq!(
            measure(Overtaking::UpTo(3)),
            measure(Overtaking::UpTo(3)),
            "the same figures each time"
        );
    }
}
