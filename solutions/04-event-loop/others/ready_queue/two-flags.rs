//! A deque and two flags under one lock, with no look that goes without the lock.

use std::collections::VecDeque;
use std::fmt;

use event_loop::Unparker;

use crate::sync::Mutex;

pub struct ReadyQueue<T> {
    state: Mutex<State<T>>,
    unparker: Unparker,
}

struct State<T> {
    entries: VecDeque<T>,
    sleeps: bool,
    is_closed: bool,
}

impl<T> ReadyQueue<T> {
    #[must_use]
    pub fn new(unparker: Unparker) -> ReadyQueue<T> {
        let state = State {
            entries: VecDeque::new(),
            sleeps: false,
            is_closed: false,
        };
        ReadyQueue {
            state: Mutex::new(state),
            unparker,
        }
    }

    pub fn push(&self, entry: T) -> Result<(), T> {
        let mut state = self.state.lock().unwrap();
        if state.is_closed {
            return Err(entry);
        }
        state.entries.push_back(entry);
        let slept = std::mem::take(&mut state.sleeps);
        drop(state);
        if slept {
            self.unparker.unpark();
        }
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.state.lock().unwrap().entries.is_empty()
    }

    pub fn fall_asleep(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        let may_sleep = state.entries.is_empty() && !state.is_closed;
        state.sleeps |= may_sleep;
        may_sleep
    }

    pub fn wake_up(&self) {
        self.state.lock().unwrap().sleeps = false;
    }

    pub fn take_batch(&self, batch: &mut Vec<T>) {
        batch.extend(self.state.lock().unwrap().entries.drain(..));
    }

    pub fn close(&self) -> Vec<T> {
        let mut state = self.state.lock().unwrap();
        state.is_closed = true;
        state.sleeps = false;
        state.entries.drain(..).collect()
    }
}

impl<T> fmt::Debug for ReadyQueue<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ReadyQueue")
    }
}
