//! timers: a set of timers, of which the earliest comes out first.

#[path = "timers/shelf.rs"]
mod shelf;

// The tests below come first, and then those of these modules, in this order.
#[path = "timers/removed.rs"]
mod removed;

#[path = "timers/times.rs"]
mod times;

#[path = "timers/many.rs"]
mod many;

use probe::{run, snapshot};
use shelf::{Shelf, at};

#[test]
fn a_timer_comes_out_at_its_time_and_not_before() {
    let run = run!("one_timer");
    let mut shelf = Shelf::new(&run);
    shelf.set("tea", 30);
    if shelf.pop(29).is_some() {
        run.departs("The timer was set for 30ms, and `pop_due` returned it at 29ms.");
    }
    if shelf.pop(30).is_none() {
        if shelf.pop(31).is_none() {
            run.departs(
                "The timer was set for 30ms, and `pop_due` returned it neither at 30ms nor at 31ms.",
            );
        }
        run.diagnose(
            "due-too-late",
            "The timer was set for 30ms, and `pop_due` returned it at 31ms, but not at 30ms. A loop that slept until 30ms finds no timer \
             due, sleeps for zero, and spins until the clock moves.",
        );
    }
    if shelf.pop(40).is_some() {
        run.departs("The timer came out twice.");
    }
    shelf.set("coffee", 50);
    if shelf.pop(1_000_000).is_none() {
        run.departs(
            "The timer was set for 50ms, and `pop_due` did not return it at 1,000s, the first call since.",
        );
    }
    snapshot!(run);
}

#[test]
fn the_earliest_comes_out_first() {
    let run = run!("the_earliest_first");
    let mut shelf = Shelf::new(&run);
    for (name, when) in [("second", 20), ("third", 30), ("first", 10)] {
        shelf.set(name, when);
    }
    let out = shelf.pop_all(40);
    match out.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["first", "second", "third"] => {}
        ["third", "second", "first"] => run.diagnose(
            "latest-first",
            "The timers were set for 20, 30 and 10 ms, and came out in the order 30, 20, 10: the latest first. The standard library's \
             `BinaryHeap` has the greatest on top.",
        ),
        _ => run.departs(format!("The timers came out in this order: {}.", out.join(", "))),
    }
    snapshot!(run);
}

#[test]
fn two_timers_for_one_time_both_come_out() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    shelf.set("one", 10);
    shelf.set("another", 10);
    if shelf.timers.len() == 1 {
        run.diagnose(
            "timer-collision",
            "Two timers were set for 10ms, and `len` returned 1: the second has replaced the first. Two timers may have the same time.",
        );
    }
    let out = shelf.pop_all(10);
    match out.len() {
        2 => {}
        1 => run.diagnose(
            "timer-collision",
            format!("Two timers were set for 10ms, and only \"{}\" came out. Two timers may have the same time.", out[0]),
        ),
        _ => run.departs(format!("Two timers were set for 10ms, and at 10ms these came out: {out:?}.")),
    }
}

#[test]
fn timers_for_one_time_come_out_in_the_order_in_which_they_were_set() {
    let run = run!("one_instant");
    let mut shelf = Shelf::new(&run);
    let names = ["a", "b", "c", "d", "e"];
    for name in names {
        shelf.set(name, 10);
    }
    let out = shelf.pop_all(10);
    let mut sorted = out.clone();
    sorted.sort();
    if sorted != names {
        run.departs(format!(
            "The timers {} were set, and these came out: {}.",
            names.join(", "),
            out.join(", ")
        ));
    }
    if out != names {
        run.diagnose(
            "tie-not-broken",
            format!(
                "All were set for 10ms, in the order {}, and they came out as {}. Between equal times the order of setting decides.",
                names.join(", "),
                out.join(", ")
            ),
        );
    }
    snapshot!(run);
}

#[test]
fn next_and_len_count_exactly_the_timers_that_are_set() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    shelf.expect_next(None, 0);
    shelf.set("late", 20);
    shelf.expect_next(Some(20), 1);
    shelf.set("early", 10);
    shelf.expect_next(Some(10), 2);
    shelf.set("middle", 15);
    shelf.expect_next(Some(10), 3);
    shelf.pop(10);
    shelf.expect_next(Some(15), 2);
    shelf.pop_all(20);
    shelf.expect_next(None, 0);
}

#[test]
fn pop_due_returns_the_key_that_insert_returned() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    let keys = [("a", 30), ("b", 10), ("c", 20)].map(|(name, when)| (name, shelf.set(name, when)));
    while let Some((key, name)) = shelf.timers.pop_due(at(40)) {
        let given = keys
            .iter()
            .find(|(given, _)| *given == name)
            .map(|(_, key)| *key);
        if given != Some(key) {
            run.departs(format!(
                "`pop_due` returned {name} with another key than `insert` did."
            ));
        }
    }
    let [a, b, c] = keys.map(|(_, key)| key);
    if a == b || b == c || a == c {
        run.departs("Two timers have the same key.");
    }
}
