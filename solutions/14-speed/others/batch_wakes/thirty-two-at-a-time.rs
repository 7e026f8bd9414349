//! As tokio does: takes 32 wakers at a time, and wakes them while the lock is free. The list is a deque that is never replaced.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::task::Waker;

const AT_A_TIME: usize = 32;

/// See the exercise.
pub struct Signal {
    waiting: Mutex<(u64, u64, VecDeque<Waker>)>,
}

impl Signal {
    /// Nothing waits.
    pub fn new() -> Signal {
        Signal {
            waiting: Mutex::new((0, 0, VecDeque::new())),
        }
    }

    /// Keeps it.
    pub fn wait(&self, waker: Waker) {
        let mut waiting = self.waiting.lock().unwrap();
        waiting.1 += 1;
        waiting.2.push_back(waker);
    }

    /// Wakes those with a number below the one that the next waker would get.
    pub fn wake_all(&self) -> usize {
        let end = self.waiting.lock().unwrap().1;
        let mut panicked: Option<Box<dyn Any + Send>> = None;
        let mut count = 0;
        loop {
            let mut batch = [const { None::<Waker> }; AT_A_TIME];
            {
                let mut waiting = self.waiting.lock().unwrap();
                for place in &mut batch {
                    if waiting.0 >= end || waiting.2.is_empty() {
                        break;
                    }
                    *place = waiting.2.pop_front();
                    waiting.0 += 1;
                }
            }
            if batch[0].is_none() {
                break;
            }
            for waker in batch.into_iter().flatten() {
                count += 1;
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| waker.wake())) {
                    panicked.get_or_insert(panic);
                }
            }
        }
        match panicked {
            Some(panic) => resume_unwind(panic),
            None => count,
        }
    }
}

impl Default for Signal {
    fn default() -> Signal {
        Signal::new()
    }
}
