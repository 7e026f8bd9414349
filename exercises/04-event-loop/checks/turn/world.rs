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
    parks_before: Cell<usize>,
    pub(super) in_turn: Cell<usize>,
    pub(super) taken: Cell<usize>,
    /// The driver was only polled where it could have slept: which event that was, and what is said of it.
    polled: Cell<Option<(Option<usize>, &'static str, String)>>,
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

    #[track_caller]
    pub(super) fn must_have_slept(&self) {
        if !self.slept.get() {
            self.run
                .departs("No entry was ready, no timer was due, and the loop did not sleep.");
        }
    }

    #[track_caller]
    pub(super) fn expect_run(&self, names: &[&str], why: &str) {
        let ran = self.ran.borrow();
        if *ran == names {
            return;
        }
        let missing: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| !ran.contains(name))
            .collect();
        if self
            .ready
            .borrow()
            .iter()
            .any(|ready| missing.contains(ready))
        {
            self.run.diagnose(
                "batch-taken-too-soon",
                format!(
                    "{why} At the end of the iteration {} ready and not run. The batch was taken before the events and the timers had woken \
                     their tasks, which now wait for the next iteration.",
                    list(&missing),
                ),
            );
        }
        let mut sorted = ran.clone();
        sorted.sort_unstable();
        let mut expected = names.to_vec();
        expected.sort_unstable();
        if sorted == expected && names.len() > 1 && ran.iter().rev().eq(names) {
            self.run.diagnose(
                "lifo-starvation",
                format!("{why} They ran in the opposite order: {}.", ran.join(", ")),
            );
        }
        let seen = if ran.is_empty() {
            "nothing".to_owned()
        } else {
            ran.join(", ")
        };
        self.run.departs(format!(
            "{why} Run so far: {seen}. Expected: {}.",
            if names.is_empty() {
                "nothing".to_owned()
            } else {
                names.join(", ")
            }
        ))
    }

    #[track_caller]
    pub(super) fn refuse_sleep(&self, timeout: Option<Duration>) {
        if !self.ready.borrow().is_empty() {
            self.run.diagnose(
                "slept-with-work",
                format!(
                    "{} ready, and the driver was asked to sleep. Nothing is run until another wake or an event ends the sleep.",
                    list(&Vec::from(self.ready.borrow().clone())),
                ),
            );
        }
        let in_hand = self.taken.get() - self.ran.borrow().len();
        if in_hand > 0 {
            self.run.diagnose(
                "slept-with-work",
                format!(
                    "The batch was taken before the sleep, with {in_hand} entries in it that have not been run. The queue is empty now, so \
                     `fall_asleep` returned true, and the loop sleeps with a batch to run. Take the batch after the sleep."
                ),
            );
        }
        if self.parks.get() - self.parks_before.get() > 1 {
            self.run.departs(
                "The driver was asked a second time in this iteration; once is expected. After the first time the loop counts as awake, so a \
                 wake from another thread does not end this sleep.",
            );
        }
        if !self.asleep.get() {
            self.run.diagnose(
                "deaf-to-threads",
                "The driver was asked to sleep, and `fall_asleep` had not returned true in this iteration. A wake from another thread does \
                 not end such a sleep.",
            );
        }
        let next = self.timers.borrow().first().copied();
        let Some((when, name)) = next else {
            if let Some(timeout) = timeout {
                self.run.departs(format!(
                    "No timer is set, and the driver may sleep for {timeout:?} at most: the loop wakes up then, for nothing. Expected: a \
                     sleep without a limit."
                ));
            }
            return;
        };
        let left = when.saturating_since(self.clock.get());
        if timeout.is_none_or(|timeout| timeout > left) {
            self.run.diagnose(
                "overslept",
                format!("The timer \"{name}\" is due in {left:?}, and the driver may sleep {}. No wake ends the sleep for the timer.", timeout.map_or("without limit".to_owned(), |timeout| format!("for {timeout:?}"))),
            );
        }
        let shorter = timeout.filter(|timeout| *timeout < left);
        if let Some(timeout) = shorter {
            if left - timeout < MILLIS {
                self.run
                    .diagnose("rounded-down", rounded_down(name, left, timeout));
            }
            self.run.departs(format!(
                "The timer \"{name}\" is due in {left:?}, and the driver may sleep for {timeout:?} at most: the loop wakes up then, for \
                 nothing. Expected: until the timer is due, however late that is."
            ));
        }
    }

    /// Notes a poll without a sleep where nothing is ready. Whether the loop then sleeps all the same shows at the end of the iteration.
    pub(super) fn note_look(&self) {
        let is_taken = self.taken.get() > self.ran.borrow().len();
        if is_taken || !self.ready.borrow().is_empty() || self.due().is_some() {
            return;
        }
        let next = self.timers.borrow().first().copied();
        let (mistake, sentence) = match next.map(|(when, name)| (when.saturating_since(self.clock.get()), name)) {
            Some((left, name)) if left < MILLIS => ("rounded-down", rounded_down(name, left, Duration::ZERO)),
            _ => (
                "never-sleeps",
                "No entry is ready, no timer is due, and the driver was asked only to poll: the loop spins, and keeps a core busy.".to_owned(),
            ),
        };
        let event = self.run.recorder().last_event();
        self.polled.set(Some((event, mistake, sentence)));
    }

    pub(super) fn pass(&self, millis: Duration) {
        self.clock.set(self.clock.get() + millis);
        self.run.recorder().set_time(self.clock.get().since_start());
    }
}

fn rounded_down(name: &str, left: Duration, timeout: Duration) -> String {
    format!(
        "The timer \"{name}\" is due in {left:?}, and the driver may sleep for {timeout:?}. When that sleep ends, the timer is not yet due: \
         the next sleeps are rounded down to zero, and the loop spins until it is."
    )
}

/// `A is`, `A and B are`, `A, B and C are`.
fn list(names: &[&str]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => {
            format!("{} and {last} are", before.join(", "))
        }
        _ => format!("{} is", names.join("")),
    }
}
