//! Short runs of one loop's iterations, on parts that record what is done with them.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io;
use std::time::Duration;

use event_loop::Time;
use probe::runs::{Machine, Operation, Search, Step};

/// A task of this world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Does nothing when it is polled.
    A,
    /// The task that the driver's events are for.
    B,
    /// Wakes itself whenever it is polled.
    Greedy,
    /// Sets a timer for five milliseconds later whenever it is polled.
    Sleeper,
}

impl Task {
    fn name(self) -> &'static str {
        match self {
            Task::A => "A",
            Task::B => "B",
            Task::Greedy => "greedy",
            Task::Sleeper => "sleeper",
        }
    }
}

/// What happens when the driver is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// The sleep lasts as long as it may.
    Sleeps,
    /// There is an event for B.
    Event,
    /// The sleep ends after four milliseconds, early.
    Early,
    /// The driver fails.
    Fails,
}

/// One step of a short run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IterationStep {
    /// A task is woken.
    Wake(Task),
    /// A timer of task A is set, for this number of microseconds later.
    Timer(u64),
    /// Twenty milliseconds go by.
    Pass,
    /// The loop runs an iteration.
    Iterate(Ask),
}

impl Operation for IterationStep {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            IterationStep::Wake(task) => task.name().into(),
            IterationStep::Timer(_) => "A".into(),
            IterationStep::Pass => "clock".into(),
            IterationStep::Iterate(_) => "loop".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            IterationStep::Wake(_) => "is woken".into(),
            IterationStep::Timer(0) => "sets a timer for now".into(),
            IterationStep::Timer(micros) => {
                format!("sets a timer, {} later", later(*micros)).into()
            }
            IterationStep::Pass => "20ms go by".into(),
            IterationStep::Iterate(Ask::Sleeps) => "run_once()".into(),
            IterationStep::Iterate(Ask::Event) => "run_once(), with an event for B".into(),
            IterationStep::Iterate(Ask::Early) => "run_once(), the sleep ends after 4ms".into(),
            IterationStep::Iterate(Ask::Fails) => "run_once(), the driver fails".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            IterationStep::Wake(task) => format!("{} was woken", task.name()).into(),
            IterationStep::Timer(micros) => {
                format!("A set a timer for {} later", later(*micros)).into()
            }
            IterationStep::Pass => "20ms went by".into(),
            IterationStep::Iterate(Ask::Sleeps) => "an iteration ran".into(),
            IterationStep::Iterate(Ask::Event) => "an iteration ran with an event for B".into(),
            IterationStep::Iterate(Ask::Early) => "an iteration ran whose sleep ended early".into(),
            IterationStep::Iterate(Ask::Fails) => "an iteration ran whose driver failed".into(),
        }
    }
}

fn later(micros: u64) -> String {
    format!("{:?}", Duration::from_micros(micros))
}

/// Every run of up to three steps, and some long ones.
#[must_use]
pub fn search() -> Search<IterationStep> {
    use IterationStep::{Iterate, Pass, Timer, Wake};
    let alphabet = [
        Wake(Task::A),
        Iterate(Ask::Sleeps),
        Timer(10_000),
        Timer(0),
        Pass,
        Iterate(Ask::Event),
        Iterate(Ask::Early),
        Iterate(Ask::Fails),
        Wake(Task::Greedy),
        Wake(Task::Sleeper),
        Timer(500),
        Timer(3_600_000_001),
    ];
    Search::of(&alphabet).up_to(3).and_random(300, 12, 46)
}

/// A loop's parts on a clock that jumps: each method is the part of that name.
#[derive(Debug, Default)]
pub struct Parts {
    clock: Cell<Time>,
    timers: RefCell<Vec<Time>>,
    ready: RefCell<Vec<Task>>,
    ask: Cell<Option<Ask>>,
    is_asleep: Cell<bool>,
    /// What the driver was asked for in this iteration.
    asked: RefCell<Vec<String>>,
    /// What ran in this iteration.
    ran: RefCell<Vec<&'static str>>,
}

/// More entries than a right iteration runs here.
const FLOOD: usize = 100;

impl Parts {
    /// The clock.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock.get()
    }

    /// The earliest timer.
    #[must_use]
    pub fn next_timer(&self) -> Option<Time> {
        self.timers.borrow().iter().min().copied()
    }

    /// Whether the loop may sleep, which is noted.
    #[must_use]
    pub fn fall_asleep(&self) -> bool {
        let may_sleep = self.ready.borrow().is_empty();
        self.is_asleep.set(may_sleep);
        may_sleep
    }

    /// The driver.
    ///
    /// # Errors
    ///
    /// If this iteration's driver fails.
    pub fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        let noted = match self.is_asleep.replace(false) {
            true => "",
            false => ", without fall_asleep",
        };
        self.asked.borrow_mut().push(match timeout {
            Some(Duration::ZERO) => "polls for events".to_owned(),
            Some(timeout) => format!("sleeps for {timeout:?}{noted}"),
            None => format!("sleeps without limit{noted}"),
        });
        let passes = |time: Duration| self.clock.set(self.clock.get() + time);
        match self.ask.get() {
            Some(Ask::Fails) => return Err(io::ErrorKind::Unsupported.into()),
            Some(Ask::Event) => self.ready.borrow_mut().push(Task::B),
            Some(Ask::Early) => passes(timeout.unwrap_or(EARLY).min(EARLY)),
            _ => passes(timeout.unwrap_or_default()),
        }
        Ok(())
    }

    /// Wakes A for each timer that is due.
    pub fn fire_timers(&self, now: Time) {
        let mut timers = self.timers.borrow_mut();
        let set = timers.len();
        timers.retain(|when| *when > now);
        let fired = set - timers.len();
        self.ready
            .borrow_mut()
            .extend(std::iter::repeat_n(Task::A, fired));
    }

    /// The ready entries.
    #[must_use]
    pub fn take_batch(&self) -> Vec<Task> {
        std::mem::take(&mut self.ready.borrow_mut())
    }

    /// Polls a task.
    ///
    /// # Panics
    ///
    /// If an iteration runs without end.
    pub fn run(&self, task: Task) {
        self.ran.borrow_mut().push(task.name());
        assert!(
            self.ran.borrow().len() < FLOOD,
            "one iteration ran {FLOOD} entries"
        );
        match task {
            Task::A | Task::B => {}
            Task::Greedy => self.ready.borrow_mut().push(Task::Greedy),
            Task::Sleeper => self.set(Duration::from_millis(5)),
        }
    }

    fn set(&self, after: Duration) {
        self.timers.borrow_mut().push(self.now() + after);
    }

    /// One iteration, plainly right.
    fn iterate(&self) -> io::Result<()> {
        let left = self.next_timer().map(|when| when - self.now());
        match self.fall_asleep() {
            true => self.park(left)?,
            false => self.park(Some(Duration::ZERO))?,
        }
        self.fire_timers(self.now());
        self.take_batch()
            .into_iter()
            .for_each(|task| self.run(task));
        Ok(())
    }
}

const EARLY: Duration = Duration::from_millis(4);

/// Carries out the steps, with an iteration of the learner's or the plain one.
#[derive(Debug)]
pub struct IterationMachine {
    parts: Parts,
    iterate: fn(&Parts) -> io::Result<()>,
}

impl IterationMachine {
    /// A machine whose iterations are these.
    #[must_use]
    pub fn new(iterate: fn(&Parts) -> io::Result<()>) -> IterationMachine {
        IterationMachine {
            parts: Parts::default(),
            iterate,
        }
    }

    /// A machine that is plainly right.
    #[must_use]
    pub fn reference() -> IterationMachine {
        IterationMachine::new(Parts::iterate)
    }
}

impl Machine for IterationMachine {
    type Operation = IterationStep;

    fn apply(&mut self, step: &IterationStep) -> Option<Step> {
        let parts = &self.parts;
        match *step {
            IterationStep::Wake(task) => parts.ready.borrow_mut().push(task),
            IterationStep::Timer(micros) => parts.set(Duration::from_micros(micros)),
            IterationStep::Pass => parts.clock.set(parts.now() + Duration::from_millis(20)),
            IterationStep::Iterate(ask) => {
                parts.ask.set(Some(ask));
                let outcome = match (self.iterate)(parts) {
                    Ok(()) => "Ok".to_owned(),
                    Err(error) => format!("Err({})", error.kind()),
                };
                parts.is_asleep.set(false);
                let asked = std::mem::take(&mut *parts.asked.borrow_mut());
                let ran = std::mem::take(&mut *parts.ran.borrow_mut());
                return Some(
                    Step::of(outcome)
                        .fact("driver", listed(&asked, "is not asked"))
                        .fact("entries run", listed(&ran, "none"))
                        .absence(
                            "timers",
                            format!("{} still set", parts.timers.borrow().len()),
                        ),
                );
            }
        }
        Some(Step::of("done"))
    }

    fn end(self) -> Step {
        Step::of("the loop is dropped")
    }
}

fn listed(items: &[impl AsRef<str>], none: &str) -> String {
    match items {
        [] => none.to_owned(),
        items => {
            let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
            items.join(", ")
        }
    }
}
