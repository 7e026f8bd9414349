//! Where the loop keeps its futures.

use std::task::Waker;

use slab::Slab;

use event_loop::{BoxedTask, TaskId};

use crate::sync::Arc;
use crate::task_waker::{Schedule, TaskWaker};

/// The futures of a loop, and what belongs to each.
pub(crate) struct Tasks<S> {
    places: Slab<Place<S>>,
    numbers: u64,
}

struct Place<S> {
    number: u64,
    state: State<S>,
}

/// ```text
///              take                put_back
///   Suspended ──────▶ Running ──────────────▶ Suspended
///       │                │ abort
///       │ abort          ▼            put_back
///       │             Aborted ───────────────────┐
///       └──────────────────────────────────────▶ gone
/// ```
enum State<S> {
    Suspended(Task<S>),
    /// The loop has taken the task out, and polls it.
    Running,
    /// The task was aborted during its poll. The loop drops it after the poll.
    Aborted,
}

/// One task: its future, its waker, and the same waker once more for the loop's own part of it.
pub(crate) struct Task<S> {
    pub(crate) future: BoxedTask,
    pub(crate) waker: Waker,
    pub(crate) task_waker: Arc<TaskWaker<S>>,
}

impl<S: Schedule> Tasks<S> {
    pub(crate) fn new() -> Tasks<S> {
        Tasks {
            places: Slab::new(),
            numbers: 0,
        }
    }

    /// Stores a future. It has not been woken yet.
    pub(crate) fn add(&mut self, future: BoxedTask, queue: &Arc<S>) -> (TaskId, Arc<TaskWaker<S>>) {
        let number = self.number();
        let vacant = self.places.vacant_entry();
        let id = TaskId {
            number,
            place: vacant.key(),
        };
        let task_waker = TaskWaker::new(id, Arc::clone(queue));
        let task = Task {
            future,
            waker: Waker::from(Arc::clone(&task_waker)),
            task_waker: Arc::clone(&task_waker),
        };
        let state = State::Suspended(task);
        vacant.insert(Place { number, state });
        (id, task_waker)
    }

    /// An id for a future that is not kept here: the main one.
    pub(crate) fn id_outside(&mut self) -> TaskId {
        TaskId {
            number: self.number(),
            place: usize::MAX,
        }
    }

    /// Takes a task out to be polled. `None` if it has completed, or is being polled.
    #[inline]
    pub(crate) fn take(&mut self, id: TaskId) -> Option<Task<S>> {
        let place = self.place(id)?;
        match std::mem::replace(&mut place.state, State::Running) {
            State::Suspended(task) => Some(task),
            other => {
                place.state = other;
                None
            }
        }
    }

    /// Puts back a task that returned `Pending`.
    ///
    /// # Errors
    ///
    /// Returns the task, to be dropped, if it was aborted during the poll.
    #[inline]
    pub(crate) fn put_back(&mut self, id: TaskId, task: Task<S>) -> Result<(), Task<S>> {
        match self.place(id) {
            Some(place) if matches!(place.state, State::Running) => {
                place.state = State::Suspended(task);
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
            self.places.remove(id.place);
        }
    }

    /// Whether the task is here, and not being polled.
    pub(crate) fn is_suspended(&self, id: TaskId) -> bool {
        let place = self.places.get(id.place);
        place.is_some_and(|place| {
            place.number == id.number && matches!(place.state, State::Suspended(_))
        })
    }

    /// Aborts a task, and says what the caller has to drop.
    pub(crate) fn abort(&mut self, id: TaskId) -> Abort<S> {
        let Some(place) = self.place(id) else {
            return Abort::Over;
        };
        match std::mem::replace(&mut place.state, State::Aborted) {
            State::Suspended(task) => {
                self.places.remove(id.place);
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
            .map(|(place, kept)| TaskId {
                number: kept.number,
                place,
            })
            .collect();
        ids.sort_unstable();
        ids
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    #[inline]
    fn place(&mut self, id: TaskId) -> Option<&mut Place<S>> {
        let place = self.places.get_mut(id.place)?;
        (place.number == id.number).then_some(place)
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }
}

/// See [`Tasks::abort`].
pub(crate) enum Abort<S> {
    /// It was suspended: drop it.
    Drop(Task<S>),
    /// It is being polled, and will be dropped after that.
    Later,
    /// It has completed, or was aborted before.
    Over,
}
