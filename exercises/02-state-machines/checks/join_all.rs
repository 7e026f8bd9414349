//! 2.10 join-all: a list of futures at the same time.

#[path = "join_all/driving_a_list.rs"]
mod driving_a_list;

use std::future::{Future, poll_fn};
use std::task::Poll;

use super::subject::join_all;
use driving_a_list::{LANES, drive};
use probe::runs::Search;
use probe::{Recorder, Run, panics, run, snapshot};
use probe_futures::children::{
    Child, Event, Family, NEVER_DROPPED, Nursery, Output, PANIC_SWALLOWED, WAKER_LEAKED, shown,
};
use probe_futures::laws::driving::{self, Driven};
use probe_futures::{anchored, gate, pending_times, poller, ready, spy};

#[test]
fn building_it_polls_no_future() {
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
fn each_poll_goes_to_all_futures_that_are_pending() {
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
fn a_future_that_is_done_is_not_polled_again_and_its_neighbor_is_not_skipped() {
    let run = run!("the_first_is_done");
    drive(&run, &[0, 2, 2, 2]);
    snapshot!(run);
    for pauses in [[2, 0, 1, 3], [1, 0, 0, 2], [0, 0, 3, 0]] {
        drive(&run!(), &pauses);
    }
}

#[test]
fn a_future_is_not_moved_after_its_first_poll() {
    let run = run!();
    let child = |(lane, pauses)| anchored(&run, spy(&run, lane, pending_times(pauses, lane)));
    let children = LANES.into_iter().zip([3, 0, 2, 1]).map(child).collect();
    let mut all = Driven::side_by_side(&run, "join_all", join_all(children));
    all.run(&poller(run.recorder(), "A"), 9);
}

#[test]
fn any_future_of_the_list_wakes_the_task_that_polled_last() {
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

/// Sizes at which a list that works for a few may fail: 8, 16, 32, 64 places, a counter of 8 bits, and more.
const LENGTHS: [usize; 11] = [1, 2, 8, 9, 32, 33, 64, 65, 255, 257, 300];

#[test]
fn a_list_of_any_length_is_polled_and_woken_in_all_its_places() {
    for length in LENGTHS {
        let run = run!();
        let (keys, gates): (Vec<_>, Vec<_>) = (0..length).map(|_| gate()).unzip();
        let (a, mut all) = (poller(&Recorder::default(), "A"), Box::pin(join_all(gates)));
        run.recorder().says(
            "list",
            format!("{length} futures, the last of which is done first"),
        );
        for (place, key) in keys.iter().enumerate().rev() {
            let before = a.wakes();
            let (poll, wakes) = match panics::expected(|| a.poll(all.as_mut())) {
                Ok(poll) => (poll, a.wakes()),
                Err(panic) => run.diagnose(
                    "fixed-capacity",
                    format!(
                        "A poll of a list of {length} futures panicked: {}. Shorter lists were right.",
                        panic.message
                    ),
                ),
            };
            if poll.is_ready() {
                run.diagnose(
                    "fixed-capacity",
                    format!(
                        "`join_all` is ready, and future {place} of {length} is pending. Shorter lists were waited for to their ends."
                    ),
                );
            }
            if wakes > before {
                run.recorder().says("A", "is woken");
                run.diagnose(
                    "busy-poll",
                    format!(
                        "A list of {length} futures was polled. No future of it has woken A, and A was woken: `join_all` woke its own task. With \
                         a few futures it did not."
                    ),
                );
            }
            key.open(place);
            if a.wakes() == wakes {
                run.recorder().lacks("A", "is not woken");
                run.diagnose(
                    "rest-never-polled",
                    format!(
                        "Future {place} of {length}, counted from 0, has its result, and A is not woken. No poll of `join_all` has \
                         polled this future.",
                    ),
                );
            }
        }
        match a.poll(all.as_mut()) {
            Poll::Ready(results) if results.iter().copied().eq(0..length) => {}
            Poll::Ready(_) => run.diagnose("fixed-capacity", format!(
                "Shorter lists were right. All {length} futures are done, and the results are not those of all of them in the order of the list.",
            )),
            Poll::Pending => run.departs(format!("All {length} futures have their results, and `join_all` is pending.")),
        }
    }
}

#[test]
fn a_list_of_70_000_that_are_ready_at_once_needs_one_poll() {
    let run = run!();
    let mut all = Box::pin(join_all((0..70_000).map(ready).collect()));
    run.recorder()
        .says("list", "70,000 futures, all ready at once");
    let poll = run.risk(
        Some("quadratic-time"),
        "A list of 70,000 futures that are all ready was polled once, and that poll has not returned. Shorter lists were right: for each \
         future it looks at many others.",
        || poller(&Recorder::default(), "A").poll(all.as_mut()),
    );
    if poll != Poll::Ready((0..70_000).collect()) {
        run.departs("The first poll is not ready with all 70,000 results.");
    }
}

#[test]
fn a_list_that_is_polled_300_times_is_polled_in_all_its_places_each_time() {
    let run = run!();
    let spies = LANES.map(|lane| spy(&Run::unnamed(), lane, pending_times(300, lane)));
    let mut all = Box::pin(join_all(spies.into()));
    let a = poller(&Recorder::default(), "A");
    let polls = (1..=301).find(|_| a.poll(all.as_mut()).is_ready());
    if polls != Some(301) {
        run.recorder()
            .says("list", "4 futures, each pending 300 times, then ready");
        run.departs(format!(
            "`join_all` was ready at this poll: {polls:?}. Expected: at poll 301."
        ));
    }
}

const NAMES: [&str; 3] = ["a", "b", "c"];

#[test]
fn every_short_run_is_as_expected() {
    let list = |nursery: &Nursery| NAMES.map(|name| nursery.child(name)).into();
    let yours = || {
        Family::new(
            "join_all",
            &NAMES,
            |nursery| join_all(list(nursery)),
            |results| in_order(results),
        )
    };
    let reference = || {
        Family::new(
            "join_all",
            &NAMES,
            |nursery| all(list(nursery)),
            |results| in_order(results),
        )
    };
    Search::of(&Event::alphabet(&NAMES))
        .up_to(4)
        .and_random(100, 40, 2_10)
        .leaving_no_memory()
        .naming(&[NEVER_DROPPED, PANIC_SWALLOWED, WAKER_LEAKED])
        .compare(&run!(), yours, reference);
}

/// The contract in a few lines.
async fn all(children: Vec<Child>) -> Vec<Output> {
    let mut running: Vec<_> = children
        .into_iter()
        .map(|child| Some(Box::pin(child)))
        .collect();
    let mut results: Vec<_> = running.iter().map(|_| None).collect();
    poll_fn(move |context| {
        for (child, result) in running.iter_mut().zip(&mut results) {
            let polled = child.as_mut().map(|child| child.as_mut().poll(context));
            if let Some(Poll::Ready(output)) = polled {
                *result = Some(output);
                *child = None;
            }
        }
        if running.iter().any(Option::is_some) {
            return Poll::Pending;
        }
        Poll::Ready(results.drain(..).flatten().collect())
    })
    .await
}

fn in_order(results: &[Output]) -> String {
    results.iter().map(shown).collect::<Vec<_>>().join(", ")
}
