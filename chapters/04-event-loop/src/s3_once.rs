//! Stage 3: a loop with at most one queue entry for each task, and with iterations.

// ANCHOR: stage
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use crate::BoxedTask;

/// Several tasks on one thread. An iteration polls each task once that was woken before it began.
#[derive(Default)]
pub struct Once {
    tasks: Vec<Option<Task>>,
    ready: Arc<Ready>,
}

struct Task {
    future: BoxedTask,
    ticket: Arc<Ticket>,
}

/// The numbers of the woken tasks, in order. Wakers push from any thread.
type Ready = Mutex<Vec<usize>>;

impl Once {
    /// A loop without tasks.
    #[must_use]
    pub fn new() -> Once {
        Once::default()
    }

    /// Adds a task and wakes it.
    pub fn spawn(&mut self, future: impl Future<Output = ()> + 'static) {
        let ticket = Arc::new(Ticket {
            task: self.tasks.len(),
            queued: AtomicBool::new(false),
            ready: Arc::clone(&self.ready),
        });
        ticket.wake_by_ref();
        let future = Box::pin(future);
        self.tasks.push(Some(Task { future, ticket }));
    }

    // ANCHOR: turn
    /// Polls every task that is in the queue now. A task that is pushed meanwhile is for the next
    /// iteration. Returns how many tasks were polled.
    pub fn turn(&mut self) -> usize {
        let batch = mem::take(&mut *lock(&self.ready));
        batch
            .into_iter()
            .filter(|&number| self.poll(number))
            .count()
    }
    // ANCHOR_END: turn

    /// Whether the queue is empty.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        lock(&self.ready).is_empty()
    }

    // ANCHOR: poll
    fn poll(&mut self, number: usize) -> bool {
        let Some(task) = &mut self.tasks[number] else {
            return false;
        };
        // Before the poll: a wake during the poll must queue the task again. A swap, because it reads as
        // well: the poll sees what a thread wrote before its wake found the flag set.
        task.ticket.queued.swap(false, Ordering::SeqCst);
        let waker = Waker::from(Arc::clone(&task.ticket));
        let mut context = Context::from_waker(&waker);
        if let Poll::Ready(()) = task.future.as_mut().poll(&mut context) {
            self.tasks[number] = None;
        }
        true
    }
    // ANCHOR_END: poll
}

/// What a task's waker points to.
struct Ticket {
    task: usize,
    queued: AtomicBool,
    ready: Arc<Ready>,
}

// ANCHOR: wake
impl Wake for Ticket {
    fn wake(self: Arc<Self>) {
        if !self.queued.swap(true, Ordering::SeqCst) {
            lock(&self.ready).push(self.task);
        }
    }
}
// ANCHOR_END: wake

fn lock(ready: &Ready) -> MutexGuard<'_, Vec<usize>> {
    ready.lock().unwrap_or_else(PoisonError::into_inner)
}
// ANCHOR_END: stage

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::rc::Rc;

    use super::*;

    #[test]
    fn a_hundred_wakes_before_a_turn_are_one_poll() {
        let mut once = Once::new();
        once.spawn(poll_fn(|context| {
            for _ in 0..100 {
                context.waker().wake_by_ref();
            }
            Poll::Pending
        }));
        assert_eq!([once.turn(), once.turn(), once.turn()], [1, 1, 1]);
    }

    #[test]
    fn a_task_that_wakes_itself_is_polled_once_a_turn() {
        let mut once = Once::new();
        let polls: Rc<Cell<u32>> = Rc::default();
        let counter = Rc::clone(&polls);
        once.spawn(poll_fn(move |context| {
            counter.set(counter.get() + 1);
            context.waker().wake_by_ref();
            Poll::Pending
        }));
        once.spawn(async {});
        assert_eq!((once.turn(), polls.get()), (2, 1));
        assert_eq!((once.turn(), polls.get()), (1, 2));
        assert!(!once.is_idle());
    }
}
