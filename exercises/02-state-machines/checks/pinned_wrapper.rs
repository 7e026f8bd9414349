//! 2.6 pinned-wrapper: a future around another one, which must not move.

use std::task::Poll;

use super::subject::counted;
use probe::runs::Search;
use probe::{Recorder, Run, run, snapshot};
use probe_futures::children::{
    Event, Family, NEVER_DROPPED, Nursery, Output, PANIC_SWALLOWED, WAKER_LEAKED, shown,
};
use probe_futures::laws::driving::{self, Driven};
use probe_futures::{anchored, gate, pending_times, poller, ready, spy};

#[test]
fn building_the_wrapper_does_not_poll_the_inner_future() {
    let run = run!();
    let inner = spy(&run, "inner", ready("done"));
    drop(driving::does_nothing_until_polled(&run, || counted(inner)));
}

#[test]
fn the_count_is_the_number_of_polls() {
    let run = run!("two_pauses");
    expect(&run, 2);
    snapshot!(run);
}

#[test]
fn a_future_that_is_ready_at_once_counts_one_poll() {
    let run = run!("ready_at_once");
    expect(&run, 0);
    snapshot!(run);
}

#[test]
fn the_inner_future_is_not_moved_after_its_first_poll() {
    let run = run!();
    let inner = anchored(&run, spy(&run, "inner", pending_times(3, "done")));
    let mut wrapper = Driven::in_turn(&run, "counted", counted(inner));
    if wrapper.run(&poller(run.recorder(), "A"), 9) != Some(("done", 4)) {
        run.departs(
            "The inner future was pending 3 times and then ready. Expected: (\"done\", 4).",
        );
    }
}

#[test]
fn two_wrappers_count_apart() {
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
            "Two wrappers were polled in turn, and one counted polls of the other: the count is kept in a place that both can reach.",
        );
    }
}

#[test]
fn the_inner_future_wakes_the_task_that_polled_last() {
    let run = run!();
    let (key, gate) = gate();
    let mut wrapper = Driven::in_turn(&run, "counted", counted(spy(&run, "inner", gate)));
    driving::wakes_reach_the_caller(&run, &mut wrapper, "inner", || key.open("done"));
}

#[test]
fn seventy_thousand_polls_are_counted() {
    let run = run!();
    let mut wrapper = Box::pin(counted(pending_times(70_000, "done")));
    let a = poller(&Recorder::default(), "A");
    let mut outputs = (0..70_001).map(|_| a.poll(wrapper.as_mut()));
    let output = outputs.find(Poll::is_ready);
    if output != Some(Poll::Ready(("done", 70_001))) {
        run.recorder()
            .says("inner", "is pending 70,000 times, then ready");
        if let Some(Poll::Ready((_, polls))) = output
            && (polls == 70_001 & 0xff || polls == 70_001 & 0xffff)
        {
            run.diagnose(
                "count-wraps",
                format!("There were 70,001 polls, and the count is {polls}: what is left of 70,001 in a narrower number."),
            );
        }
        run.departs(format!(
            "After 70,001 polls the outcome is {output:?}. Expected: (\"done\", 70001)."
        ));
    }
}

#[test]
fn every_short_run_is_as_expected() {
    const NAMES: [&str; 1] = ["inner"];
    let yours = || {
        let build = |nursery: &Nursery| counted(nursery.child("inner"));
        Family::new("counted", &NAMES, build, result)
    };
    let reference = || {
        let build = |nursery: &Nursery| state_machines::counted(nursery.child("inner"));
        Family::new("counted", &NAMES, build, result)
    };
    Search::of(&Event::alphabet(&NAMES))
        .up_to(5)
        .and_random(50, 30, 2_06)
        .leaving_no_memory()
        .naming(&[NEVER_DROPPED, PANIC_SWALLOWED, WAKER_LEAKED])
        .compare(&run!(), yours, reference);
}

fn result((output, polls): &(Output, u32)) -> String {
    format!("{}, {polls}", shown(output))
}

/// Polls it until it is ready, and compares the count with the number of polls.
#[track_caller]
fn expect(run: &Run, pauses: usize) {
    let right = u32::try_from(pauses).unwrap_or(0) + 1;
    let inner = spy(run, "inner", pending_times(pauses, "done"));
    let mut wrapper = Driven::in_turn(run, "counted", counted(inner));
    let a = poller(run.recorder(), "A");
    let mut polled = None;
    for _ in 0..pauses + 3 {
        if let Poll::Ready(output) = wrapper.poll_and_note_own_wakes(&a) {
            polled = Some(output);
            break;
        }
    }
    let Some((output, polls)) = polled else {
        run.departs("The inner future was ready, and the wrapper is pending.")
    };
    if polls + 1 == right {
        run.diagnose(
            "last-poll-not-counted",
            format!(
                "There were {right} polls, and the count is {polls}: one too few. The poll that is ready is one of them, too.",
            ),
        );
    }
    if polls == 1 && right > 2 {
        run.diagnose(
            "only-the-last-poll-counted",
            format!(
                "There were {right} polls, and the count is 1: the polls that were pending are missing from it. Either they return before \
                 they count, or the count does not outlive a poll.",
            ),
        );
    }
    if output == "done" && polls == right + 1 {
        run.diagnose(
            "off-by-one",
            format!("There were {right} polls, and the count is {polls}: one too many."),
        );
    }
    if (output, polls) != ("done", right) {
        run.departs(format!(
            "The wrapper is ready with ({output:?}, {polls}). Expected: (\"done\", {right})."
        ));
    }
    wrapper.refuse_own_wakes();
}
