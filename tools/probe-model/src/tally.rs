//! What is known about one future that a function drives by sleeping: its polls, its wakes, and the sleeps in between.

use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use probe::{Recorder, Run};
use probe_futures::spy;

use crate::sync::thread;
use crate::{Sleep, last_sleep};

/// More polls without a wake than an occasional spurious one makes.
const FAR_TOO_MANY: usize = 30;

const SPINS: &str = "The future was polled again and again, with no sleep in between, and nothing had called its waker. While the future \
                     waits the thread must sleep, and use no processor time.";

/// Counts the polls of one future and the calls of its waker, and explains a poll without a wake by how the thread slept before it.
#[derive(Clone, Default)]
pub struct Tally {
    polls: Arc<AtomicUsize>,
    wakes: Arc<AtomicUsize>,
    run: Arc<Mutex<Option<Run>>>,
}

impl Tally {
    /// A future that is ready with 7 at its poll number `ready_at`. At each poll before, it does `step` with its waker.
    pub fn future(
        &self,
        run: &Run,
        ready_at: usize,
        mut step: impl FnMut(&Tally, &Waker),
    ) -> impl Future<Output = u32> {
        self.watch(run);
        let own = self.clone();
        let future = poll_fn(move |context| {
            if own.polled() >= ready_at {
                return Poll::Ready(7);
            }
            step(&own, context.waker());
            // A sleep of the future's own explains nothing.
            let _its_own = last_sleep();
            thread::yield_now();
            Poll::Pending
        });
        spy(run, "future", future)
    }

    /// Counts a poll, and returns its number.
    ///
    /// # Panics
    ///
    /// If nothing had called the waker and a sleep explains why the thread polled nevertheless: with `bare-park`, `if-not-while` or
    /// `sleeps-by-the-clock`. With `busy-poll` if there was no sleep, far too often.
    pub fn polled(&self) -> usize {
        let polls = self.polls.fetch_add(1, Relaxed) + 1;
        let (slept, asked) = (last_sleep(), 1 + self.wakes.load(Relaxed));
        if polls > asked
            && let Some(run) = &*self.run.lock().unwrap_or_else(PoisonError::into_inner)
        {
            match slept {
                Some(sleep) => believed(run, sleep),
                None if polls > asked + FAR_TOO_MANY => run.diagnose("busy-poll", SPINS),
                None => {}
            }
        }
        polls
    }

    /// Refuses polls without a wake that no sleep explains.
    ///
    /// # Panics
    ///
    /// If there were any.
    #[track_caller]
    pub fn refuse_polls_in_a_row(&self, run: &Run) {
        let (polls, asked) = (self.polls(), 1 + self.wakes.load(Relaxed));
        if polls > asked {
            let (called, due) = match asked {
                1 => (
                    "Nothing had called the waker",
                    "One poll was due, the first",
                ),
                _ => (
                    "The waker was called once",
                    "Two polls were due, the first and one for the wake",
                ),
            };
            run.departs(format!(
                "{called}, and the future was polled {polls} times. {due}. Before each of the other polls there was no wake and no \
                 sleep."
            ));
        }
    }

    /// How often the future was polled so far.
    #[must_use]
    pub fn polls(&self) -> usize {
        self.polls.load(Relaxed)
    }

    /// Calls the waker by reference, and counts the wake.
    pub fn wake(&self, waker: &Waker) {
        self.will_be_woken();
        waker.wake_by_ref();
    }

    /// Counts a wake that comes in another way than by [`wake`](Tally::wake).
    pub fn will_be_woken(&self) {
        self.wakes.fetch_add(1, Relaxed);
    }

    /// From now on polls without a wake are diagnosed in `run`.
    pub fn watch(&self, run: &Run) {
        *self.run.lock().unwrap_or_else(PoisonError::into_inner) = Some(run.clone());
    }

    /// The recorder of the watched run.
    ///
    /// # Panics
    ///
    /// If no run is watched.
    #[must_use]
    pub fn recorder(&self) -> Recorder {
        let run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        run.as_ref().expect("a run is watched").recorder().clone()
    }
}

/// The future was polled although nothing had called its waker, and the thread had slept like this before.
#[track_caller]
fn believed(run: &Run, sleep: Sleep) -> ! {
    match sleep {
        Sleep::Parked => run.diagnose(
            "bare-park",
            "A park returned, and the future was polled, although nothing had called its waker. A park returns at once if a token is \
             left over, and it may return without one: a park that returns is not a wake.",
        ),
        Sleep::Waited => run.diagnose(
            "if-not-while",
            "A condition variable's `wait` returned, and the future was polled, although nothing had called its waker. `wait` may \
             return without a notification: a `wait` that returns is not a wake.",
        ),
        Sleep::ForATime => run.diagnose(
            "sleeps-by-the-clock",
            "The thread slept for a time, and then the future was polled, although nothing had called its waker. The end of a time is \
             not a wake.",
        ),
    }
}

/// Calls of a waker, and whether one of them is still in progress.
#[derive(Clone, Default)]
pub struct Calls {
    started: Arc<AtomicUsize>,
    returned: Arc<AtomicUsize>,
}

impl Calls {
    /// Records and counts one call, made in this track.
    pub fn count(&self, run: &Run, track: &str, call: impl FnOnce()) {
        self.started.fetch_add(1, Relaxed);
        let entered = run.recorder().enters(track, "calls the waker");
        call();
        entered.returns("returns");
        self.returned.fetch_add(1, Relaxed);
    }

    /// Whether a call has not returned.
    #[must_use]
    pub fn is_inside_one(&self) -> bool {
        self.started.load(Relaxed) > self.returned.load(Relaxed)
    }
}
