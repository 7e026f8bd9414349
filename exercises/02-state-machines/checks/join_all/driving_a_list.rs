//! A list of futures, driven poll by poll, and what is said of a poll or a result that is wrong.

use std::task::Poll;

use super::super::subject::join_all;
use probe::Run;
use probe_futures::laws::driving::{Departure, Driven};
use probe_futures::{pending_times, poller, spy};

pub(super) const LANES: [&str; 4] = ["a", "b", "c", "d"];

/// Drives a list of futures, each pending for that number of polls, and judges which of them each poll reached.
#[track_caller]
pub(super) fn drive(run: &Run, pauses: &[usize]) {
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
    run.departs("All futures of the list are done, and `join_all` is pending.")
}

/// A poll goes to every future that is not done, in the order of the list.
#[track_caller]
fn explain(run: &Run, departure: &Departure) {
    if departure.only_the_first_began() {
        run.diagnose_at(
            departure.event,
            "sequential-await",
            "The first poll of `join_all` polled the first future alone. The others have not started: each starts when the one before \
             it is done, and so the waits add up.",
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
    // A later one was polled: so the poll did not end at the one that is done.
    if place(first) < place(last) && departure.missing.iter().all(behind_one_that_is_done) {
        run.diagnose_at(
            departure.event,
            "neighbour-skipped",
            format!(
                "In this poll the future before {first} was ready; {first} was not polled, and a later one was. Removing an element from \
                 a list while iterating over it does this: the others move up by one place.",
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
                "The results are {results:?}: the order in which the futures were done. Expected: the order of the list, {right:?}.",
            ),
        );
    }
    let longest = pauses.iter().max().copied().unwrap_or(0);
    let at_last = (0..pauses.len()).filter(|child| pauses[*child] == longest);
    if longest > 0 && results.iter().eq(at_last.map(|child| &LANES[child])) {
        run.diagnose(
            "lost-on-pending",
            format!(
                "The results are {results:?}: those of the last poll. Results of earlier polls, which were pending, are missing: they \
                 did not outlive their poll. Expected: {right:?}.",
            ),
        );
    }
    run.departs(format!("The results are {results:?}. Expected: {right:?}."))
}
