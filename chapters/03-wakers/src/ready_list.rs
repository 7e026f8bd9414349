//! A wake puts a task in a queue. It runs nothing.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

// ANCHOR: list
/// Several tasks on one thread, each of which is polled when it was woken, and only then.
#[derive(Default)]
pub struct ReadyList {
    tasks: Vec<Option<Task>>,
    ready: Ready,
}

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// The numbers of the tasks that are to be polled, in the order in which they were woken.
type Ready = Arc<Mutex<VecDeque<usize>>>;
// ANCHOR_END: list

// ANCHOR: wake
/// What a task's waker points to.
struct Ticket {
    task: usize,
    ready: Ready,
}

impl Wake for Ticket {
    fn wake(self: Arc<Self>) {
        let mut ready = lock(&self.ready);
        if !ready.contains(&self.task) {
            ready.push_back(self.task);
        }
    }
}
// ANCHOR_END: wake

// ANCHOR: run
impl ReadyList {
    /// A list without tasks.
    #[must_use]
    pub fn new() -> ReadyList {
        ReadyList::default()
    }

    /// Adds a task, and wakes it: it has to be polled once before it can wait for anything. Returns
    /// its waker.
    pub fn add(&mut self, future: impl Future<Output = ()> + 'static) -> Waker {
        let waker = self.waker(self.tasks.len());
        self.tasks.push(Some(Box::pin(future)));
        waker.wake_by_ref();
        waker
    }

    // ANCHOR: run_tasks
    /// Polls whoever was woken, in order, until nobody is left who was. Returns how many polls that
    /// took.
    pub fn run(&mut self) -> usize {
        let mut polls = 0;
        while let Some(number) = self.next() {
            let waker = self.waker(number);
            let Some(task) = &mut self.tasks[number] else {
                continue; // It has completed, and somebody woke it all the same.
            };
            polls += 1;
            if let Poll::Ready(()) = task.as_mut().poll(&mut Context::from_waker(&waker)) {
                self.tasks[number] = None;
            }
        }
        polls
    }

    /// Takes out whoever was woken first. From here on a wake puts it in again.
    fn next(&self) -> Option<usize> {
        lock(&self.ready).pop_front()
    }
    // ANCHOR_END: run_tasks

    fn waker(&self, task: usize) -> Waker {
        let ready = Arc::clone(&self.ready);
        Waker::from(Arc::new(Ticket { task, ready }))
    }
}
// ANCHOR_END: run

fn lock(ready: &Mutex<VecDeque<usize>>) -> MutexGuard<'_, VecDeque<usize>> {
    ready.lock().unwrap_or_else(PoisonError::into_inner)
}
