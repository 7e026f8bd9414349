//! Where a loop keeps its futures.

use std::mem;

use slab::Slab;

use event_loop::{BoxedTask, TaskId};

/// The futures of a loop, and the wakers `W` of each.
pub struct Tasks<W> {
    places: Slab<Place<W>>,
    numbers: u64,
}

struct Place<W> {
    number: u64,
    state: State<W>,
}

/// ```text
///              take                put_back
///   Suspended ──────▶ Running ──────────────▶ Suspended
///       │                │ abort
///       │ abort          ▼            put_back
///       │             Aborted ───────────────────┐
///       └──────────────────────────────────────▶ gone
/// ```
enum State<W> {
    Suspended(Task<W>),
    /// The loop has taken the task out, and polls it.
    Running,
    /// The task was aborted during its poll. The loop drops it after the poll.
    Aborted,
}

/// One task: its future, and its wakers.
pub(crate) struct Task<W> {
    pub(crate) future: BoxedTask,
    pub(crate) wakers: W,
}

impl<W> Tasks<W> {
    /// No tasks.
    #[must_use]
    pub fn new() -> Tasks<W> {
        Tasks {
            places: Slab::new(),
            numbers: 0,
        }
    }

    /// How many tasks there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The id of the next task, which must be added next.
    pub(crate) fn next_id(&mut self) -> TaskId {
        TaskId {
            number: self.number(),
            place: self.places.vacant_key(),
        }
    }

    /// An id for a future that is not kept here: the main one.
    pub(crate) fn id_outside(&mut self) -> TaskId {
        TaskId {
            number: self.number(),
            place: usize::MAX,
        }
    }

    /// Stores a future. It has not been woken yet.
    pub(crate) fn add(&mut self, id: TaskId, future: BoxedTask, wakers: W) {
        let place = self.places.insert(Place {
            number: id.number,
            state: State::Suspended(Task { future, wakers }),
        });
        debug_assert_eq!(place, id.place);
    }

    /// Takes a task out to be polled, if `begins` says so. `None` as well if it has completed, or is being polled.
    #[inline]
    pub(crate) fn take_if(
        &mut self,
        id: TaskId,
        begins: impl FnOnce(&W) -> bool,
    ) -> Option<Task<W>> {
        let place = self.place(id)?;
        match &place.state {
            State::Suspended(task) if begins(&task.wakers) => {}
            _ => return None,
        }
        match mem::replace(&mut place.state, State::Running) {
            State::Suspended(task) => Some(task),
            State::Running | State::Aborted => None,
        }
    }

    /// Puts back a task that returned `Pending`.
    ///
    /// # Errors
    ///
    /// Returns the task, to be dropped, if it was aborted during the poll.
    #[inline]
    pub(crate) fn put_back(&mut self, id: TaskId, task: Task<W>) -> Result<(), Task<W>> {
        // Its number needs no look: while a task runs, its slot is not another's.
        match self.places.get_mut(id.place) {
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
    pub(crate) fn abort(&mut self, id: TaskId) -> Abort<W> {
        let Some(place) = self.place(id) else {
            return Abort::Over;
        };
        match mem::replace(&mut place.state, State::Aborted) {
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

    #[inline]
    fn place(&mut self, id: TaskId) -> Option<&mut Place<W>> {
        let place = self.places.get_mut(id.place)?;
        (place.number == id.number).then_some(place)
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }
}

impl<W> Default for Tasks<W> {
    fn default() -> Tasks<W> {
        Tasks::new()
    }
}

/// See [`Tasks::abort`].
pub(crate) enum Abort<W> {
    /// It was suspended: drop it.
    Drop(Task<W>),
    /// It is being polled, and will be dropped after that.
    Later,
    /// It has completed, or was aborted before.
    Over,
}
