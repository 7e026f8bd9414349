//! Timers that are removed, and keys of timers that are gone.

use super::super::subject::Timers;
use super::shelf::{Shelf, at};
use probe::detect::DropCounter;
use probe::{run, snapshot};

#[test]
fn a_removed_timer_does_not_come_out() {
    let run = run!("taken_back");
    let mut shelf = Shelf::new(&run);
    shelf.set("first", 10);
    let second = shelf.set("second", 20);
    shelf.set("third", 30);
    shelf.remove("second", second, true);
    shelf.remove("second", second, false);
    let out = shelf.pop_all(40);
    if out.iter().any(|name| name == "second") {
        run.departs(format!(
            "\"second\" was removed, and these came out: {}.",
            out.join(", ")
        ));
    }
    if out != ["first", "third"] {
        let came = if out.is_empty() {
            "nothing".to_owned()
        } else {
            out.join(", ")
        };
        run.departs(format!(
            "\"second\" was removed. Expected: first, third. Seen: {came}."
        ));
    }
    snapshot!(run);
}

#[test]
fn remove_returns_none_for_a_timer_that_has_come_out() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    let key = shelf.set("tea", 10);
    shelf.pop(10);
    shelf.remove("tea", key, false);
    shelf.expect_next(None, 0);
}

#[test]
fn a_removed_timer_leaves_nothing_behind() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    let first = shelf.set("first", 10);
    shelf.set("second", 20);
    shelf.remove("first", first, true);
    if shelf.timers.next() == Some(at(10)) {
        run.diagnose(
            "timer-leaked",
            "The timer for 10ms was removed, and `next` still returns 10ms: the loop would end its sleep then, with no task to wake.",
        );
    }
    shelf.expect_next(Some(20), 1);
    let tokens = DropCounter::new();
    let mut timers = Timers::new();
    let hour = at(3_600_000);
    for _ in 0..1_000 {
        let key = timers.insert(hour, tokens.token());
        drop(timers.remove(key));
    }
    if !timers.is_empty() || timers.next().is_some() {
        run.diagnose(
            "timer-leaked",
            format!(
                "A thousand timers were set for an hour from now, and each was removed at once. `len` returned {}, and `next` {:?}.",
                timers.len(),
                timers.next()
            ),
        );
    }
    if tokens.alive() > 0 {
        run.departs(format!(
            "A thousand timers were removed, and the items of {} of them are still alive.",
            tokens.alive()
        ));
    }
}

#[test]
fn get_mut_reaches_the_item_of_a_timer_that_is_set() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    let tea = shelf.set("tea", 20);
    let coffee = shelf.set("coffee", 10);
    match shelf.timers.get_mut(tea) {
        Some(item) if item == "tea" => *item = "green tea".to_owned(),
        other => run.departs(format!(
            "`get_mut` of the key of \"tea\" returned {other:?}."
        )),
    }
    if !(shelf.timers.contains(tea) && shelf.timers.contains(coffee)) {
        run.departs(
            "\"tea\" and \"coffee\" are set, and `contains` returned false for one of them.",
        );
    }
    let out = shelf.pop_all(30);
    if out != ["coffee", "green tea"] {
        run.departs(format!(
            "\"tea\" was changed to \"green tea\", and these came out: {}.",
            out.join(", ")
        ));
    }
    if shelf.timers.contains(tea) {
        run.diagnose(
            "gone-timers-counted",
            "Both timers have come out, and `contains` returned true for one of them.",
        );
    }
    if shelf.timers.get_mut(coffee).is_some() {
        run.departs("Both timers have come out, and `get_mut` returned the item of one of them.");
    }
}

#[test]
fn a_timer_that_is_removed_twice_frees_its_place_once() {
    for (was_removed, once_more) in [(true, false), (false, false), (true, true), (false, true)] {
        let run = run!();
        let mut shelf = Shelf::new(&run);
        let old = shelf.set("old", 10);
        if was_removed {
            shelf.remove("old", old, true);
        } else {
            shelf.pop(10);
        }
        if once_more {
            shelf.remove("old", old, false);
        }
        let keys = [shelf.set("first", 20), shelf.set("second", 30)];
        let found = keys.map(|key| shelf.timers.contains(key));
        let length = shelf.timers.len();
        if (found, length) == ([true, true], 2) {
            continue;
        }
        let seen = format!(
            "\"first\" and \"second\" are set. For their keys `contains` returned {} and {}, and `len` returned {length}.",
            found[0], found[1]
        );
        if once_more {
            run.diagnose(
                "freed-twice",
                format!("{seen} Without the second call of `remove` both are there: that call freed a place that was free."),
            );
        }
        run.departs(seen);
    }
}

#[test]
fn the_key_of_an_old_timer_does_not_reach_a_new_one() {
    let run = run!();
    for removed_before in [true, false] {
        let mut shelf = Shelf::new(&run);
        let old = shelf.set("old", 10);
        if removed_before {
            shelf.remove("old", old, true);
        } else {
            shelf.pop(10);
        }
        let new = shelf.set("new", 10);
        let call = run
            .recorder()
            .enters("timers", "remove(the key of \"old\") once more");
        let removed = shelf.timers.remove(old);
        call.returns(format!("{removed:?}"));
        if removed.as_deref() == Some("new") {
            run.diagnose(
                "stale-key",
                "\"old\" was gone, and \"new\" was set. Then `remove` was called with the key of \"old\", and it removed \"new\".",
            );
        }
        if old == new {
            run.diagnose(
                "stale-key",
                "\"old\" was gone, and \"new\" was set. Both have the same key.",
            );
        }
        if shelf.timers.contains(old) {
            run.diagnose(
                "stale-key",
                "\"old\" was gone, and \"new\" was set. `contains` returned true for the key of \"old\".",
            );
        }
        if let Some(held) = shelf.timers.get_mut(old).cloned() {
            run.departs(format!(
                "\"old\" was gone, and \"new\" was set. `get_mut` with the key of \"old\" returned \"{held}\"; None is expected."
            ));
        }
        if !shelf.timers.contains(new) {
            run.departs("\"new\" is set, and `contains` returned false for its key.");
        }
    }
}
