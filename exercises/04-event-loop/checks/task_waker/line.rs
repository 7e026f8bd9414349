//! A ready queue and a task that record what is done to them.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::Waker;

use super::super::subject::{Schedule, TaskWaker};
use event_loop::TaskId;
use probe::{Recorder, Run};
use probe_model::sync::atomic::AtomicUsize;
use probe_model::sync::atomic::Ordering::SeqCst;
use probe_model::sync::thread;

#[track_caller]
pub(super) fn refuse_twice(run: &Run, line: &Line, seen: &str) {
    let length = line.length();
    if length > 1 {
        run.diagnose(
            "queued-twice",
            format!(
                "{seen} before its poll, and is in the queue {length} times. The loop polls it once for each entry, even after it has \
                 completed."
            ),
        );
    }
}

/// A queue of tasks, by their numbers.
pub(super) struct Queue {
    pub(super) recorder: Recorder,
    entries: Mutex<Vec<u64>>,
}

impl Schedule for Queue {
    fn schedule(&self, task: TaskId) {
        self.recorder.says("queue", format!("gets {task}"));
        lock(&self.entries).push(task.number());
    }
}

/// The part of a loop that a waker knows.
pub(super) struct Line {
    pub(super) queue: Arc<Queue>,
}

impl Line {
    pub(super) fn new(run: &Run) -> Line {
        let queue = Queue {
            recorder: run.recorder().clone(),
            entries: Mutex::default(),
        };
        Line {
            queue: Arc::new(queue),
        }
    }

    pub(super) fn task(&self, run: &Run, number: u64) -> Task {
        let id = TaskId::new(number, 0);
        let own = TaskWaker::new(id, Arc::clone(&self.queue));
        let waker = Waker::from(Arc::clone(&own));
        Task {
            own,
            waker,
            track: id.to_string(),
            recorder: run.recorder().clone(),
        }
    }

    pub(super) fn length(&self) -> usize {
        lock(&self.queue.entries).len()
    }

    pub(super) fn take(&self) -> Vec<u64> {
        std::mem::take(&mut lock(&self.queue.entries))
    }

    /// Polls a task whenever it is in the queue, until it was not there `looks` times. Returns what the
    /// last poll read of `written`.
    pub(super) fn run(&self, task: &Task, written: &AtomicUsize, mut looks: usize) -> usize {
        let mut seen = 0;
        loop {
            if !self.take().is_empty() {
                task.poll(|| seen = written.load(SeqCst));
            } else if looks == 0 {
                return seen;
            } else {
                looks -= 1;
                thread::yield_now();
            }
        }
    }
}

/// One task: what the loop keeps of it, and a waker.
pub(super) struct Task {
    own: Arc<TaskWaker<Queue>>,
    pub(super) waker: Waker,
    track: String,
    pub(super) recorder: Recorder,
}

impl Task {
    pub(super) fn wake(&self) {
        self.recorder.wakes(&self.track);
        self.waker.wake_by_ref();
    }

    pub(super) fn wake_by_value(&self) {
        by_value(&self.waker);
    }

    pub(super) fn poll(&self, step: impl FnOnce()) {
        let call = self.recorder.enters(&self.track, "polled");
        self.own.begin_poll();
        step();
        call.returns("pending");
    }

    pub(super) fn retire(&self) {
        self.recorder.says(&self.track, "retire()");
        self.own.retire();
    }
}

pub(super) fn by_value(waker: &Waker) {
    let waker = waker.clone();
    Waker::wake(waker);
}

/// A queue that polls its task from inside `schedule`.
#[derive(Default)]
pub(super) struct AtOnce {
    pub(super) poll: OnceLock<Box<dyn Fn() + Send + Sync>>,
    pub(super) polls: Mutex<usize>,
}

impl Schedule for AtOnce {
    fn schedule(&self, _: TaskId) {
        self.poll.get().expect("there is a task")();
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
