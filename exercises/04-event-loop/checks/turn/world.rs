//! The parts of a loop, scripted and recorded.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use super::super::subject::run_once;
use event_loop::Time;
use probe::Run;

pub(super) const MILLIS: Duration = Duration::from_millis(1);

/// One of a thousand entries, which do not count as too many.
pub(super) const ONE_OF_MANY: &str = "one of many";

/// What happens when the driver is asked next.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sleep {
    /// Another thread wakes a task after this many milliseconds, which ends the sleep.
    Wakes(u64, &'static str),
    /// There is an event for a task.
    Event(&'static str),
    /// It returns early, after this many milliseconds.
    EndsAfter(u64),
    /// It fails.
    Fails(std::io::ErrorKind),
}

/// More entries than any iteration here has.
pub(super) const FAR_TOO_MANY: usize = 20;

/// A loop's parts, on a clock that jumps. Each part checks the rules about its own call.
pub(super) struct World {
    pub(super) run: Run,
    pub(super) clock: Cell<Time>,
    pub(super) timers: RefCell<Vec<(Time, &'static str)>>,
    pub(super) ready: RefCell<VecDeque<&'static str>>,
    pub(super) script: RefCell<VecDeque<Sleep>>,
    /// Whether the task called `greedy` wakes itself when it is polled.
    pub(super) greedy: Cell<bool>,
    pub(super) ran: RefCell<Vec<&'static str>>,
    /// Whether a wake would call the unparker.
    pub(super) asleep: Cell<bool>,
    pub(super) parks: Cell<usize>,
    pub(super) slept: Cell<bool>,
    pub(super) parks_before: Cell<usize>,
    pub(super) in_turn: Cell<usize>,
    pub(super) taken: Cell<usize>,
    /// The driver was only polled where it could have slept: which event that was, and what is said of it.
    pub(super) polled: Cell<Option<(Option<usize>, &'static str, String)>>,
}

impl World {
    pub(super) fn new(run: &Run) -> World {
        World {
            run: run.clone(),
            clock: Cell::new(Time::START),
            timers: RefCell::default(),
            ready: RefCell::default(),
            script: RefCell::default(),
            greedy: Cell::new(false),
            ran: RefCell::default(),
            asleep: Cell::new(false),
            parks: Cell::new(0),
            slept: Cell::new(false),
            parks_before: Cell::new(0),
            in_turn: Cell::new(0),
            taken: Cell::new(0),
            polled: Cell::default(),
        }
    }

    pub(super) fn wake(&self, names: &[&'static str]) {
        for name in names {
            self.run.recorder().wakes(name);
            self.ready.borrow_mut().push_back(name);
        }
    }

    pub(super) fn set_timer(&self, name: &'static str, after: Duration) {
        self.run
            .recorder()
            .says(name, format!("has a timer for {after:?}"));
        let mut timers = self.timers.borrow_mut();
        timers.push((Time::START + after, name));
        timers.sort();
    }

    pub(super) fn script(&self, sleep: Sleep) {
        self.script.borrow_mut().push_back(sleep);
    }

    #[track_caller]
    pub(super) fn turn(&self) {
        self.parks_before.set(self.parks.get());
        self.in_turn.set(0);
        self.slept.set(false);
        let ready = !self.ready.borrow().is_empty();
        let turn = self.run.recorder().enters("loop", "iteration");
        let result = run_once(self);
        if let Err(error) = result {
            turn.returns("error");
            self.run.departs(format!(
                "The driver did not fail, and `run_once` returned an error: {error}."
            ));
        }
        turn.returns("done");
        match self.parks.get() - self.parks_before.get() {
            1 => {
                if let Some((event, mistake, sentence)) = self.polled.take() {
                    self.run.diagnose_at(event, mistake, sentence);
                }
            }
            0 if ready => self.run.diagnose(
                "io-starved",
                "An entry was ready, and the driver was not asked in this iteration. As long as a task is always ready, the loop sees no \
                 event of any socket.",
            ),
            0 => self.run.departs("No entry was ready, and the driver was not asked: the loop would spin."),
            parks => self.run.departs(format!("The driver was asked {parks} times in one iteration; once is expected.")),
        }
        if let Some((when, name)) = self.due() {
            self.run.diagnose(
                "timer-a-turn-late",
                format!(
"It is {}, the timer \"{name}\" was due at {when}, and the iteration has ended without firing it.",
                    self.clock.get()
                ),
            );
        }
    }

    pub(super) fn turn_expecting_nothing(&self) {
        let before = self.ran.borrow().len();
        self.script(Sleep::EndsAfter(10));
        self.turn();
        if self.ran.borrow().len() > before {
            self.run
                .departs("No entry was ready, and the iteration ran one.");
        }
    }

    pub(super) fn due(&self) -> Option<(Time, &'static str)> {
        let timers = self.timers.borrow();
        timers
            .first()
            .copied()
            .filter(|(when, _)| *when <= self.clock.get())
    }

    pub(super) fn pass(&self, millis: Duration) {
        self.clock.set(self.clock.get() + millis);
        self.run.recorder().set_time(self.clock.get().since_start());
    }
}
