//! 2.10 join-all: a list of futures at the same time.

use std::task::Poll;

use super::subject::join_all;
use probe::{Run, run, snapshot};
use probe_futures::laws::driving::{self, Departure, Driven};
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
    let run = run!("nobody");
    drive(&run, &[]);
    snapshot!(run);
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
    let run = run!("the_first_is_done");
    drive(&run, &[0, 2, 2, 2]);
    snapshot!(run);
    for pauses in [[2, 0, 1, 3], [1, 0, 0, 2], [0, 0, 3, 0]] {
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
        let due: Vec<&str> = (0..pauses.len())
            .filter(|child| pauses[*child] >= poll)
            .map(|child| LANES[child])
            .collect();
        match all.poll_reaches(&a, &due, explain) {
            Poll::Ready(results) => return judge(run, &results, pauses),
            Poll::Pending => {}
        }
    }
    run.departs("All children are done, and it is not ready.")
}

/// A poll goes to everybody who is not done, in the order of the list.
#[track_caller]
fn explain(run: &Run, departure: &Departure) {
    if departure.only_the_first_began() {
        run.diagnose_at(
            departure.event,
            "sequential-await",
            "The first poll went to the first child alone. The others have not begun: their waits come one after the other, instead of \
             at the same time.",
        );
    }
    let place = |lane: &String| departure.due.iter().position(|due| due == lane);
    let Some((first, last)) = departure.missing.first().zip(departure.polled.last()) else {
        return;
    };
    let behind_one_that_is_done = |lane: &String| {
        let done = departure.ready.iter().map(place);
        done.flatten().any(|done| place(lane) == Some(done + 1))
    };
    // Somebody behind was reached: so the poll did not end at the one that is done.
    if place(first) < place(last) && departure.missing.iter().all(behind_one_that_is_done) {
        run.diagnose_at(
            departure.event,
            "neighbour-skipped",
            format!(
                "{first} was passed over, in the poll in which the one before it was done, and whoever stands behind {first} was \
                 polled. That is what happens where one that is done is taken out of a list while the list is gone through: the \
                 others move up.",
            ),
        );
    }
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
    let longest = pauses.iter().max().copied().unwrap_or(0);
    let at_last = (0..pauses.len()).filter(|child| pauses[*child] == longest);
    if longest > 0 && results.iter().eq(at_last.map(|child| &LANES[child])) {
        run.diagnose(
            "lost-on-pending",
            format!(
                "The results are {results:?}: those of the last poll. What was ready in a poll that was pending is missing: it did not \
                 outlive that poll.",
            ),
        );
    }
    run.departs(format!(
        "The results are {results:?}, and should be {right:?}."
    ))
}
