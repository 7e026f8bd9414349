//! 2.8 race: two futures side by side, ready when one is.

use std::task::Poll;

use super::subject::{Winner, race};
use probe::runs::{Known, Search};
use probe::{Event, Recorder, Run, What, run, snapshot};
use probe_futures::children::{
    self, Family, NEVER_DROPPED, Nursery, Output, PANIC_SWALLOWED, WAKER_LEAKED, shown,
};
use probe_futures::laws::driving::{self, Departure, Driven};
use probe_futures::{anchored, gate, pending_times, poller, ready, spy};

#[test]
fn building_a_race_polls_neither_child() {
    let run = run!();
    let (first, second) = (spy(&run, "first", ready(1)), spy(&run, "second", ready(2)));
    drop(driving::does_nothing_until_polled(&run, || {
        race(first, second)
    }));
}

#[test]
fn the_child_that_is_ready_first_wins() {
    let run = run!("the_second_wins");
    expect(&run, 3, 1, Winner::Second("second"));
    snapshot!(run);
    let run = run!("the_first_wins");
    expect(&run, 1, 3, Winner::First("first"));
    snapshot!(run);
}

#[test]
fn when_the_first_child_is_ready_the_second_is_not_polled() {
    let run = run!("the_first_wins_at_once");
    expect(&run, 0, 0, Winner::First("first"));
    snapshot!(run);
}

#[test]
fn both_children_are_dropped_before_the_race_is_ready() {
    for winner in ["first", "second"] {
        let run = run!();
        let (first, second) = (gate::<u32>(), gate::<u32>());
        let children = (spy(&run, "first", first.1), spy(&run, "second", second.1));
        let mut racing = Driven::side_by_side(&run, "race", race(children.0, children.1));
        let a = poller(run.recorder(), "A");
        let _poll = racing.poll(&a);
        let (won, lost) = if winner == "first" {
            (first.0, second.0)
        } else {
            (second.0, first.0)
        };
        won.open(1);
        if racing.poll(&a).is_pending() {
            run.departs(format!(
                "The {winner} child is done, and the race is pending."
            ));
        }
        run.recorder().says(
            "caller",
            "has a winner, and checks that both children were dropped",
        );
        if !lost.is_gone() {
            run.diagnose(
                "loser-kept",
                "The race is ready, and the loser was not dropped: it lives on, with all that it holds.",
            );
        }
        if !won.is_gone() {
            run.diagnose(
                "finished-child-kept",
                "The race is ready, and the winner was not dropped. Its output was taken out, and what else it holds stays in memory.",
            );
        }
    }
}

#[test]
fn a_child_is_not_moved_after_its_first_poll() {
    for (first, second) in [(1, 3), (3, 1)] {
        let run = run!();
        let child = |lane, pauses| anchored(&run, spy(&run, lane, pending_times(pauses, lane)));
        let racing = race(child("first", first), child("second", second));
        let mut racing = Driven::side_by_side(&run, "race", racing);
        racing.run(&poller(run.recorder(), "A"), 9);
    }
}

#[test]
fn either_child_wakes_the_task_that_polled_last() {
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
fn a_race_that_is_dropped_while_pending_drops_both_children() {
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
            "The race was dropped, and a child of it is still alive: it was put where dropping does not reach.",
        );
    }
}

#[test]
fn a_race_that_is_polled_70_000_times_still_polls_both() {
    let run = run!();
    let (first, second) = (
        pending_times(80_000, "first"),
        pending_times(70_000, "second"),
    );
    let mut racing = Box::pin(race(first, second));
    let a = poller(&Recorder::default(), "A");
    let polls = (1..=70_001).find(|_| a.poll(racing.as_mut()).is_ready());
    if polls != Some(70_001) {
        run.recorder()
            .says("first", "is pending 80,000 times, then ready");
        run.recorder()
            .says("second", "is pending 70,000 times, then ready");
        run.departs(format!(
            "The race was ready at this poll: {polls:?}. Expected: at poll 70,001."
        ));
    }
}

/// As the caller sees it in the poll that is ready.
const LOSER_KEPT: Known<children::Event> = Known {
    mistake: "loser-kept",
    sentence: "The race is ready, and a child of it was not dropped: it lives on, with all that it holds.",
    shows: |difference| {
        let children = |step: &probe::runs::Step| step.about("children").map(str::to_owned);
        let unlike = children(difference.your_step()) != children(difference.expected_step());
        !difference.at_the_end()
            && difference.your_step().outcome() == difference.expected_step().outcome()
            && unlike
    },
};

#[test]
fn every_short_run_is_as_expected() {
    const NAMES: [&str; 2] = ["first", "second"];
    let yours = || {
        let build = |nursery: &Nursery| race(nursery.child("first"), nursery.child("second"));
        Family::new("race", &NAMES, build, |winner| match winner {
            Winner::First(output) => first_won(output),
            Winner::Second(output) => second_won(output),
        })
        .dropping_children_when_ready()
    };
    let reference = || {
        let build = |nursery: &Nursery| {
            state_machines::race(nursery.child("first"), nursery.child("second"))
        };
        Family::new("race", &NAMES, build, |winner| match winner {
            state_machines::Winner::First(output) => first_won(output),
            state_machines::Winner::Second(output) => second_won(output),
        })
        .dropping_children_when_ready()
    };
    Search::of(&children::Event::alphabet(&NAMES))
        .up_to(5)
        .and_random(50, 30, 2_08)
        .leaving_no_memory()
        .naming(&[NEVER_DROPPED, PANIC_SWALLOWED, WAKER_LEAKED, LOSER_KEPT])
        .compare(&run!(), yours, reference);
}

fn first_won(output: &Output) -> String {
    format!("First({})", shown(output))
}

fn second_won(output: &Output) -> String {
    format!("Second({})", shown(output))
}

/// Drives a race of two children, each pending for that number of polls.
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
            Poll::Ready(output) if output == right => return loser_is_dropped(run, right),
            Poll::Ready(output) => {
                run.departs(format!("The winner is {output:?}. Expected: {right:?}."))
            }
            Poll::Pending => no_child_is_dropped(run),
        }
    }
    run.departs("A child is done, and the race is pending.")
}

#[track_caller]
fn explain(run: &Run, departure: &Departure) {
    if departure.only_the_first_began() {
        run.diagnose_at(
            departure.event,
            "sequential-await",
            "The first poll of the race polled the first child alone, which was pending. The second child has not started: it cannot \
             win.",
        );
    }
    if departure.due == ["first"] && departure.polled == ["first", "second"] {
        run.diagnose_at(
            departure.event,
            "loser-polled",
            "The first child was ready, and after that the second was polled in the same poll. If it is ready too, its result is lost.",
        );
    }
}

/// While both are pending, both are alive.
#[track_caller]
fn no_child_is_dropped(run: &Run) {
    let events = run.recorder().recording().events;
    let gone = events.iter().position(|event| event.what == What::Drops);
    if let Some(index) = gone {
        run.departs_at(
            Some(index),
            format!(
                "{} was dropped here, and no child had won yet.",
                events[index].track
            ),
        );
    }
}

/// The end of the loser has to be in the recording when the race is ready.
#[track_caller]
fn loser_is_dropped(run: &Run, winner: Winner<&str, &str>) {
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
                "The race is ready, and the loser, {loser}, was not dropped: it lives on, with all that it holds.",
            ),
        );
    }
}
