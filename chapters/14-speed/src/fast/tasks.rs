//! Where the loop keeps its futures.

use std::mem;

use slab::Slab;

use event_loop::{BoxedTask, TaskId};

use speed::Steps;

use super::task_block::{Keeper, Queue, TaskBlock};
use crate::sync::Arc;

/// The futures of a loop, and what belongs to each.
pub(crate) struct Tasks<Q: Queue> {
    places: Slab<Place<Q>>,
    numbers: u64,
    steps: Steps,
    /// Memory of wakers for the next tasks: see [`Steps::reuse`].
    spare: Vec<Arc<TaskBlock<Q>>>,
}

/// How many blocks are kept for the next tasks at most: 72 KiB.
const SPARE: usize = 1024;

struct Place<Q: Queue> {
    number: u64,
    state: State<Q>,
}

/// As in chapter 04:
///
/// ```text
///              take                put_back
///   Suspended ──────▶ Running ──────────────▶ Suspended
///       │                │ abort
///       │ abort          ▼            put_back
///       │             Aborted ───────────────────┐
///       └──────────────────────────────────────▶ gone
/// ```
enum State<Q: Queue> {
    Suspended(Task<Q>),
    /// The loop has taken the task out, and polls it.
    Running,
    /// The task was aborted during its poll. The loop drops it after the poll.
    Aborted,
}

/// One task: its future, and the block of its wakers.
pub(crate) struct Task<Q: Queue> {
    pub(crate) future: BoxedTask,
    pub(crate) keeper: Keeper<Q>,
}

/// See [`Tasks::take`].
pub(crate) enum Taken<Q: Queue> {
    /// Poll it.
    Task(Task<Q>),
    /// It has completed, or is being polled, or was polled since it was queued.
    Nothing,
}

/// See [`Tasks::abort`].
pub(crate) enum Abort<Q: Queue> {
    /// It was suspended: drop it.
    Drop(Task<Q>),
    /// It is being polled, and will be dropped after that.
    Later,
    /// It has completed, or was aborted before.
    Over,
}

impl<Q: Queue> Tasks<Q> {
    pub(crate) fn new(steps: Steps) -> Tasks<Q> {
        Tasks {
            places: Slab::new(),
            numbers: 0,
            steps,
            spare: Vec::new(),
        }
    }

    /// Stores a future. It has not been woken yet.
    pub(crate) fn add(&mut self, future: BoxedTask, queue: &Arc<Q>) -> (TaskId, &Keeper<Q>) {
        let id = TaskId::new(self.number(), self.places.vacant_key());
        let keeper = self.keeper(id, queue);
        let place = self.places.insert(Place {
            number: id.number(),
            state: State::Suspended(Task { future, keeper }),
        });
        match &self.places[place].state {
            State::Suspended(task) => (id, &task.keeper),
            State::Running | State::Aborted => unreachable!("it was just inserted"),
        }
    }

    /// The id and the block of a future that is not kept here: the main one.
    pub(crate) fn add_outside(&mut self, queue: &Arc<Q>) -> (TaskId, Keeper<Q>) {
        let id = TaskId::new(self.number(), usize::MAX);
        (id, self.keeper(id, queue))
    }

    fn keeper(&mut self, id: TaskId, queue: &Arc<Q>) -> Keeper<Q> {
        Keeper::new(id, queue, self.steps.counts, self.spare.pop())
    }

    // ANCHOR: reuse
    /// The task has ended: keeps its block for the next task, if no waker is left.
    pub(crate) fn reuse(&mut self, keeper: Keeper<Q>) {
        if let Some(block) = keeper.end()
            && self.steps.reuse
            && self.spare.len() < SPARE
        {
            self.spare.push(block);
        }
    }
    // ANCHOR_END: reuse

    /// Takes a task out to be polled, and begins its poll.
    #[inline]
    pub(crate) fn take(&mut self, id: TaskId) -> Taken<Q> {
        let Some(place) = self.place(id) else {
            return Taken::Nothing;
        };
        match &place.state {
            State::Suspended(task) if task.keeper.begin_poll() => {}
            _ => return Taken::Nothing,
        }
        match mem::replace(&mut place.state, State::Running) {
            State::Suspended(task) => Taken::Task(task),
            State::Running | State::Aborted => Taken::Nothing,
        }
    }

    /// Puts back a task that returned `Pending`.
    ///
    /// # Errors
    ///
    /// Returns the task, to be dropped, if it was aborted during the poll.
    #[inline]
    pub(crate) fn put_back(&mut self, id: TaskId, task: Task<Q>) -> Result<(), Task<Q>> {
        // Its number needs no look: while a task runs, its slot is not another's.
        match self.places.get_mut(id.place()) {
            Some(place) if matches!(place.state, State::Running) => {
                // Forgotten, because there is nothing to drop: the compiler does not know that it is `Running`.
                mem::forget(mem::replace(&mut place.state, State::Suspended(task)));
                Ok(())
            }
            _ => {
                self.remove(id);
                Err(task)
            }
        }
    }

    /// Frees the slot of a task that has completed.
    pub(crate) fn remove(&mut self, id: TaskId) {
        if self.place(id).is_some() {
            self.places.remove(id.place());
        }
    }

    /// Whether the task is here, and not being polled.
    pub(crate) fn is_suspended(&self, id: TaskId) -> bool {
        let place = self.places.get(id.place());
        place.is_some_and(|place| {
            place.number == id.number() && matches!(place.state, State::Suspended(_))
        })
    }

    /// Aborts a task, and says what the caller has to drop.
    pub(crate) fn abort(&mut self, id: TaskId) -> Abort<Q> {
        let Some(place) = self.place(id) else {
            return Abort::Over;
        };
        match mem::replace(&mut place.state, State::Aborted) {
            State::Suspended(task) => {
                self.places.remove(id.place());
                Abort::Drop(task)
            }
            State::Running => Abort::Later,
            State::Aborted => Abort::Over,
        }
    }

    /// All that are here, oldest first.
    pub(crate) fn ids(&self) -> Vec<TaskId> {
        let places = self.places.iter();
        let mut ids: Vec<TaskId> = places
            .map(|(place, kept)| TaskId::new(kept.number, place))
            .collect();
        ids.sort_unstable();
        ids
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    #[inline]
    fn place(&mut self, id: TaskId) -> Option<&mut Place<Q>> {
        let place = self.places.get_mut(id.place())?;
        (place.number == id.number()).then_some(place)
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }
}
