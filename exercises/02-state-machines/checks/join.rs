//! 2.7 join: two futures side by side, ready when both are.

use super::subject::join;
use probe::detect::{DropCounter, Token};
use probe::{Run, What, run, snapshot};
use probe_futures::laws::driving::{self, Driven};
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
    for (first, second) in [(2, 0), (1, 3), (3, 1)] {
        drive(&run!(), first, second);
    }
}

#[test]
fn two_that_are_ready_at_once_need_one_poll() {
    let run = run!();
    drive(&run, 0, 0);
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

/// Drives a join of two children that are pending so many times each.
#[track_caller]
fn drive(run: &Run, first: usize, second: usize) {
    let child = |lane: &'static str, pauses| spy(run, lane, pending_times(pauses, lane));
    let both = join(child("first", first), child("second", second));
    let mut both = Driven::side_by_side(run, "join", both);
    let a = poller(run.recorder(), "A");
    let output = both.poll(&a);
    let polled = polled(run);
    match &polled[..] {
        [first, second] if first == "first" && second == "second" => {}
        [first] if first == "first" => run.diagnose(
            "sequential-await",
            "The first poll went to the first child alone. The second one has not begun: its wait comes after the other's, instead of \
             at the same time.",
        ),
        [first, second] if first == "second" && second == "first" => {
            run.departs("The second child was polled before the first.")
        }
        [] => run.departs("The first poll reached neither child."),
        _ if both.polls() == 1 && polled.len() > 2 => run.diagnose(
            "polled-in-a-loop",
            "One poll of the join polled a child that was pending once more: asking until both are ready keeps everybody else from \
             their turn. `Pending` is handed on to whoever polls.",
        ),
        _ => run.departs(format!(
            "The first poll of the join polled {}. A poll goes to each child once.",
            polled.join(", ")
        )),
    }
    let output = match output {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => both.run(&a, first.max(second) + 3),
    };
    match output {
        Some(("first", "second")) => {}
        Some(output) => run.departs(format!(
            "The results are {output:?}, and should be (\"first\", \"second\")."
        )),
        None => run.departs("Both children are done, and the join is not ready."),
    }
    let right = first.max(second) + 1;
    if both.polls() > right {
        run.departs(format!(
            "It was ready at poll {}; the children take {first} and {second} pauses, so that should have been poll {right}.",
            both.polls(),
        ));
    }
}

/// The children that were polled so far, in order.
fn polled(run: &Run) -> Vec<String> {
    let events = run.recorder().recording().events;
    let polls = events
        .into_iter()
        .filter(|event| event.lane != "join" && matches!(event.what, What::Enters(_)));
    polls.map(|event| event.lane).collect()
}
