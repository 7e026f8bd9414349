//! Stage 4: a loop with timers, which sleeps until the next one is due.

// ANCHOR: stage
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BinaryHeap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use crate::s3_once::Once;

/// A clock, and the sleep of its thread.
pub trait Clock {
    /// The time since its start.
    fn now(&self) -> Duration;

    /// Returns after this time, and not before.
    fn sleep(&self, duration: Duration);
}

/// Stage 3 with a clock: tasks that wait for a time, and a thread that sleeps in between.
pub struct Timed<C> {
    tasks: Once,
    clock: Rc<C>,
    timers: Rc<RefCell<Timers>>,
}

// ANCHOR: list
/// The wakers and their times, the earliest first; between equal times, in the order of setting.
#[derive(Default)]
struct Timers {
    due: BinaryHeap<Reverse<(Duration, u64)>>,
    wakers: BTreeMap<u64, Waker>,
    set: u64,
}
// ANCHOR_END: list

impl<C: Clock + 'static> Timed<C> {
    /// A loop without tasks.
    pub fn new(clock: C) -> Timed<C> {
        Timed {
            tasks: Once::new(),
            clock: Rc::new(clock),
            timers: Rc::default(),
        }
    }

    /// Adds a task.
    pub fn spawn(&mut self, future: impl Future<Output = ()> + 'static) {
        self.tasks.spawn(future);
    }

    // ANCHOR: sleep_until
    /// A future that is ready when the clock shows `when`.
    pub fn sleep_until(&self, when: Duration) -> impl Future<Output = ()> + use<C> {
        let (clock, timers) = (Rc::clone(&self.clock), Rc::clone(&self.timers));
        poll_fn(move |context| {
            if clock.now() >= when {
                return Poll::Ready(());
            }
            timers.borrow_mut().set(when, context.waker().clone());
            Poll::Pending
        })
    }
    // ANCHOR_END: sleep_until

    // ANCHOR: turn
    /// One iteration: sleeps if the queue is empty, fires the due timers, and polls. Returns `false` if
    /// the queue is empty and no timer is set.
    pub fn turn(&mut self) -> bool {
        if self.tasks.is_idle() {
            let Some(next) = self.timers.borrow().next() else {
                return false;
            };
            self.clock.sleep(next.saturating_sub(self.clock.now()));
        }
        let due = self.timers.borrow_mut().take_due(self.clock.now());
        due.into_iter().for_each(Waker::wake);
        self.tasks.turn();
        true
    }
    // ANCHOR_END: turn
}

impl Timers {
    fn set(&mut self, when: Duration, waker: Waker) {
        self.set += 1;
        self.due.push(Reverse((when, self.set)));
        self.wakers.insert(self.set, waker);
    }

    fn next(&self) -> Option<Duration> {
        self.due.peek().map(|Reverse((when, _))| *when)
    }

    fn take_due(&mut self, now: Duration) -> Vec<Waker> {
        let mut due = Vec::new();
        while self.next().is_some_and(|next| next <= now) {
            if let Some(Reverse((_, number))) = self.due.pop() {
                due.extend(self.wakers.remove(&number));
            }
        }
        due
    }
}
// ANCHOR_END: stage

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Its clock jumps, and counts how often.
    #[derive(Default)]
    struct Jumping {
        now: Cell<Duration>,
        jumps: Cell<u32>,
    }

    impl Clock for Rc<Jumping> {
        fn now(&self) -> Duration {
            self.now.get()
        }

        fn sleep(&self, duration: Duration) {
            self.now.set(self.now.get() + duration);
            self.jumps.set(self.jumps.get() + 1);
        }
    }

    #[test]
    fn sleepers_wake_in_the_order_of_their_times_and_then_of_their_coming() {
        let clock: Rc<Jumping> = Rc::default();
        let mut timed = Timed::new(Rc::clone(&clock));
        let order: Rc<RefCell<Vec<usize>>> = Rc::default();
        for (name, millis) in [30, 10, 20, 10].into_iter().enumerate() {
            let sleep = timed.sleep_until(Duration::from_millis(millis));
            let order = Rc::clone(&order);
            timed.spawn(async move {
                sleep.await;
                order.borrow_mut().push(name);
            });
        }
        while timed.turn() {}
        assert_eq!(*order.borrow(), [1, 3, 2, 0]);
        assert_eq!(clock.now.get(), Duration::from_millis(30));
        assert_eq!(clock.jumps.get(), 3, "one sleep for each time");
    }
}
