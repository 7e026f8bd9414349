//! Stage 1: a loop that polls every task, again and again.

// ANCHOR: stage
use std::task::{Context, Waker};

use crate::BoxedTask;

/// Several tasks on one thread, each of which is polled in each round.
///
/// No waker tells when a poll is useful. So the loop cannot know when none is, and the rounds never
/// stop while a task is left.
#[derive(Default)]
pub struct Everybody {
    tasks: Vec<BoxedTask>,
    polls: u64,
}

impl Everybody {
    /// A loop without tasks.
    #[must_use]
    pub fn new() -> Everybody {
        Everybody::default()
    }

    /// Adds a task. It is polled from the next round on.
    pub fn spawn(&mut self, future: impl Future<Output = ()> + 'static) {
        self.tasks.push(Box::pin(future));
    }

    // ANCHOR: round
    /// Polls every task once, and drops those that are ready. Returns whether any is left.
    pub fn round(&mut self) -> bool {
        // A waker that does nothing: every task is polled anyway.
        let mut context = Context::from_waker(Waker::noop());
        self.polls += self.tasks.len() as u64;
        self.tasks
            .retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
        !self.tasks.is_empty()
    }
    // ANCHOR_END: round

    /// How many polls that has taken so far.
    #[must_use]
    pub fn polls(&self) -> u64 {
        self.polls
    }
}
// ANCHOR_END: stage

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::rc::Rc;
    use std::task::Poll;

    use super::*;

    #[test]
    fn a_task_is_polled_once_a_round_until_it_is_ready() {
        let mut everybody = Everybody::new();
        let left = Rc::new(Cell::new(3));
        let counter = Rc::clone(&left);
        everybody.spawn(poll_fn(move |_| {
            counter.set(counter.get() - 1);
            if counter.get() == 0 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }));
        assert!(everybody.round());
        assert!(everybody.round());
        assert!(!everybody.round());
        assert_eq!((left.get(), everybody.polls()), (0, 3));
        assert!(!everybody.round());
        assert_eq!(everybody.polls(), 3);
    }
}
