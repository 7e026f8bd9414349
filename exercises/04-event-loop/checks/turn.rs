//! turn: one iteration of the loop, made of its parts.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use super::subject::{Parts, run_once};
use event_loop::Time;
use probe::panics::expected;
use probe::{Run, run, snapshot};
use probe_loop::iteration_runs::{self, IterationMachine};

const MILLIS: Duration = Duration::from_millis(1);

#[test]
fn every_ready_entry_runs_once_oldest_first() {
    let run = run!("three_are_ready");
    let world = World::new(&run);
    world.wake(&["A", "B", "C"]);
    world.turn();
    world.expect_run(&["A", "B", "C"], "A, B and C were ready, in this order.");
    world.turn_expecting_nothing();
    snapshot!(run);
}

#[test]
fn without_an_entry_or_a_timer_the_loop_sleeps_until_a_wake() {
    let run = run!("woken_from_its_sleep");
    let world = World::new(&run);
    world.script(Sleep::Wakes(70, "A"));
    world.turn();
    world.must_have_slept();
    world.expect_run(&["A"], "A was woken, which ended the sleep.");
    snapshot!(run);
}

#[test]
fn the_loop_sleeps_until_the_next_timer_is_due_and_fires_it() {
    let run = run!("a_timer");
    let world = World::new(&run);
    world.set_timer("tea", 30 * MILLIS);
    world.set_timer("coffee", 50 * MILLIS);
    world.turn();
    world.must_have_slept();
    world.expect_run(
        &["tea"],
        "The timer \"tea\" was due when the sleep ended, and it wakes its task.",
    );
    world.turn();
    world.expect_run(
        &["tea", "coffee"],
        "The timer \"coffee\" was due when the second sleep ended.",
    );
    snapshot!(run);
}

#[test]
fn an_overdue_timer_is_fired_without_a_sleep() {
    let run = run!();
    let world = World::new(&run);
    world.set_timer("tea", 30 * MILLIS);
    world.clock.set(Time::after_start(40 * MILLIS));
    run.recorder().set_time(40 * MILLIS);
    match expected(|| world.turn()) {
        Ok(()) => {}
        Err(panic) if panic.message.contains("overflow") => run.diagnose(
            "negative-timeout",
            format!(
                "The next timer was due 10ms ago, and your code panicked: {}. A `Duration` is never negative.",
                panic.message
            ),
        ),
        Err(panic) => run.departs(format!("The next timer was due 10ms ago, and your code panicked: {}.", panic.message)),
    }
    world.expect_run(&["tea"], "The timer \"tea\" was overdue.");
}

#[test]
fn the_loop_sleeps_for_half_a_millisecond_if_a_timer_is_due_then() {
    let run = run!();
    let world = World::new(&run);
    world.set_timer("tea", MILLIS / 2);
    world.turn();
    world.expect_run(&["tea"], "The timer \"tea\" was due when the sleep ended.");
}

#[test]
fn with_an_entry_ready_the_driver_only_polls_for_events() {
    let run = run!("events_are_seen");
    let world = World::new(&run);
    world.set_timer("tea", 30 * MILLIS);
    world.wake(&["A"]);
    world.script(Sleep::Event("B"));
    world.turn();
    world.expect_run(
        &["A", "B"],
        "A was ready, and the driver had an event for B.",
    );
    snapshot!(run);
}

#[test]
fn a_due_timer_is_fired_even_if_an_entry_is_ready() {
    let run = run!();
    let world = World::new(&run);
    world.set_timer("tea", 30 * MILLIS);
    world.wake(&["A"]);
    world.clock.set(Time::after_start(30 * MILLIS));
    run.recorder().set_time(30 * MILLIS);
    world.turn();
    world.expect_run(&["A", "tea"], "A was ready, and the timer \"tea\" was due.");
}

#[test]
fn an_entry_that_becomes_ready_during_the_batch_runs_in_the_next_iteration() {
    let run = run!("a_greedy_task");
    let world = World::new(&run);
    world.greedy.set(true);
    world.wake(&["greedy", "polite"]);
    for turn in 1..=3 {
        world.turn();
        let polls = world
            .ran
            .borrow()
            .iter()
            .filter(|name| **name == "greedy")
            .count();
        if polls != turn {
            run.departs(format!(
                "The task \"greedy\" wakes itself at each poll. In {turn} iterations it was polled {polls} times; {turn} is expected."
            ));
        }
    }
    if world.parks.get() < 3 {
        run.departs(format!(
            "In three iterations the driver was asked {} times; 3 is expected.",
            world.parks.get()
        ));
    }
    snapshot!(run);
}

#[test]
fn a_sleep_that_ends_early_fires_no_timer() {
    let run = run!("an_early_return");
    let world = World::new(&run);
    world.set_timer("tea", 30 * MILLIS);
    world.script(Sleep::EndsAfter(10));
    world.turn();
    world.expect_run(
        &[],
        "The sleep ended early, after 10ms, and the timer is set for 30ms.",
    );
    world.turn();
    world.expect_run(&["tea"], "The timer was due in the next iteration.");
    snapshot!(run);
}

#[test]
fn a_failure_of_the_driver_ends_the_iteration() {
    let run = run!();
    let world = World::new(&run);
    world.wake(&["A"]);
    world.set_timer("tea", Duration::ZERO);
    world.script(Sleep::Fails);
    let turn = run.recorder().enters("loop", "iteration");
    match expected(|| run_once(&world)) {
        Ok(Err(error)) if error.kind() == io::ErrorKind::Unsupported => turn.returns("error"),
        Ok(Err(error)) => run.departs(format!("The driver failed, and `run_once` returned another error: {error}.")),
        Ok(Ok(())) => run.diagnose(
            "failure-ignored",
            "The driver failed, and `run_once` returned Ok. The loop would spin, and never see an event.",
        ),
        Err(panic) => {
            drop(turn);
            run.departs(format!("The driver failed, and your code panicked: {}.", panic.message));
        }
    }
    if !world.ran.borrow().is_empty() {
        run.departs("The driver failed, and an entry was run in the same iteration.");
    }
    world.turn();
    world.expect_run(
        &["A", "tea"],
        "The driver did not fail again, and A and the timer's task were ready.",
    );
}

#[test]
fn one_iteration_runs_a_thousand_entries() {
    const ENTRIES: usize = 1_000;
    let run = run!();
    let world = World::new(&probe::run!());
    world.ready.borrow_mut().extend([ONE_OF_MANY; ENTRIES]);
    run.recorder()
        .says("loop", format!("{ENTRIES} entries are ready"));
    world.turn();
    let ran = world.ran.borrow().len();
    run.recorder()
        .says("loop", format!("the iteration has run {ran} of them"));
    if ran < ENTRIES {
        run.diagnose(
            "batch-cut-short",
            format!(
                "{ENTRIES} entries were ready, and the iteration ran {ran} of them. It runs every entry of the batch."
            ),
        );
    }
}

#[test]
fn every_short_run_is_as_expected() {
    let yours = || IterationMachine::new(run_once);
    iteration_runs::search().compare(&run!(), yours, IterationMachine::reference);
}

impl Parts for iteration_runs::Parts {
    type Entry = iteration_runs::Task;

    fn now(&self) -> Time {
        self.now()
    }
    fn next_timer(&self) -> Option<Time> {
        self.next_timer()
    }
    fn fall_asleep(&self) -> bool {
        self.fall_asleep()
    }
    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.park(timeout)
    }
    fn fire_timers(&self, now: Time) {
        self.fire_timers(now);
    }
    fn take_batch(&self) -> Vec<Self::Entry> {
        self.take_batch()
    }
    fn run(&self, entry: Self::Entry) {
        self.run(entry);
    }
}

/// One of a thousand entries, which do not count as too many.
const ONE_OF_MANY: &str = "one of many";

/// What happens when the driver is asked next.
#[derive(Debug, Clone, Copy)]
enum Sleep {
    /// Another thread wakes a task after this many milliseconds, which ends the sleep.
    Wakes(u64, &'static str),
    /// There is an event for a task.
    Event(&'static str),
    /// It returns early, after this many milliseconds.
    EndsAfter(u64),
    /// It fails.
    Fails,
}

/// More entries than any iteration here has.
const FAR_TOO_MANY: usize = 20;

/// A loop's parts, on a clock that jumps. Each part checks the rules about its own call.
struct World {
    run: Run,
    clock: Cell<Time>,
    timers: RefCell<Vec<(Time, &'static str)>>,
    ready: RefCell<VecDeque<&'static str>>,
    script: RefCell<VecDeque<Sleep>>,
    /// Whether the task called `greedy` wakes itself when it is polled.
    greedy: Cell<bool>,
    ran: RefCell<Vec<&'static str>>,
    /// Whether a wake would call the unparker.
    asleep: Cell<bool>,
    parks: Cell<usize>,
    slept: Cell<bool>,
    parks_before: Cell<usize>,
    in_turn: Cell<usize>,
    taken: Cell<usize>,
}

impl World {
    fn new(run: &Run) -> World {
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
        }
    }

    fn wake(&self, names: &[&'static str]) {
        for name in names {
            self.run.recorder().wakes(name);
            self.ready.borrow_mut().push_back(name);
        }
    }

    fn set_timer(&self, name: &'static str, after: Duration) {
        self.run
            .recorder()
            .says(name, format!("has a timer for {after:?}"));
        let mut timers = self.timers.borrow_mut();
        timers.push((Time::START + after, name));
        timers.sort();
    }

    fn script(&self, sleep: Sleep) {
        self.script.borrow_mut().push_back(sleep);
    }

    #[track_caller]
    fn turn(&self) {
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
            1 => {}
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

    fn turn_expecting_nothing(&self) {
        let before = self.ran.borrow().len();
        self.script(Sleep::EndsAfter(10));
        self.turn();
        if self.ran.borrow().len() > before {
            self.run
                .departs("No entry was ready, and the iteration ran one.");
        }
    }

    fn due(&self) -> Option<(Time, &'static str)> {
        let timers = self.timers.borrow();
        timers
            .first()
            .copied()
            .filter(|(when, _)| *when <= self.clock.get())
    }

    #[track_caller]
    fn must_have_slept(&self) {
        if !self.slept.get() {
            self.run
                .departs("No entry was ready, no timer was due, and the loop did not sleep.");
        }
    }

    #[track_caller]
    fn expect_run(&self, names: &[&str], why: &str) {
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
    fn refuse_sleep(&self, timeout: Option<Duration>) {
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
        if !self.asleep.get() {
            self.run.diagnose(
                "deaf-to-threads",
                "The driver was asked to sleep, and `fall_asleep` had not returned true in this iteration. A wake from another thread does \
                 not end such a sleep.",
            );
        }
        let next = self.timers.borrow().first().copied();
        let Some((when, name)) = next else { return };
        let left = when.saturating_since(self.clock.get());
        if timeout.is_none_or(|timeout| timeout > left) {
            self.run.diagnose(
                "overslept",
                format!("The timer \"{name}\" is due in {left:?}, and the driver may sleep {}. No wake ends the sleep for the timer.", timeout.map_or("without limit".to_owned(), |timeout| format!("for {timeout:?}"))),
            );
        }
        if timeout.is_some_and(|timeout| timeout < left && left - timeout < MILLIS) {
            self.rounded_down(name, left, timeout.unwrap_or_default());
        }
    }

    #[track_caller]
    fn rounded_down(&self, name: &str, left: Duration, timeout: Duration) -> ! {
        self.run.diagnose(
            "rounded-down",
            format!(
                "The timer \"{name}\" is due in {left:?}, and the driver may sleep for {timeout:?}. When that sleep ends, the timer is not \
                 yet due: the next sleeps are rounded down to zero, and the loop spins until it is."
            ),
        )
    }

    #[track_caller]
    fn refuse_look(&self) {
        let is_taken = self.taken.get() > self.ran.borrow().len();
        if is_taken || !self.ready.borrow().is_empty() || self.due().is_some() {
            return;
        }
        let next = self.timers.borrow().first().copied();
        match next.map(|(when, name)| (when.saturating_since(self.clock.get()), name)) {
            Some((left, name)) if left < MILLIS => self.rounded_down(name, left, Duration::ZERO),
            _ => self.run.diagnose(
                "never-sleeps",
                "No entry is ready, no timer is due, and the driver was asked only to poll: the loop spins, and keeps a core busy.",
            ),
        }
    }

    fn pass(&self, millis: Duration) {
        self.clock.set(self.clock.get() + millis);
        self.run.recorder().set_time(self.clock.get().since_start());
    }
}

impl Parts for World {
    type Entry = &'static str;

    fn now(&self) -> Time {
        self.clock.get()
    }

    fn next_timer(&self) -> Option<Time> {
        Some(self.timers.borrow().first()?.0)
    }

    fn fall_asleep(&self) -> bool {
        let sleeps = self.ready.borrow().is_empty();
        self.asleep.set(sleeps);
        sleeps
    }

    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.parks.set(self.parks.get() + 1);
        if self.in_turn.get() > 0 {
            self.run.diagnose(
                "batch-taken-too-soon",
                "The batch was run before the driver was asked. A task woken by an event now, or by a timer that becomes due in the sleep, \
                 waits for the next iteration.",
            );
        }
        let recorder = self.run.recorder();
        let script = self.script.borrow_mut().pop_front();
        recorder.says(
            "driver",
            match timeout {
                Some(Duration::ZERO) => "polls for events".to_owned(),
                Some(timeout) => format!("sleeps, for {timeout:?} at most"),
                None => "sleeps".to_owned(),
            },
        );
        let looks = timeout == Some(Duration::ZERO);
        match script {
            Some(Sleep::Fails) => {
                recorder.says("driver", "fails");
                return Err(io::ErrorKind::Unsupported.into());
            }
            _ if looks => self.refuse_look(),
            _ => {
                self.slept.set(true);
                self.refuse_sleep(timeout);
            }
        }
        match script {
            Some(Sleep::Event(name)) => self.wake(&[name]),
            Some(Sleep::Wakes(after, name)) if !looks => {
                self.pass(MILLIS * u32::try_from(after).expect("a short time"));
                self.wake(&[name]);
            }
            Some(Sleep::EndsAfter(after)) if !looks => {
                self.pass(MILLIS * u32::try_from(after).expect("a short time"))
            }
            _ => self.pass(timeout.unwrap_or_default()),
        }
        self.asleep.set(false);
        Ok(())
    }

    fn fire_timers(&self, now: Time) {
        if now != self.clock.get() {
            self.run
                .recorder()
                .says("loop", format!("fires the timers that are due at {now}"));
        }
        if now > self.clock.get() {
            self.run.diagnose(
                "trusted-the-sleep",
                format!(
                    "It is {}, and `fire_timers` was called with {now}. A sleep may end before its time-out: read the clock after it.",
                    self.clock.get()
                ),
            );
        }
        if now < self.clock.get() {
            self.run.diagnose(
                "clock-read-too-early",
                format!(
                    "It is {}, and `fire_timers` was called with {now}, the time before the sleep.",
                    self.clock.get()
                ),
            );
        }
        while let Some((_, name)) = self.due() {
            self.timers.borrow_mut().remove(0);
            self.run.recorder().says(name, "its timer fires");
            self.wake(&[name]);
        }
    }

    fn take_batch(&self) -> Vec<&'static str> {
        let batch: Vec<_> = std::mem::take(&mut *self.ready.borrow_mut()).into();
        self.taken.set(self.taken.get() + batch.len());
        batch
    }

    fn run(&self, name: &'static str) {
        self.in_turn
            .set(self.in_turn.get() + usize::from(name != ONE_OF_MANY));
        if self.in_turn.get() > FAR_TOO_MANY {
            self.run.diagnose(
                "batch-never-ends",
                "A task wakes itself at each poll, and one iteration has run more than 20 entries. It does not end: no timer fires, and the \
                 driver is not asked.",
            );
        }
        let call = self.run.recorder().enters(name, "runs");
        self.ran.borrow_mut().push(name);
        if name == "greedy" && self.greedy.get() {
            self.wake(&["greedy"]);
        }
        call.returns("done");
    }

    fn return_batch(&self, batch: Vec<&'static str>) {
        if !batch.is_empty() {
            self.run.departs(format!(
                "`return_batch` was called with {} in the batch, which will not be run.",
                batch.join(", ")
            ));
        }
    }
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
