//! A loop without a driver, small enough to be made ten thousand times in a check.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use event_loop::{BoxedTask, Spawn};
use probe::panics;

/// A loop without a driver: [`run`](ManualLoop::run) polls woken tasks, in the order of their wakes, until none is woken. A poll
/// that panics ends only its own task, and is counted.
#[derive(Default)]
pub struct ManualLoop {
    tasks: RefCell<Vec<Option<Entry>>>,
    ready: Arc<Ready>,
    reports: RefCell<Vec<String>>,
    closed: Cell<bool>,
    panics: Cell<usize>,
}

struct Entry {
    future: BoxedTask,
    woken: Arc<Woken>,
}

type Ready = Mutex<VecDeque<usize>>;

/// The waker of one task.
struct Woken {
    place: usize,
    is_queued: AtomicBool,
    ready: Arc<Ready>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        if !self.is_queued.swap(true, Ordering::Relaxed) {
            lock(&self.ready).push_back(self.place);
        }
    }
}

fn lock(ready: &Ready) -> std::sync::MutexGuard<'_, VecDeque<usize>> {
    ready.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ManualLoop {
    /// More polls in one call of [`run`](ManualLoop::run) than any right answer takes.
    const POLLS: usize = 1_000;

    /// Polls what was woken until nothing is. Returns `false` if that does not end.
    pub fn run(&self) -> bool {
        for _ in 0..ManualLoop::POLLS {
            let next = lock(&self.ready).pop_front();
            let Some(place) = next else { return true };
            self.poll(place);
        }
        false
    }

    fn poll(&self, place: usize) {
        let entry = (self.tasks.borrow_mut())
            .get_mut(place)
            .and_then(Option::take);
        let Some(mut entry) = entry else { return };
        entry.woken.is_queued.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&entry.woken));
        let mut context = Context::from_waker(&waker);
        let polled = panics::expected(|| entry.future.as_mut().poll(&mut context));
        if polled.is_err() {
            self.panics.set(self.panics.get() + 1);
        }
        match polled {
            Ok(Poll::Pending) => self.tasks.borrow_mut()[place] = Some(entry),
            _ => drop(entry), // Nothing is borrowed: the destructors may spawn.
        }
    }

    /// Drops every task, and from now on every task that is spawned.
    pub fn close(&self) {
        self.closed.set(true);
        let tasks = self.tasks.take();
        drop(tasks);
    }

    /// Whether it was closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// How many tasks it has.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.tasks.borrow().iter().flatten().count()
    }

    /// How many polls have panicked since this was last called.
    #[must_use]
    pub fn take_panics(&self) -> usize {
        self.panics.take()
    }

    /// What was reported to it.
    #[must_use]
    pub fn reports(&self) -> Vec<String> {
        self.reports.borrow().clone()
    }
}

impl Spawn for ManualLoop {
    fn spawn_boxed(&self, future: BoxedTask) {
        if self.closed.get() {
            drop(future);
            return;
        }
        let mut tasks = self.tasks.borrow_mut();
        let woken = Arc::new(Woken {
            place: tasks.len(),
            is_queued: AtomicBool::new(false),
            ready: Arc::clone(&self.ready),
        });
        tasks.push(Some(Entry {
            future,
            woken: Arc::clone(&woken),
        }));
        woken.wake();
    }

    fn report(&self, problem: &str) {
        self.reports.borrow_mut().push(problem.to_owned());
    }
}

impl fmt::Debug for ManualLoop {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ManualLoop")
    }
}
