//! 2.7 join: two futures side by side, ready when both are.

use std::task::Poll;

use super::subject::join;
use probe::detect::{DropCounter, Token};
use probe::{Run, run, snapshot};
use probe_futures::laws::driving::{self, Departure, Driven};
use probe_futures::laws::dropping;
use probe_futures::{anchored, gate, pending_times, poller, ready, spy};

#[test]
fn neither_is_polled_while_it_is_built() {
    let run = run!();
    let (first, second) = (spy(&run, "first", ready(1)), spy(&run, "second", ready(2)));
    drop(driving::does_nothing_until_polled(&run, || {
        join(first, second)
    }));
}

#[test]
fn both_wait_at_the_same_time() {
    let run = run!("both_wait");
    drive(&run, 2, 2);
    snapshot!(run);
}

#[test]
fn one_that_is_done_is_not_polled_again() {
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
fn two_that_are_ready_at_once_need_one_poll() {
    let run = run!("both_at_once");
    drive(&run, 0, 0);
    snapshot!(run);
}

#[test]
fn children_that_must_not_move_are_not_moved() {
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
fn whoever_polled_last_is_woken_by_either_child() {
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
fn dropped_at_any_pause_it_drops_both_children() {
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
                run.diagnose("never-dropped", "The join is gone, and a child of it is not: it was put where dropping does not reach.");
            }
        },
    );
}

/// Drives a join of two children that are pending so many times each, and looks at each poll whom it reached.
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
                "The results are {output:?}, and should be (\"first\", \"second\")."
            )),
            Poll::Pending => {}
        }
    }
    run.departs("Both children are done, and the join is not ready.")
}

#[track_caller]
fn explain(run: &Run, departure: &Departure) {
    if departure.only_the_first_began() {
        run.diagnose_at(
            departure.event,
            "sequential-await",
            "The first poll went to the first child alone. The second one has not begun: its wait comes after the other's, instead of \
             at the same time.",
        );
    }
}
