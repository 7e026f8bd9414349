//! A lock around a state of three, where the reference has one atomic flag.

use std::fmt;
use std::task::Wake;

use event_loop::TaskId;

use crate::sync::{Arc, Mutex};

pub trait Schedule: Send + Sync + 'static {
    fn schedule(&self, task: TaskId);
}

enum State {
    Idle,
    Queued,
    Over,
}

pub struct TaskWaker<S> {
    task: TaskId,
    state: Mutex<State>,
    queue: Arc<S>,
}

impl<S: Schedule> TaskWaker<S> {
    #[must_use]
    pub fn new(task: TaskId, queue: Arc<S>) -> Arc<TaskWaker<S>> {
        Arc::new(TaskWaker {
            task,
            state: Mutex::new(State::Idle),
            queue,
        })
    }

    pub fn begin_poll(&self) {
        let mut state = self.state.lock().unwrap();
        if let State::Queued = *state {
            *state = State::Idle;
        }
    }

    pub fn retire(&self) {
        *self.state.lock().unwrap() = State::Over;
    }
}

impl<S: Schedule> Wake for TaskWaker<S> {
    fn wake(self: Arc<Self>) {
        let is_idle = {
            let mut state = self.state.lock().unwrap();
            let is_idle = matches!(*state, State::Idle);
            if is_idle {
                *state = State::Queued;
            }
            is_idle
        };
        if is_idle {
            self.queue.schedule(self.task);
        }
    }
}

impl<S> fmt::Debug for TaskWaker<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("TaskWaker")
    }
}
