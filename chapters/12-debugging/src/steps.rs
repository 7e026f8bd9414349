//! What happened in one run, step by step.

use std::sync::{Arc, Mutex, PoisonError};

use event_loop::{Observer, Origin, TaskId};

/// An observer that notes which task is spawned where, and which is polled. A clone writes into the same list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Steps {
    steps: Arc<Mutex<Vec<String>>>,
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

    fn polled(&self, task: TaskId, ready: bool) {
        let outcome = if ready { "ready" } else { "pending" };
        self.push(format!("{task} polled → {outcome}"));
    }
}
