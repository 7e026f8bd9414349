//! 2.6 pinned-wrapper: a future around another one, which must not move.

use super::subject::counted;
use probe::{Run, run, snapshot};
use probe_futures::laws::driving::{self, Driven};
use probe_futures::{anchored, gate, pending_times, poller, ready, spy};

#[test]
fn nobody_is_polled_while_it_is_built() {
    let run = run!();
    let inner = spy(&run, "inner", ready("done"));
    drop(driving::does_nothing_until_polled(&run, || counted(inner)));
}

#[test]
fn every_poll_is_counted() {
    let run = run!("two_pauses");
    expect(&run, 2);
    snapshot!(run);
}

#[test]
fn a_future_that_is_ready_at_once_was_polled_once() {
    let run = run!("ready_at_once");
    expect(&run, 0);
    snapshot!(run);
}

#[test]
fn a_future_that_must_not_move_is_not_moved() {
    let run = run!();
    let inner = anchored(&run, spy(&run, "inner", pending_times(3, "done")));
    let mut wrapper = Driven::in_turn(&run, "counted", counted(inner));
    if wrapper.run(&poller(run.recorder(), "A"), 9) != Some(("done", 4)) {
        run.departs("Three pauses and the end: that is four polls.");
    }
}

#[test]
fn two_wrappers_count_for_themselves() {
    let run = run!();
    let a = poller(run.recorder(), "A");
    let wrapper = |lane: &str, pauses| {
        let inner = spy(&run, lane, pending_times(pauses, "done"));
        Driven::in_turn(&run, &format!("counted {lane}"), counted(inner))
    };
    let (mut ours, mut theirs) = (wrapper("ours", 1), wrapper("theirs", 2));
    let _poll = theirs.poll(&a);
    let _poll = theirs.poll(&a);
    if ours.run(&a, 5) != Some(("done", 2)) || theirs.run(&a, 5) != Some(("done", 3)) {
        run.diagnose(
            "state-not-in-the-struct",
            "Two wrappers disturb each other: their polls are counted in some place that both can reach.",
        );
    }
}

#[test]
fn whoever_polled_last_is_woken() {
    let run = run!();
    let (key, gate) = gate();
    let mut wrapper = Driven::in_turn(&run, "counted", counted(spy(&run, "inner", gate)));
    driving::wakes_reach_the_caller(&run, &mut wrapper, "inner", || key.open("done"));
}

/// Polls it until it is ready, and holds the count against the number of polls that there were.
#[track_caller]
fn expect(run: &Run, pauses: usize) {
    let right = u32::try_from(pauses).unwrap_or(0) + 1;
    let inner = spy(run, "inner", pending_times(pauses, "done"));
    let mut wrapper = Driven::in_turn(run, "counted", counted(inner));
    let a = poller(run.recorder(), "A");
    let Some((output, polls)) = wrapper.run(&a, pauses + 3) else {
        run.departs("What is inside was ready, and the wrapper is not.")
    };
    if polls + 1 == right {
        run.diagnose(
            "last-poll-not-counted",
            format!(
                "It counted {polls} polls where there were {right}: the poll that is ready is one of them, or the count is read \
                 before the poll is added.",
            ),
        );
    }
    if polls == 1 && right > 2 {
        run.diagnose(
            "only-the-last-poll-counted",
            format!(
                "It counted 1 poll where there were {right}. Those that were pending are not in the count: they did not get as far as \
                 counting, or what they counted did not outlive them.",
            ),
        );
    }
    if output == "done" && polls == right + 1 {
        run.departs(format!(
            "It counted {polls} polls where there were {right}: one too many."
        ));
    }
    if (output, polls) != ("done", right) {
        run.departs(format!(
            "The output should be \"done\" and {right}; it is {output:?} and {polls}."
        ));
    }
}
