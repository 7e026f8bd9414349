//! Interleavings that are written down: which thread goes on, and for how long.

use std::collections::VecDeque;
use std::vec;

use probe::Run;
use shuttle::Runner;
use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

use crate::sleep::Faithful;
use crate::{Blame, attempt, config, judge};

/// A part of an interleaving: one thread goes on, and no other. The body is thread 0, and the threads that it starts follow in their
/// order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    thread: usize,
    steps: usize,
}

impl Turn {
    /// Until the thread waits, yields or has ended.
    #[must_use]
    pub const fn all(thread: usize) -> Turn {
        let steps = usize::MAX;
        Turn { thread, steps }
    }

    /// The same, for at most this many steps. A lock, an atomic and a start of a thread are a step each.
    #[must_use]
    pub const fn of(thread: usize, steps: usize) -> Turn {
        Turn { thread, steps }
    }
}

/// [`explore`](crate::explore), for a mistake that needs a thread to stand still at one moment, to go on, and to stand still again. Few
/// random interleavings do that. Here the check writes down which thread goes on, and tries every number of steps: a loop over `steps`
/// in `interleavings`. Behind the last turn each thread goes on until it waits.
///
/// # Panics
///
/// As [`explore`](crate::explore). No sleep ends for nothing here.
#[track_caller]
pub fn explore_turns(
    interleavings: impl IntoIterator<Item = Vec<Turn>>,
    run: impl Fn() -> Run + Send + Sync + 'static,
    asleep: Blame<'_>,
    busy: Blame<'_>,
    body: impl Fn(&Run) + Send + Sync + 'static,
) {
    let interleavings: Vec<_> = interleavings.into_iter().collect();
    let scheduler = InTurns {
        interleavings: interleavings.into_iter(),
        turns: VecDeque::new(),
    };
    let runner = Runner::new(Faithful::new(scheduler, false), config());
    let (newest, end) = attempt(runner, asleep, run, body);
    judge(&newest, end, asleep, busy);
}

struct InTurns {
    interleavings: vec::IntoIter<Vec<Turn>>,
    /// Those that are left of the present interleaving.
    turns: VecDeque<Turn>,
}

impl Scheduler for InTurns {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.turns = self.interleavings.next()?.into();
        Some(Schedule::new(0))
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        while let Some(turn) = self.turns.front_mut() {
            let task = runnable
                .iter()
                .find(|task| number(task.id()) == turn.thread);
            if let Some(task) = task
                && turn.steps > 0
            {
                turn.steps -= 1;
                if is_yielding && current == Some(task.id()) {
                    self.turns.pop_front();
                    continue;
                }
                return Some(task.id());
            }
            self.turns.pop_front();
        }
        let current = current.filter(|current| runnable.iter().any(|task| task.id() == *current));
        match current {
            Some(current) if !is_yielding => Some(current),
            Some(current) => {
                let mut behind = runnable
                    .iter()
                    .filter(|task| number(task.id()) > number(current));
                behind.next().or(runnable.first()).map(|task| task.id())
            }
            None => runnable.first().map(|task| task.id()),
        }
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}

fn number(task: TaskId) -> usize {
    task.into()
}
