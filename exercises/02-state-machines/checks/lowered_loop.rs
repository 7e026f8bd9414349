//! 2.3 lowered-loop: an await inside of a loop, without `async`.

#[path = "lowered_loop/sources.rs"]
mod sources;

use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use super::subject::total;
use probe::runs::Search;
use probe::{Recorder, Run, run, snapshot};
use probe_futures::children::{
    Event, Family, NEVER_DROPPED, Nursery, PANIC_SWALLOWED, WAKER_LEAKED,
};
use probe_futures::laws::driving::{self, Driven};
use probe_futures::poller;
use sources::{Gates, Many, Nursed, RECURSION, SCRIPTS, Scripted, expect};
use state_machines::source::{self};

#[test]
fn the_source_is_not_asked_before_the_first_poll() {
    let run = run!();
    let mut source = Scripted::new(&run, [(0, 1)]);
    drop(driving::does_nothing_until_polled(&run, || {
        total(&mut source)
    }));
}

#[test]
fn a_number_that_is_late_is_awaited() {
    let run = run!("one_late");
    expect(&run, [(0, 1), (2, 10), (0, 100)]);
    snapshot!(run);
}

#[test]
fn numbers_that_are_ready_at_once_are_added_in_one_poll() {
    let run = run!("at_once");
    expect(&run, [(0, 1), (0, 10), (0, 100)]);
    snapshot!(run);
}

#[test]
fn without_numbers_the_total_is_zero() {
    let run = run!("no_numbers");
    expect(&run, []);
    snapshot!(run);
}

#[test]
fn zero_is_a_number_and_not_the_end() {
    let run = run!("nought_between");
    expect(&run, [(0, 1), (0, 0), (1, 10)]);
    snapshot!(run);
}

#[test]
fn the_total_may_be_larger_than_a_u32() {
    let run = run!("a_large_total");
    expect(&run, [(0, 4_000_000_000), (0, 4_000_000_000)]);
    snapshot!(run);
}

#[test]
fn each_number_is_added_once_however_often_it_is_pending() {
    for pauses in [[0, 0, 3], [1, 1, 1], [3, 0, 2], [0, 4, 0]] {
        let run = run!();
        let [a, b, c] = pauses;
        expect(&run, [(a, 1), (b, 10), (c, 100)]);
    }
}

#[test]
fn each_step_is_that_of_the_compilers_machine() {
    let (theirs, ours) = (run!(), run!());
    let script = [(1, 1), (0, 10), (2, 100), (0, 1_000)];
    let mut source = Scripted::new(&theirs, script);
    let a = poller(theirs.recorder(), "A");
    Driven::in_turn(&theirs, "total", source::total(&mut source)).run(&a, 20);
    expect(&ours, script);
    if ours.recorder().recording() != theirs.recorder().recording() {
        ours.departs_at(driving::first_departure(&ours, &theirs), "The total is the expected one, but this step is not that of the machine which the compiler makes.");
    }
}

#[test]
fn ten_thousand_numbers_at_once_need_no_more_stack_than_one() {
    const MANY: u32 = 10_000;
    let run = run!();
    let mut many = Many {
        left: MANY,
        run: run.clone(),
        first_frame: None,
    };
    let mut total = pin!(total(&mut many));
    let a = poller(run.recorder(), "A");
    run.recorder()
        .says("source", "has 10,000 numbers, all ready at once");
    let poll = run.risk(Some("recursion-for-a-loop"), RECURSION, || {
        a.poll(total.as_mut())
    });
    if poll != Poll::Ready(u64::from(MANY)) {
        run.departs(format!(
            "The source has 10,000 ones, all ready at once. The first poll is {poll:?}. Expected: Ready(10000)."
        ));
    }
}

#[test]
fn the_number_wakes_the_task_that_polled_last() {
    let run = run!();
    let keys = Rc::default();
    let mut source = Gates(run.clone(), Rc::clone(&keys));
    let mut machine = Driven::in_turn(&run, "total", total(&mut source));
    for number in [Some(1), Some(10), None] {
        let open = || {
            if let Some(key) = keys.borrow_mut().take() {
                key.open(number);
            }
        };
        driving::wakes_reach_the_caller(&run, &mut machine, "number", open);
    }
    match machine.poll(&poller(run.recorder(), "C")) {
        Poll::Ready(11) => {}
        poll => run.departs(format!(
            "The numbers were 1 and 10, and then the source ended. The outcome is {poll:?}. Expected: Ready(11)."
        )),
    }
}

#[test]
fn two_totals_add_apart() {
    let run = run!();
    let a = poller(run.recorder(), "A");
    let (mut one, mut other) = (
        Scripted::new(&run, [(0, 1), (1, 10)]),
        Scripted::new(&Run::unnamed(), [(0, 100), (1, 1_000)]),
    );
    let mut ours = Driven::in_turn(&run, "ours", total(&mut one));
    let mut theirs = Box::pin(total(&mut other));
    let _poll = ours.poll(&a);
    let quiet = poller(&Recorder::default(), "B");
    let _poll = quiet.poll(theirs.as_mut());
    let (ours, theirs) = (ours.run(&a, 3), quiet.poll(theirs.as_mut()));
    if ours != Some(11) || theirs != Poll::Ready(1_100) {
        run.diagnose(
            "state-not-in-the-struct",
            format!(
                "Two totals were polled in turn. The outcomes are {ours:?} and {theirs:?}. Expected: Some(11) and Ready(1100). The sum is \
                 kept in a place that both can reach."
            ),
        );
    }
}

#[test]
fn each_poll_after_the_end_panics() {
    let run = run!();
    let mut source = Scripted::new(&run, [(0, 1)]);
    let mut machine = Driven::in_turn(&run, "total", total(&mut source));
    let a = poller(run.recorder(), "A");
    machine.run(&a, 3);
    machine.panics_after_the_end(&a);
}

#[test]
fn every_short_run_is_as_expected() {
    const NAMES: [&str; 1] = ["number"];
    for script in SCRIPTS {
        let yours = || {
            let build = |nursery: &Nursery| {
                let mut source = Nursed(nursery.clone(), script.iter());
                async move { total(&mut source).await }
            };
            Family::new("total", &NAMES, build, u64::to_string)
        };
        let reference = || {
            let build = |nursery: &Nursery| {
                let mut source = Nursed(nursery.clone(), script.iter());
                async move { source::total(&mut source).await }
            };
            Family::new("total", &NAMES, build, u64::to_string)
        };
        Search::of(&Event::alphabet(&NAMES))
            .up_to(5)
            .and_random(20, 40, 2_03)
            .leaving_no_memory()
            .naming(&[NEVER_DROPPED, PANIC_SWALLOWED, WAKER_LEAKED])
            .compare(&run!(), yours, reference);
    }
}
