//! 2.10 join-all: a list of futures at the same time.

use std::task::Poll;

use super::subject::join_all;
use probe::{Run, What, run, snapshot};
use probe_futures::laws::driving::{self, Driven};
use probe_futures::{anchored, gate, pending_times, poller, ready, spy};

const LANES: [&str; 4] = ["a", "b", "c", "d"];

#[test]
fn nobody_is_polled_while_it_is_built() {
    let run = run!();
    let children = vec![spy(&run, "a", ready(1)), spy(&run, "b", ready(2))];
    drop(driving::does_nothing_until_polled(&run, || {
        join_all(children)
    }));
}

#[test]
fn an_empty_list_is_ready_at_the_first_poll() {
    let run = run!();
    drive(&run, &[]);
}

#[test]
fn all_wait_at_the_same_time() {
    let run = run!("all_wait");
    drive(&run, &[1, 1, 1]);
    snapshot!(run);
}

#[test]
fn the_results_come_in_the_order_of_the_list() {
    let run = run!("the_last_is_first");
    drive(&run, &[2, 1, 0]);
    snapshot!(run);
}

#[test]
fn one_that_is_done_is_not_polled_again_and_costs_its_neighbour_no_poll() {
    for pauses in [[0, 2, 2, 2], [2, 0, 1, 3], [1, 0, 0, 2], [0, 0, 3, 0]] {
        drive(&run!(), &pauses);
    }
}

#[test]
fn children_that_must_not_move_are_not_moved() {
    let run = run!();
    let child = |(lane, pauses)| anchored(&run, spy(&run, lane, pending_times(pauses, lane)));
    let children = LANES.into_iter().zip([3, 0, 2, 1]).map(child).collect();
    let mut all = Driven::side_by_side(&run, "join_all", join_all(children));
    all.run(&poller(run.recorder(), "A"), 9);
}

#[test]
fn whoever_polled_last_is_woken_by_any_child() {
    for opened in 0..3 {
        let run = run!();
        let (mut keys, mut children) = (Vec::new(), Vec::new());
        for lane in &LANES[..3] {
            let (key, gate) = gate();
            keys.push(key);
            children.push(spy(&run, lane, gate));
        }
        let mut all = Driven::side_by_side(&run, "join_all", join_all(children));
        driving::wakes_reach_the_caller(&run, &mut all, LANES[opened], || keys[opened].open(1));
    }
}

/// Drives a list of children that are pending so many times each, and looks at each poll whom it reached.
#[track_caller]
fn drive(run: &Run, pauses: &[usize]) {
    let child =
        |(lane, pauses): (&&'static str, &usize)| spy(run, lane, pending_times(*pauses, *lane));
    let children = LANES.iter().zip(pauses).map(child).collect();
    let mut all = Driven::side_by_side(run, "join_all", join_all(children));
    let a = poller(run.recorder(), "A");
    let longest = pauses.iter().max().copied().unwrap_or(0);
    for poll in 0..=longest {
        let before = polled(run).len();
        let outcome = all.poll(&a);
        let due: Vec<&str> = (0..pauses.len())
            .filter(|child| pauses[*child] >= poll)
            .map(|child| LANES[child])
            .collect();
        reached(run, poll, &polled(run)[before..], &due);
        match outcome {
            Poll::Ready(results) => return judge(run, &results, pauses),
            Poll::Pending => {}
        }
    }
    run.departs("All children are done, and it is not ready.")
}

/// A poll goes to everybody who is not done, in the order of the list.
#[track_caller]
fn reached(run: &Run, poll: usize, polled: &[String], due: &[&str]) {
    if polled == due {
        return;
    }
    let missing: Vec<&str> = due
        .iter()
        .copied()
        .filter(|lane| !polled.iter().any(|polled| polled == lane))
        .collect();
    if poll == 0 && polled.len() == 1 && polled[0] == due[0] && due.len() > 1 {
        run.diagnose(
            "sequential-await",
            format!(
                "The first poll went to {} alone. The others have not begun: their waits come one after the other, instead of at \
                 the same time.",
                due[0],
            ),
        );
    }
    if missing.is_empty() {
        run.departs(format!(
            "This poll went to {}, and should have gone to {}.",
            polled.join(", "),
            due.join(", ")
        ));
    }
    let one_is_done = LANES
        .iter()
        .zip(polled)
        .any(|(lane, polled)| lane != polled);
    let skipped = missing.join(", ");
    if one_is_done || polled.len() < due.len() {
        run.diagnose(
            "neighbour-skipped",
            format!(
                "This poll did not reach {skipped}, which is not done. If one that is done is taken out of a list while the list is \
                 gone through, the others move up, and the next one is passed over.",
            ),
        );
    }
    run.departs(format!(
        "This poll did not reach {skipped}, which is not done."
    ))
}

#[track_caller]
fn judge(run: &Run, results: &[&str], pauses: &[usize]) {
    let right = &LANES[..pauses.len()];
    if results == right {
        return;
    }
    let mut by_end: Vec<usize> = (0..pauses.len()).collect();
    by_end.sort_by_key(|child| pauses[*child]);
    if results.iter().eq(by_end.iter().map(|child| &LANES[*child])) {
        run.diagnose(
            "finish-order",
            format!(
                "The results are {results:?}: that is the order in which they came. They belong in the order of the list, {right:?}.",
            ),
        );
    }
    run.departs(format!(
        "The results are {results:?}, and should be {right:?}."
    ))
}

/// The children that were polled so far, in order.
fn polled(run: &Run) -> Vec<String> {
    let events = run.recorder().recording().events;
    let polls = events
        .into_iter()
        .filter(|event| event.lane != "join_all" && matches!(event.what, What::Enters(_)));
    polls.map(|event| event.lane).collect()
}
