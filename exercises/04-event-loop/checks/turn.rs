//! turn: one iteration of the loop, made of its parts.

#[path = "turn/parts.rs"]
mod parts;
#[path = "turn/rules.rs"]
mod rules;
#[path = "turn/world.rs"]
mod world;

use std::io;
use std::time::Duration;

use super::subject::{Parts, run_once};
use event_loop::Time;
use probe::panics::expected;
use probe::{run, snapshot};
use probe_loop::iteration_runs::{self, IterationMachine};
use world::{MILLIS, ONE_OF_MANY, Sleep, World};

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
fn the_loop_sleeps_for_a_hundred_years_if_no_timer_is_due_before() {
    let run = run!();
    let world = World::new(&run);
    world.set_timer("tea", Duration::from_secs(100 * 365 * 24 * 60 * 60));
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
    use io::ErrorKind::{Interrupted, Other, TimedOut, Unsupported};
    for kind in [Unsupported, TimedOut, Interrupted, Other] {
        the_driver_fails(kind);
    }
}

#[track_caller]
fn the_driver_fails(kind: io::ErrorKind) {
    let run = run!();
    let world = World::new(&run);
    world.wake(&["A"]);
    world.set_timer("tea", Duration::ZERO);
    world.script(Sleep::Fails(kind));
    let turn = run.recorder().enters("loop", "iteration");
    match expected(|| run_once(&world)) {
        Ok(Err(error)) if error.kind() == kind => turn.returns("error"),
        Ok(Err(error)) => run.departs(format!("The driver failed, and `run_once` returned another error: {error}.")),
        Ok(Ok(())) => run.diagnose(
            "failure-ignored",
            format!("The driver failed with {kind:?}, and `run_once` returned Ok. The driver's error is the outcome of the iteration."),
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
