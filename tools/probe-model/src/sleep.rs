//! How the threads of a model sleep, and what they get up for.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};
use shuttle::thread::{self, ThreadId};

/// The number of timed sleeps in one run from which they are a way to wait, and no accident.
const BY_THE_CLOCK: usize = 200;

/// What the panic says when a run has that number of timed sleeps.
pub(crate) const CLOCKED: &str = "it slept for a time, and looked again, without end";

/// A way in which a thread slept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sleep {
    /// In a park.
    Parked,
    /// At a condition variable.
    Waited,
    /// In one of the calls that are given a time.
    ForATime,
}

thread_local! {
    // All threads of a model are one thread of the system, so this is one place for all of them.
    static NEWEST: RefCell<HashMap<ThreadId, Sleep>> = RefCell::default();
    static FOR_A_TIME: Cell<usize> = const { Cell::new(0) };
    static MAY_END_FOR_NOTHING: Cell<bool> = const { Cell::new(false) };
}

/// How the present thread of the model slept last, if it did since it was asked last.
///
/// It explains a poll without a wake: the executor believed a spurious return of `park` or of a wait,
/// or it did not sleep at all.
#[must_use]
pub fn last_sleep() -> Option<Sleep> {
    NEWEST.with_borrow_mut(|newest| newest.remove(&thread::current().id()))
}

/// The present thread has slept.
pub(crate) fn note(sleep: Sleep) {
    if std::thread::panicking() {
        return;
    }
    NEWEST.with_borrow_mut(|newest| newest.insert(thread::current().id(), sleep));
    if sleep == Sleep::ForATime {
        let times = FOR_A_TIME.get() + 1;
        FOR_A_TIME.set(times);
        assert!(times < BY_THE_CLOCK, "{CLOCKED}");
    }
}

/// Whether a condition variable may return for nothing.
pub(crate) fn may_end_for_nothing() -> bool {
    MAY_END_FOR_NOTHING.get() && !std::thread::panicking()
}

/// A scheduler that says whether a thread may get up for nothing. If not, it sleeps until it is
/// told to get up.
pub(crate) struct Faithful<S> {
    inner: S,
    may_end_for_nothing: bool,
}

impl<S> Faithful<S> {
    pub(crate) fn new(inner: S, may_end_for_nothing: bool) -> Faithful<S> {
        Faithful {
            inner,
            may_end_for_nothing,
        }
    }
}

impl<S: Scheduler> Scheduler for Faithful<S> {
    /// A run begins: no thread has slept yet.
    fn new_execution(&mut self) -> Option<Schedule> {
        NEWEST.take();
        FOR_A_TIME.set(0);
        MAY_END_FOR_NOTHING.set(self.may_end_for_nothing);
        self.inner.new_execution()
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        if self.may_end_for_nothing {
            return self.inner.next_task(runnable, current, is_yielding);
        }
        let told: Vec<&Task> = runnable
            .iter()
            .copied()
            .filter(|task| !task.blocked())
            .collect();
        self.inner.next_task(&told, current, is_yielding)
    }

    fn next_u64(&mut self) -> u64 {
        self.inner.next_u64()
    }
}

/// A scheduler to which a thread that yields is as good as any: it runs on until it sleeps, or until its turn is taken away. After
/// many yields in a row it gives way after all, so that a thread that waits for another in a loop does not wait forever.
pub(crate) struct Stubborn<S> {
    inner: S,
    yields: u32,
}

/// Yields in a row that a [`Stubborn`] scheduler does not hear.
const UNHEARD: u32 = 20;

impl<S> Stubborn<S> {
    pub(crate) fn new(inner: S) -> Stubborn<S> {
        Stubborn { inner, yields: 0 }
    }
}

impl<S: Scheduler> Scheduler for Stubborn<S> {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.yields = 0;
        self.inner.new_execution()
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        self.yields = if is_yielding {
            self.yields + 1
        } else {
            self.yields / 2
        };
        let heard = is_yielding && self.yields > UNHEARD;
        self.inner.next_task(runnable, current, heard)
    }

    fn next_u64(&mut self) -> u64 {
        self.inner.next_u64()
    }
}
