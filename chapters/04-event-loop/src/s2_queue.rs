//! Stage 2: a loop with a queue of woken tasks. It polls only these.

// ANCHOR: stage
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use crate::BoxedTask;

/// Several tasks on one thread, each of which is polled once for each of its wakes.
pub struct Queued {
    tasks: Vec<Option<BoxedTask>>,
    queue: Arc<Queue>,
    next: Next,
}

/// Which task in the queue is polled next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The oldest entry.
    Oldest,
    /// The newest entry: the queue is a stack.
    Newest,
}

/// The numbers of the woken tasks. Wakers push from any thread.
type Queue = Mutex<VecDeque<usize>>;

impl Queued {
    /// A loop without tasks.
    #[must_use]
    pub fn new(next: Next) -> Queued {
        Queued {
            tasks: Vec::new(),
            queue: Arc::default(),
            next,
        }
    }

    /// Adds a task and wakes it: its first poll registers its wakers.
    pub fn spawn(&mut self, future: impl Future<Output = ()> + 'static) {
        let waker = self.waker(self.tasks.len());
        self.tasks.push(Some(Box::pin(future)));
        waker.wake();
    }

    // ANCHOR: step
    /// Polls the next task of the queue. Returns `false` if the queue is empty.
    pub fn step(&mut self) -> bool {
        let Some(number) = self.take() else {
            return false;
        };
        let waker = self.waker(number);
        if let Some(task) = &mut self.tasks[number]
            && let Poll::Ready(()) = task.as_mut().poll(&mut Context::from_waker(&waker))
        {
            self.tasks[number] = None;
        }
        true
    }
    // ANCHOR_END: step

    fn take(&self) -> Option<usize> {
        let mut queue = lock(&self.queue);
        match self.next {
            Next::Oldest => queue.pop_front(),
            Next::Newest => queue.pop_back(),
        }
    }

    fn waker(&self, task: usize) -> Waker {
        let queue = Arc::clone(&self.queue);
        Waker::from(Arc::new(Ticket { task, queue }))
    }
}

// ANCHOR: wake
/// What a task's waker points to.
struct Ticket {
    task: usize,
    queue: Arc<Queue>,
}

impl Wake for Ticket {
    fn wake(self: Arc<Self>) {
        lock(&self.queue).push_back(self.task);
    }
}
// ANCHOR_END: wake

fn lock(queue: &Queue) -> MutexGuard<'_, VecDeque<usize>> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}
// ANCHOR_END: stage

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::poll_fn;
    use std::rc::Rc;

    use super::*;

    /// How often each of two tasks that always wake themselves is polled in ten steps.
    fn shares(next: Next) -> [u32; 2] {
        let mut queued = Queued::new(next);
        let polls: Rc<RefCell<[u32; 2]>> = Rc::default();
        for task in [0, 1] {
            let polls = Rc::clone(&polls);
            queued.spawn(poll_fn(move |context| {
                polls.borrow_mut()[task] += 1;
                context.waker().wake_by_ref();
                Poll::Pending
            }));
        }
        for _ in 0..10 {
            assert!(queued.step());
        }
        *polls.borrow()
    }

    #[test]
    fn a_queue_is_fair_and_a_stack_is_not() {
        assert_eq!(shares(Next::Oldest), [5, 5]);
        assert_eq!(shares(Next::Newest), [0, 10]);
    }

    #[test]
    fn each_wake_is_a_poll() {
        let mut queued = Queued::new(Next::Oldest);
        let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
        let kept = Rc::clone(&waker);
        queued.spawn(poll_fn(move |context| {
            *kept.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        }));
        assert!(queued.step());
        let waker = waker.take().expect("the task was polled");
        waker.wake_by_ref();
        waker.wake();
        assert!(queued.step());
        assert!(queued.step());
        assert!(!queued.step());
    }
}
