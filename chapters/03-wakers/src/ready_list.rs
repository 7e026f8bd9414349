//! A wake puts a task in a queue. It runs nothing.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

// ANCHOR: list
/// Several tasks on one thread. The list polls a task after it was woken, and only then.
#[derive(Default)]
pub struct ReadyList {
    tasks: Vec<Option<Task>>,
    ready: Ready,
}

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// The numbers of the woken tasks, in the order of the wakes.
type Ready = Arc<Mutex<VecDeque<usize>>>;
// ANCHOR_END: list

// ANCHOR: wake
/// The target of a task's waker.
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

    /// Adds a task, and wakes it: a task has to be polled once before it can wait for anything.
    /// Returns its waker.
    pub fn add(&mut self, future: impl Future<Output = ()> + 'static) -> Waker {
        let waker = self.waker(self.tasks.len());
        self.tasks.push(Some(Box::pin(future)));
        waker.wake_by_ref();
        waker
    }

    // ANCHOR: run_tasks
    /// Polls the woken tasks, in order, until the queue is empty. Returns the number of polls.
    pub fn run(&mut self) -> usize {
        let mut polls = 0;
        while let Some(number) = self.next() {
            let waker = self.waker(number);
            let Some(task) = &mut self.tasks[number] else {
                continue; // Woken after it had completed.
            };
            polls += 1;
            if let Poll::Ready(()) = task.as_mut().poll(&mut Context::from_waker(&waker)) {
                self.tasks[number] = None;
            }
        }
        polls
    }

    /// Removes the task that was woken first. A wake after that adds it again.
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
