//! 2.8 race: two futures side by side, ready when one is.

use std::task::Poll;

use super::subject::{Winner, race};
use probe::{Event, Run, What, run, snapshot};
use probe_futures::laws::driving::{self, Departure, Driven};
use probe_futures::{anchored, gate, pending_times, poller, ready, spy};

#[test]
fn neither_is_polled_while_it_is_built() {
    let run = run!();
    let (first, second) = (spy(&run, "first", ready(1)), spy(&run, "second", ready(2)));
    drop(driving::does_nothing_until_polled(&run, || {
        race(first, second)
    }));
}

#[test]
fn the_one_that_is_ready_first_wins() {
    let run = run!("the_second_wins");
    expect(&run, 3, 1, Winner::Second("second"));
    snapshot!(run);
    let run = run!("the_first_wins");
    expect(&run, 1, 3, Winner::First("first"));
    snapshot!(run);
}

#[test]
fn when_the_first_is_ready_the_second_is_not_polled() {
    let run = run!("the_first_wins_at_once");
    expect(&run, 0, 0, Winner::First("first"));
    snapshot!(run);
}

#[test]
fn the_loser_is_gone_when_the_race_is_ready() {
    for winner in ["first", "second"] {
        let run = run!();
        let (first, second) = (gate::<u32>(), gate::<u32>());
        let children = (spy(&run, "first", first.1), spy(&run, "second", second.1));
        let mut racing = Driven::side_by_side(&run, "race", race(children.0, children.1));
        let a = poller(run.recorder(), "A");
        let _poll = racing.poll(&a);
        let (key, loser) = if winner == "first" {
            (first.0, second.0)
        } else {
            (second.0, first.0)
        };
        key.open(1);
        if racing.poll(&a).is_pending() {
            run.departs(format!(
                "The {winner} one is done, and the race is not ready."
            ));
        }
        run.recorder()
            .says("caller", "has a winner, and looks at the loser");
        if !loser.is_gone() {
            run.diagnose(
                "loser-kept",
                "The race is over, and the loser is still there, with all that it holds. Whoever has the race may keep it for as long \
                 as they like.",
            );
        }
    }
}

#[test]
fn children_that_must_not_move_are_not_moved() {
    for (first, second) in [(1, 3), (3, 1)] {
        let run = run!();
        let child = |lane, pauses| anchored(&run, spy(&run, lane, pending_times(pauses, lane)));
        let racing = race(child("first", first), child("second", second));
        let mut racing = Driven::side_by_side(&run, "race", racing);
        racing.run(&poller(run.recorder(), "A"), 9);
    }
}

#[test]
fn whoever_polled_last_is_woken_by_either_child() {
    for opened in ["first", "second"] {
        let run = run!();
        let (first, second) = (gate::<u32>(), gate::<u32>());
        let children = (spy(&run, "first", first.1), spy(&run, "second", second.1));
        let mut racing = Driven::side_by_side(&run, "race", race(children.0, children.1));
        let key = if opened == "first" {
            &first.0
        } else {
            &second.0
        };
        driving::wakes_reach_the_caller(&run, &mut racing, opened, || key.open(1));
    }
}

#[test]
fn a_race_that_is_dropped_before_anybody_won_drops_both() {
    let run = run!();
    let (first, second) = (gate::<u32>(), gate::<u32>());
    let children = (spy(&run, "first", first.1), spy(&run, "second", second.1));
    let mut racing = Driven::side_by_side(&run, "race", race(children.0, children.1));
    let _poll = racing.poll(&poller(run.recorder(), "A"));
    run.recorder().says("caller", "drops the race");
    drop(racing);
    if !(first.0.is_gone() && second.0.is_gone()) {
        run.diagnose(
            "never-dropped",
            "The race is gone, and a child of it is not: it was put where dropping does not reach.",
        );
    }
}

/// Drives a race of two children that are pending so many times each.
#[track_caller]
fn expect(run: &Run, first: usize, second: usize, right: Winner<&'static str, &'static str>) {
    let child =
        |lane: &'static str, pauses| spy(run, lane, pending_times(pauses, lane)).noting_its_end();
    let racing = race(child("first", first), child("second", second));
    let mut racing = Driven::side_by_side(run, "race", racing);
    let a = poller(run.recorder(), "A");
    for poll in 0..=first.min(second) {
        let due = if first == poll {
            &["first"][..]
        } else {
            &["first", "second"]
        };
        let outcome = racing.poll_reaches(&a, due, explain);
        match outcome {
            Poll::Ready(output) if output == right => return loser_is_gone(run, right),
            Poll::Ready(output) => run.departs(format!(
                "The winner is {output:?}, and should be {right:?}."
            )),
            Poll::Pending => nobody_is_gone(run),
        }
    }
    run.departs("A child is done, and the race is not ready.")
}

#[track_caller]
fn explain(run: &Run, departure: &Departure) {
    if departure.only_the_first_began() {
        run.diagnose_at(
            departure.event,
            "sequential-await",
            "The first poll went to the first child alone, which was pending, and ended there. The second has not begun, so the two \
             do not wait at the same time.",
        );
    }
    if departure.due == ["first"] && departure.polled == ["first", "second"] {
        run.diagnose_at(
            departure.event,
            "loser-polled",
            "The first one was ready, and the second was polled all the same. If it is ready too, its result is lost.",
        );
    }
}

/// While both are pending, both are there.
#[track_caller]
fn nobody_is_gone(run: &Run) {
    let events = run.recorder().recording().events;
    let gone = events.iter().position(|event| event.what == What::Drops);
    if let Some(index) = gone {
        run.departs_at(
            Some(index),
            format!(
                "{} was dropped here, and nobody had won yet.",
                events[index].track
            ),
        );
    }
}

/// The end of the loser has to be in the recording when the race is ready.
#[track_caller]
fn loser_is_gone(run: &Run, winner: Winner<&str, &str>) {
    let loser = match winner {
        Winner::First(_) => "second",
        Winner::Second(_) => "first",
    };
    let events = run.recorder().recording().events;
    let gone = |event: &Event| event.track == loser && event.what == What::Drops;
    if !events.iter().any(gone) {
        run.diagnose(
            "loser-kept",
            format!(
                "The race is over, and {loser}, who lost, is still there with all that it holds. Whoever has the race may keep it for \
                 as long as they like.",
            ),
        );
    }
}
