//! What happened in one run, step by step.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use event_loop::leaf::{Wait, noting_waits};
use event_loop::{End, Observer, Origin, TaskId};

/// An observer that notes which task is spawned where, and which is polled. A clone writes into the same list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Steps {
    steps: Arc<Mutex<Vec<String>>>,
    /// What each task waits for that is not over, as its leaves said it in its last poll.
    waits: Arc<Mutex<BTreeMap<TaskId, Vec<Wait>>>>,
    left: Arc<Mutex<Vec<String>>>,
}

impl Steps {
    pub(crate) fn push(&self, step: String) {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        steps.push(step);
    }

    /// What was noted, oldest first.
    pub(crate) fn take(&self) -> Vec<String> {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *steps)
    }

    /// A line for each task that was left when the loop was closed: what it waits for, as far as its leaves say so.
    pub(crate) fn left(&self) -> Vec<String> {
        let left = self.left.lock();
        left.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn waiting(&self) -> Vec<String> {
        let waits = self.waits();
        let line = |(task, waits): (&TaskId, &Vec<Wait>)| match &waits[..] {
            [] => format!("{task} waits"),
            waits => {
                let waits: Vec<String> = waits.iter().map(Wait::to_string).collect();
                format!("{task} waits for {}", waits.join(" and "))
            }
        };
        waits.iter().map(line).collect()
    }

    fn waits(&self) -> MutexGuard<'_, BTreeMap<TaskId, Vec<Wait>>> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Steps {
    fn task_spawned_at(&self, task: TaskId, origin: Origin) {
        if task.number() == 1 {
            return self.push(format!("{task} is the test"));
        }
        let file = origin.location.file();
        let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
        self.push(format!(
            "{task} spawned at {file}:{}",
            origin.location.line()
        ));
    }

    fn poll_with<R>(&self, task: TaskId, waker: &Waker, poll: impl FnOnce(&Waker) -> R) -> R {
        let (polled, waits) = noting_waits(|| poll(waker));
        self.waits().insert(task, waits);
        polled
    }

    fn task_finished(&self, task: TaskId, _end: End) {
        self.waits().remove(&task);
    }

    fn close_begun(&self) {
        // What is left is dropped next.
        let left = self.waiting();
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = left;
    }

    fn polled(&self, task: TaskId, ready: bool) {
        let outcome = if ready { "ready" } else { "pending" };
        self.push(format!("{task} polled → {outcome}"));
    }
}
