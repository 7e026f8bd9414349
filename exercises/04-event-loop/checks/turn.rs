//! turn: one turn of the loop, made of its parts.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use super::subject::{Parts, run_once};
use event_loop::Time;
use probe::panics::expected;
use probe::{Run, run, snapshot};

const MILLIS: Duration = Duration::from_millis(1);

#[test]
fn what_is_ready_is_run_oldest_first() {
    let run = run!("three_are_ready");
    let world = World::new(&run);
    world.wake(&["A", "B", "C"]);
    world.turn();
    world.expect_run(&["A", "B", "C"], "A, B and C were ready, in this order.");
    world.turn_expecting_nothing();
    snapshot!(run);
}

#[test]
fn with_nothing_to_do_it_sleeps_until_it_is_woken() {
    let run = run!("woken_from_its_sleep");
    let world = World::new(&run);
    world.script(Sleep::Wakes(70, "A"));
    world.turn();
    world.must_have_slept();
    world.expect_run(&["A"], "A was woken, and that ended the sleep.");
    snapshot!(run);
}

#[test]
fn it_sleeps_until_the_next_timer_is_due_and_fires_it() {
    let run = run!("a_timer");
    let world = World::new(&run);
    world.set_timer("tea", 30 * MILLIS);
    world.set_timer("coffee", 50 * MILLIS);
    world.turn();
    world.must_have_slept();
    world.expect_run(
        &["tea"],
        "The timer \"tea\" was due when the sleep was over, and it wakes its task.",
    );
    world.turn();
    world.expect_run(
        &["tea", "coffee"],
        "The timer \"coffee\" was due when the second sleep was over.",
    );
    snapshot!(run);
}

#[test]
fn a_timer_that_is_overdue_is_fired_without_a_sleep() {
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
                "The next timer was due 10ms ago, and your code panicked: {}. There is no negative duration.",
                panic.message
            ),
        ),
        Err(panic) => run.departs(format!("The next timer was due 10ms ago, and your code panicked: {}.", panic.message)),
    }
    world.expect_run(&["tea"], "The timer \"tea\" was overdue.");
}

#[test]
fn half_a_millisecond_is_time_to_sleep() {
    let run = run!();
    let world = World::new(&run);
    world.set_timer("tea", MILLIS / 2);
    world.turn();
    world.expect_run(
        &["tea"],
        "The timer \"tea\" was due when the sleep was over.",
    );
}

#[test]
fn with_something_ready_it_looks_for_events_and_does_not_sleep() {
    let run = run!("events_are_seen");
    let world = World::new(&run);
    world.set_timer("tea", 30 * MILLIS);
    world.wake(&["A"]);
    world.script(Sleep::Event("B"));
    world.turn();
    world.expect_run(&["A", "B"], "A was ready, and there was an event for B.");
    snapshot!(run);
}

#[test]
fn a_timer_that_is_due_is_fired_also_if_something_is_ready() {
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
fn what_becomes_ready_meanwhile_is_for_the_next_turn() {
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
                "In {turn} turns the task that wakes itself was polled {polls} times."
            ));
        }
    }
    if world.parks.get() < 3 {
        run.departs("There were three turns, and the driver was not asked in each of them.");
    }
    snapshot!(run);
}

#[test]
fn a_sleep_that_ends_early_proves_nothing() {
    let run = run!("an_early_return");
    let world = World::new(&run);
    world.set_timer("tea", 30 * MILLIS);
    world.script(Sleep::EndsAfter(10));
    world.turn();
    world.expect_run(
        &[],
        "The sleep ended after 10ms, for no reason, and the timer is set for 30ms.",
    );
    world.turn();
    world.expect_run(&["tea"], "In the next turn it was time.");
    snapshot!(run);
}

#[test]
fn a_driver_that_fails_ends_the_turn() {
    let run = run!();
    let world = World::new(&run);
    world.wake(&["A"]);
    world.set_timer("tea", Duration::ZERO);
    world.script(Sleep::Fails);
    let turn = run.recorder().enters("loop", "turn");
    match expected(|| run_once(&world)) {
        Ok(Err(error)) if error.kind() == io::ErrorKind::Unsupported => turn.returns("error"),
        Ok(Err(error)) => run.departs(format!("The driver failed, and another error came out: {error}.")),
        Ok(Ok(())) => run.diagnose(
            "failure-ignored",
            "The driver could not sleep, and the turn says that all is well. The loop would go round and round, and never hear of an event.",
        ),
        Err(panic) => {
            drop(turn);
            run.departs(format!("The driver failed, and your code panicked: {}.", panic.message));
        }
    }
    if !world.ran.borrow().is_empty() {
        run.departs("The driver failed, and something was run all the same.");
    }
    world.turn();
    world.expect_run(&["A", "tea"], "The driver was well again.");
}

/// What the driver's next sleep, or look, does.
#[derive(Debug, Clone, Copy)]
enum Sleep {
    /// After so many milliseconds somebody is woken from another thread, which ends the sleep.
    Wakes(u64, &'static str),
    /// There is an event for somebody.
    Event(&'static str),
    /// It returns after so many milliseconds, for no reason.
    EndsAfter(u64),
    /// It fails.
    Fails,
}

/// More entries than any turn here has.
const FAR_TOO_MANY: usize = 20;

/// A loop's parts, on a clock that jumps; the laws of a turn are in its parts.
struct World {
    run: Run,
    clock: Cell<Time>,
    timers: RefCell<Vec<(Time, &'static str)>>,
    ready: RefCell<VecDeque<&'static str>>,
    script: RefCell<VecDeque<Sleep>>,
    /// Whether the task called `greedy` wakes itself when it is polled.
    greedy: Cell<bool>,
    ran: RefCell<Vec<&'static str>>,
    /// Whether whoever wakes somebody would call the unparker.
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
        let turn = self.run.recorder().enters("loop", "turn");
        let result = run_once(self);
        if let Err(error) = result {
            turn.returns("error");
            self.run
                .departs(format!("Nothing failed, and the turn did: {error}."));
        }
        turn.returns("done");
        match self.parks.get() - self.parks_before.get() {
            1 => {}
            0 if ready => self.run.diagnose(
                "io-starved",
                "Something was ready, and the driver was not asked in this turn. As long as some task is always ready, no event will ever \
                 be seen: no socket, and no timer that is left to the driver.",
            ),
            0 => self.run.departs("Nothing was ready, and the driver was not asked: the loop would go round without a pause."),
            parks => self.run.departs(format!("The driver was asked {parks} times in one turn.")),
        }
        if let Some((when, name)) = self.due() {
            self.run.diagnose(
                "timer-a-turn-late",
                format!(
"It is {}, the timer \"{name}\" was due at {when}, and the turn is over. It was fired before the sleep, or not at all.",
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
            self.run.departs(
                "Everything that was ready had been run, and something was run once more.",
            );
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
                .departs("There was nothing to do, and the loop did not sleep.");
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
                    "{why} After the turn {} ready and not run: what is run was taken out before the events and the timers had woken \
                     whom they wake. It would be run a turn later.",
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
                format!(
                    "{why} They were run the other way round: {}.",
                    ran.join(", ")
                ),
            );
        }
        let seen = if ran.is_empty() {
            "nothing".to_owned()
        } else {
            ran.join(", ")
        };
        self.run
            .departs(format!("{why} So far this was run: {seen}."))
    }

    #[track_caller]
    fn refuse_sleep(&self, timeout: Option<Duration>) {
        if !self.ready.borrow().is_empty() {
            self.run.diagnose(
                "slept-with-work",
                format!(
                    "{} ready, and the loop goes to sleep: nothing of that is run until something else ends the sleep.",
                    list(&Vec::from(self.ready.borrow().clone())),
                ),
            );
        }
        let in_hand = self.taken.get() - self.ran.borrow().len();
        if in_hand > 0 {
            self.run.diagnose(
                "slept-with-work",
                format!(
                    "The batch was taken out of the queue, with {in_hand} in it, and none of them has been run. The queue is empty because of \
                     that, so `fall_asleep` agrees, and the loop goes to sleep with the work in its hands. The batch is taken out when \
                     the sleep is over."
                ),
            );
        }
        if !self.asleep.get() {
            self.run.diagnose(
                "deaf-to-threads",
                "The loop goes to sleep, and has not said so with `fall_asleep`: whoever wakes a task from another thread does not know \
                 that there is a sleep to be ended.",
            );
        }
        let next = self.timers.borrow().first().copied();
        let Some((when, name)) = next else { return };
        let left = when.saturating_since(self.clock.get());
        if timeout.is_none_or(|timeout| timeout > left) {
            self.run.diagnose(
                "overslept",
                format!("The timer \"{name}\" is due in {left:?}, and the loop may sleep for longer than that: nobody will wake it for the timer."),
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
                "The timer \"{name}\" is due in {left:?}, and the sleep may last {timeout:?}. What is left of it when the sleep is over is \
                 rounded to nothing each time, and the loop goes round and round until the time has come."
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
                "Nothing is ready, no timer is due, and the driver is told not to wait: the loop goes round and round, and keeps a core busy \
                 with it.",
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
                "What was ready was run before the driver was asked. Whoever is woken by an event now, or by a timer that falls due in the \
                 sleep, has to wait for the next turn.",
            );
        }
        let recorder = self.run.recorder();
        let script = self.script.borrow_mut().pop_front();
        recorder.says(
            "driver",
            match timeout {
                Some(Duration::ZERO) => "looks for events".to_owned(),
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
                    "It is {}, and the timers are to be fired as if it were {now}. That the sleep is over does not say that its time is.",
                    self.clock.get()
                ),
            );
        }
        if now < self.clock.get() {
            self.run.diagnose(
                "clock-read-too-early",
                format!(
                    "It is {}, and the timers that are due at {now} are to be fired: the clock was read before the sleep, and time has passed \
                     in it.",
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
        self.in_turn.set(self.in_turn.get() + 1);
        if self.in_turn.get() > FAR_TOO_MANY {
            self.run.diagnose(
                "batch-never-ends",
                "A task wakes itself whenever it is polled, and the turn has polled it again and again. It has no end: no timer fires, and \
                 no event is looked for.",
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
                "The batch was given back with {} in it, which will not be run.",
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
