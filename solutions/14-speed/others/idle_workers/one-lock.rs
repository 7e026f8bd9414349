//! One lock over all queues and the list of sleepers, and one condition variable: a steal is one step.

use std::collections::VecDeque;
use std::fmt;

use crate::sync::{Condvar, Mutex};

/// A worker looks into the shared queue first in one of this many calls.
pub const SHARED_EVERY: u32 = 61;

/// All queues.
pub struct RunQueues<T> {
    state: Mutex<State<T>>,
    pushed: Condvar,
}

struct State<T> {
    shared: VecDeque<T>,
    own: Vec<VecDeque<T>>,
    calls: Vec<u32>,
    closed: bool,
}

impl<T> State<T> {
    fn take(&mut self, worker: usize) -> Option<T> {
        if let Some(entry) = self.own[worker].pop_front() {
            return Some(entry);
        }
        if let Some(entry) = self.shared.pop_front() {
            return Some(entry);
        }
        let count = self.own.len();
        let victim = (1..count)
            .map(|step| (worker + step) % count)
            .find(|victim| !self.own[*victim].is_empty())?;
        let half = self.own[victim].len().div_ceil(2);
        let rest = self.own[victim].split_off(half);
        self.own[worker] = std::mem::replace(&mut self.own[victim], rest);
        self.own[worker].pop_front()
    }
}

impl<T> RunQueues<T> {
    /// Empty queues.
    #[must_use]
    pub fn new(workers: usize) -> RunQueues<T> {
        RunQueues {
            state: Mutex::new(State {
                shared: VecDeque::new(),
                own: (0..workers).map(|_| VecDeque::new()).collect(),
                calls: vec![0; workers],
                closed: false,
            }),
            pushed: Condvar::new(),
        }
    }

    /// Appends to the shared queue.
    pub fn push(&self, entry: T) {
        self.state.lock().unwrap().shared.push_back(entry);
        self.pushed.notify_one();
    }

    /// Appends to the queue of a worker.
    pub fn push_own(&self, worker: usize, entry: T) {
        self.state.lock().unwrap().own[worker].push_back(entry);
        self.pushed.notify_one();
    }

    /// The next entry.
    pub fn next(&self, worker: usize) -> Option<T> {
        let mut state = self.state.lock().unwrap();
        state.calls[worker] = state.calls[worker].wrapping_add(1);
        if state.calls[worker] % SHARED_EVERY == 0 {
            if let Some(entry) = state.shared.pop_front() {
                return Some(entry);
            }
        }
        loop {
            if let Some(entry) = state.take(worker) {
                return Some(entry);
            }
            if state.closed {
                return None;
            }
            state = self.pushed.wait(state).unwrap();
        }
    }

    /// Closes them.
    pub fn close(&self) {
        self.state.lock().unwrap().closed = true;
        self.pushed.notify_all();
    }
}

impl<T> fmt::Debug for RunQueues<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RunQueues").finish_non_exhaustive()
    }
}
