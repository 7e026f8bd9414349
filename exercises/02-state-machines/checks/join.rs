//! 2.7 join: two futures side by side, ready when both are.

use std::task::Poll;

use super::subject::join;
use probe::detect::{DropCounter, Token};
use probe::runs::Search;
use probe::{Recorder, Run, run, snapshot};
use probe_futures::children::{
    Event, Family, NEVER_DROPPED, Nursery, Output, PANIC_SWALLOWED, WAKER_LEAKED, shown,
};
use probe_futures::laws::driving::{self, Departure, Driven};
use probe_futures::laws::dropping;
use probe_futures::{anchored, gate, pending_times, poller, ready, spy};

#[test]
fn building_a_join_polls_neither_child() {
    let run = run!();
    let (first, second) = (spy(&run, "first", ready(1)), spy(&run, "second", ready(2)));
    drop(driving::does_nothing_until_polled(&run, || {
        join(first, second)
    }));
}

#[test]
fn each_poll_goes_to_both_children_while_both_are_pending() {
    let run = run!("both_wait");
    drive(&run, 2, 2);
    snapshot!(run);
}

#[test]
fn a_child_that_is_done_is_not_polled_again() {
    let run = run!("the_first_is_done_early");
    drive(&run, 0, 2);
    snapshot!(run);
    let run = run!("the_second_is_done_early");
    drive(&run, 2, 0);
    snapshot!(run);
    for (first, second) in [(1, 3), (3, 1)] {
        drive(&run!(), first, second);
    }
}

#[test]
fn two_children_that_are_ready_at_once_need_one_poll() {
    let run = run!("both_at_once");
    drive(&run, 0, 0);
    snapshot!(run);
}

#[test]
fn a_child_is_not_moved_after_its_first_poll() {
    for (first, second) in [(1, 3), (3, 1)] {
        let run = run!();
        let child = |lane, pauses| anchored(&run, spy(&run, lane, pending_times(pauses, lane)));
        let mut both = Driven::side_by_side(
            &run,
            "join",
            join(child("first", first), child("second", second)),
        );
        both.run(&poller(run.recorder(), "A"), 9);
    }
}

#[test]
fn either_child_wakes_the_task_that_polled_last() {
    for opened in ["first", "second"] {
        let run = run!();
        let (first, second) = (gate::<u32>(), gate::<u32>());
        let children = (spy(&run, "first", first.1), spy(&run, "second", second.1));
        let mut both = Driven::side_by_side(&run, "join", join(children.0, children.1));
        let key = if opened == "first" {
            &first.0
        } else {
            &second.0
        };
        driving::wakes_reach_the_caller(&run, &mut both, opened, || key.open(1));
    }
    let run = run!();
    let (key, gate) = gate();
    let children = (spy(&run, "first", ready(1)), spy(&run, "second", gate));
    let mut both = Driven::side_by_side(&run, "join", join(children.0, children.1));
    driving::wakes_reach_the_caller(&run, &mut both, "second", || key.open(2));
}

#[test]
fn dropped_after_any_poll_the_join_drops_both_children() {
    let held = DropCounter::new();
    dropping::at_every_pause(
        || run!(),
        |run| {
            let child = |lane, pauses, token: Token| {
                let inner = pending_times(pauses, lane);
                spy(
                    run,
                    lane,
                    Box::pin(async move {
                        let _held = token;
                        inner.await
                    }),
                )
            };
            (
                join(
                    child("first", 2, held.token()),
                    child("second", 3, held.token()),
                ),
                (),
            )
        },
        |()| {},
        |run, (), _pauses| {
            if held.alive() > 0 {
                run.diagnose("never-dropped", "The join was dropped, and a child of it is still alive: it was put where dropping does not reach.");
            }
        },
    );
}

#[test]
fn a_join_that_is_polled_70_000_times_still_polls_both() {
    let run = run!();
    let (first, second) = (
        pending_times(70_000, "first"),
        pending_times(69_999, "second"),
    );
    let mut both = Box::pin(join(first, second));
    let a = poller(&Recorder::default(), "A");
    let polls = (1..=70_001).find(|_| a.poll(both.as_mut()).is_ready());
    if polls != Some(70_001) {
        run.recorder()
            .says("first", "is pending 70,000 times, then ready");
        run.recorder()
            .says("second", "is pending 69,999 times, then ready");
        run.departs(format!(
            "The join was ready at this poll: {polls:?}. Expected: at poll 70,001."
        ));
    }
}

#[test]
fn every_short_run_is_as_expected() {
    const NAMES: [&str; 2] = ["first", "second"];
    let yours = || {
        let build = |nursery: &Nursery| join(nursery.child("first"), nursery.child("second"));
        Family::new("join", &NAMES, build, results)
    };
    let reference = || {
        let build = |nursery: &Nursery| {
            state_machines::join(nursery.child("first"), nursery.child("second"))
        };
        Family::new("join", &NAMES, build, results)
    };
    Search::of(&Event::alphabet(&NAMES))
        .up_to(5)
        .and_random(50, 30, 2_07)
        .leaving_no_memory()
        .naming(&[NEVER_DROPPED, PANIC_SWALLOWED, WAKER_LEAKED])
        .compare(&run!(), yours, reference);
}

fn results((first, second): &(Output, Output)) -> String {
    format!("{}, {}", shown(first), shown(second))
}

/// Drives a join of two children, each pending for that number of polls, and judges which children each poll reached.
#[track_caller]
fn drive(run: &Run, first: usize, second: usize) {
    let child = |lane: &'static str, pauses| spy(run, lane, pending_times(pauses, lane));
    let both = join(child("first", first), child("second", second));
    let mut both = Driven::side_by_side(run, "join", both);
    let a = poller(run.recorder(), "A");
    for poll in 0..=first.max(second) {
        let due: Vec<&str> = [("first", first), ("second", second)]
            .into_iter()
            .filter(|(_, pauses)| *pauses >= poll)
            .map(|(lane, _)| lane)
            .collect();
        match both.poll_reaches(&a, &due, explain) {
            Poll::Ready(("first", "second")) => return,
            Poll::Ready(output) => run.departs(format!(
                "The join is ready with {output:?}. Expected: (\"first\", \"second\")."
            )),
            Poll::Pending => {}
        }
    }
    run.departs("Both children are done, and the join is pending.")
}

#[track_caller]
fn explain(run: &Run, departure: &Departure) {
    if departure.only_the_first_began() {
        run.diagnose_at(
            departure.event,
            "sequential-await",
            "The first poll of the join polled the first child alone. The second child has not started: it will start when the first \
             is done, and so the two waits add up.",
        );
    }
}
