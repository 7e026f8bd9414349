//! What an observer costs: how often the loop calls it, and how often it reads the clock for it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use event_loop::{
    Driver, End, EventLoop, JumpingDriver, Observer, Origin, Step, TaskId, Time, Unparker,
    WeakWaker, yield_now,
};

/// How often each method of an observer was called, and how often the driver's clock was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Price {
    /// The calls, by method.
    pub calls: BTreeMap<&'static str, u64>,
    /// The readings of the clock.
    pub clock: u64,
}

/// The price of one iteration in which this number of tasks is polled. Each wakes itself and is pending.
#[must_use]
pub fn of_an_iteration(tasks: u64, measures: bool) -> Price {
    let (tally, event_loop) = counted_loop(measures);
    for _ in 0..tasks {
        drop(event_loop.handle().spawn(async {
            loop {
                yield_now().await;
            }
        }));
    }
    event_loop.run_once().expect("the driver does not fail");
    price_of(&tally, &event_loop, || {
        event_loop.run_once().expect("the driver does not fail");
    })
}

/// The price of one task, from its spawn to its end in its first poll, and of the iteration in which that is.
#[must_use]
pub fn of_a_task(measures: bool) -> Price {
    let (tally, event_loop) = counted_loop(measures);
    price_of(&tally, &event_loop, || {
        drop(event_loop.handle().spawn(async {}));
        event_loop.run_once().expect("the driver does not fail");
    })
}

type Counted = EventLoop<CountingDriver, Tally>;

fn counted_loop(measures: bool) -> (Tally, Counted) {
    let tally = Tally {
        measures,
        calls: Arc::default(),
    };
    let event_loop = EventLoop::observed(CountingDriver::default(), tally.clone());
    (tally, event_loop)
}

fn price_of(tally: &Tally, event_loop: &Counted, what: impl FnOnce()) -> Price {
    tally.lock().clear();
    event_loop.driver().readings.set(0);
    what();
    Price {
        calls: tally.lock().clone(),
        clock: event_loop.driver().readings.get(),
    }
}

/// Counts how often its clock is read.
#[derive(Debug, Default)]
struct CountingDriver {
    driver: JumpingDriver,
    readings: Rc<Cell<u64>>,
}

impl Driver for CountingDriver {
    fn now(&self) -> Time {
        self.readings.set(self.readings.get() + 1);
        self.driver.now()
    }

    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.driver.park(timeout)
    }

    fn unparker(&self) -> Unparker {
        self.driver.unparker()
    }
}

/// Counts how often each of its methods is called.
#[derive(Clone)]
struct Tally {
    measures: bool,
    calls: Arc<Mutex<BTreeMap<&'static str, u64>>>,
}

impl Tally {
    fn count(&self, method: &'static str) {
        *self.lock().entry(method).or_default() += 1;
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, u64>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Tally {
    fn turn_begun(&self) {
        self.count("turn_begun");
    }

    fn task_spawned_at(&self, _task: TaskId, _origin: Origin) {
        self.count("task_spawned_at");
    }

    fn task_waker(&self, _task: TaskId, _waker: WeakWaker) {
        self.count("task_waker");
    }

    fn woken(&self, _task: TaskId) {
        self.count("woken");
    }

    fn poll_begun(&self, _task: TaskId) {
        self.count("poll_begun");
    }

    fn poll_with<R>(&self, _task: TaskId, waker: &Waker, poll: impl FnOnce(&Waker) -> R) -> R {
        self.count("poll_with");
        poll(waker)
    }

    fn polled(&self, _task: TaskId, _ready: bool) {
        self.count("polled");
    }

    fn task_finished(&self, _task: TaskId, _end: End) {
        self.count("task_finished");
    }

    fn parked(&self, _timeout: Option<Duration>) {
        self.count("parked");
    }

    fn unparked(&self) {
        self.count("unparked");
    }

    fn measures(&self) -> bool {
        self.measures
    }

    fn took(&self, step: Step, _duration: Duration) {
        self.count(match step {
            Step::Poll(_) => "took, of a poll",
            _ => "took, of a park",
        });
    }
}

impl fmt::Display for Price {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (method, times) in &self.calls {
            writeln!(out, "  {method:16} {times:>6}")?;
        }
        writeln!(out, "  {:16} {:>6}", "(clock readings)", self.clock)
    }
}
