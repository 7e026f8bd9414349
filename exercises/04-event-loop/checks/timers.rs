//! timers: a set of timers, of which the earliest comes out first.

#[path = "timers/shelf.rs"]
mod shelf;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::subject::{TimerKey, Timers};
use event_loop::Time;
use probe::detect::DropCounter;
use probe::{run, snapshot};
use probe_futures::heap;
use probe_loop::timer_runs::{self, Item, Sorted, TimerMachine};
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

#[test]
fn times_that_differ_by_a_nanosecond_are_not_equal() {
    let run = run!();
    let nano = Duration::from_nanos(1);
    for sooner in [
        Time::after_start(Duration::new(1, 500)),
        Time::after_start(Duration::from_secs(200 * 24 * 3600)),
        Time::after_start(Duration::from_nanos(u64::MAX - 1)),
    ] {
        let later = sooner + nano;
        let mut timers = Timers::new();
        timers.insert(later, "later");
        timers.insert(sooner, "sooner");
        run.recorder()
            .says("timers", format!("set \"later\" for {later}"));
        run.recorder()
            .says("timers", format!("set \"sooner\" for {sooner}"));
        let next = timers.next();
        let mut due = || timers.pop_due(sooner).map(|(_, item)| item);
        let out = [due(), due()];
        if (next, out) == (Some(sooner), [Some("sooner"), None]) {
            continue;
        }
        let said = next.map_or("None".to_owned(), |next| next.to_string());
        run.recorder().says(
            "check",
            format!(
                "at {sooner} `pop_due` returns {:?}, then {:?}",
                out[0], out[1]
            ),
        );
        let sentence = format!(
            "One timer was set for {later}, and then one for {sooner}. `next` returned {said}. At {sooner}, `pop_due` returned {:?} and then \
             {:?}. Expected: \"sooner\", and then None.",
            out[0], out[1]
        );
        if out[0] == Some("later") && next.is_some() {
            run.diagnose("time-rounded-down", sentence);
        }
        run.departs(sentence);
    }
}

#[test]
fn a_timer_set_for_a_time_in_the_past_comes_out_by_its_time() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    shelf.set("noon", 20);
    if shelf.pop(20).is_none() {
        run.departs("The timer was set for 20ms, and at 20ms `pop_due` returned None.");
    }
    shelf.set("later", 15);
    shelf.set("sooner", 10);
    if shelf.timers.next() != Some(at(10)) {
        let next = shelf
            .timers
            .next()
            .map_or("None".to_owned(), |next| next.to_string());
        let sentence = format!(
            "It was 20ms. Then timers were set for 15ms and for 10ms, and `next` returned {next}."
        );
        if shelf.timers.next() == Some(at(20)) {
            run.diagnose("overdue-unsorted", sentence);
        }
        run.departs(sentence);
    }
    let out = shelf.pop_all(20);
    match out.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["sooner", "later"] => {}
        ["later", "sooner"] => run.diagnose(
            "overdue-unsorted",
            "It was 20ms. Then timers were set for 15ms and for 10ms, and they came out in the order of setting. The earliest time comes out \
             first, in the past as well.",
        ),
        _ => run.departs(format!(
            "It was 20ms. Then timers were set for 15ms and for 10ms, and these came out: {out:?}."
        )),
    }
}

#[test]
fn a_timer_may_be_set_for_time_zero_and_for_the_end_of_time() {
    let run = run!();
    let mut timers = Timers::new();
    let (start, end) = (Time::START, Time::END);
    timers.insert(end, "never");
    run.recorder()
        .says("timers", format!("set \"never\" for {end}"));
    timers.insert(start, "at the beginning");
    run.recorder()
        .says("timers", format!("set \"at the beginning\" for {start}"));
    let first = timers.pop_due(start).map(|(_, item)| item);
    let then = timers.pop_due(at(1_000_000_000)).map(|(_, item)| item);
    if (first, then, timers.next()) != (Some("at the beginning"), None, Some(end)) {
        run.departs(format!(
            "One timer was set for time zero and one for `Time::END`. At zero `pop_due` returned {first:?}, at 1,000,000s it returned \
             {then:?}, and `next` returned {:?}.",
            timers.next()
        ));
    }
}

#[test]
fn timers_removed_behind_an_earlier_one_leave_no_memory_in_use() {
    let run = run!();
    let mut timers = Timers::new();
    timers.insert(at(1), 0);
    let hour = at(3_600_000);
    let set_and_take_back = |timers: &mut Timers<u64>, count| {
        for number in 0..count {
            let key = timers.insert(hour, number);
            timers.remove(key);
        }
        heap::in_use()
    };
    run.recorder()
        .says("timers", "one is set for 1ms, and stays set");
    let before = set_and_take_back(&mut timers, A_FEW);
    let after = set_and_take_back(&mut timers, MANY);
    run.recorder().says(
        "timers",
        format!("{MANY} are set for an hour from now, and each is removed at once"),
    );
    run.recorder().says(
        "check",
        format!(
            "counts {}, and {} bytes more than before",
            timers.len(),
            after - before
        ),
    );
    if after - before > BYTES {
        run.diagnose(
            "timer-leaked",
            format!(
                "One timer stays set. {MANY} later ones were set for an hour from now, and each was removed at once. {} bytes are still in \
                 use for them, {} for each.",
                after - before,
                (after - before) / MANY as isize
            ),
        );
    }
}

/// How many timers are set and removed before the check begins to count.
const A_FEW: u64 = 1_000;

/// How many are set and removed after that.
const MANY: u64 = 70_000;

/// The bytes that may stay in use. An entry takes eight at the least; code that clears away now and then keeps a few entries.
const BYTES: isize = 100_000;

type Yours = TimerMachine<Timers<Item>>;
type Reference = TimerMachine<Sorted<Item>>;

#[test]
fn timers_set_in_any_order_come_out_in_the_order_of_their_times() {
    for search in timer_runs::set_and_pop() {
        search.compare(&run!(), Yours::new, Reference::new);
    }
}

#[test]
fn with_removals_the_others_still_come_out_in_the_order_of_their_times() {
    for search in timer_runs::all() {
        search.compare(&run!(), Yours::new, Reference::new);
    }
}

#[test]
fn seventy_thousand_timers_may_be_set_at_once() {
    const TIMERS: u64 = 70_000;
    let run = run!();
    let mut timers = Timers::new();
    let mut keys: Vec<TimerKey> = (0..TIMERS)
        .map(|number| timers.insert(at(number), number))
        .collect();
    run.recorder()
        .says("timers", format!("{TIMERS} are set, a millisecond apart"));
    let (len, next) = (timers.len() as u64, timers.next());
    if (len, next) != (TIMERS, Some(at(0))) {
        let first = keys[0];
        let twin = keys.iter().skip(1).position(|key| *key == first);
        let twin = twin.map_or(String::new(), |twin| {
            format!(
                " Timer {} got the key of the first one, which was still set.",
                twin + 2
            )
        });
        run.departs(format!(
            "{TIMERS} timers were set. `len` returned {len}, and `next` returned {next:?}.{twin}"
        ));
    }
    for number in [0, 255, 256, 65_535, 65_536, TIMERS - 1] {
        let held = timers.get_mut(keys[number as usize]).copied();
        if held != Some(number) {
            run.departs(format!(
                "{TIMERS} timers are set, with the items 0, 1, 2 and so on. `get_mut` of the key of item {number} returned {held:?}."
            ));
        }
    }
    for number in 0..3 {
        let out = timers.pop_due(at(10)).map(|(_, number)| number);
        if out != Some(number) {
            run.departs(format!(
                "{TIMERS} timers are set, and item {number} was to come out next. `pop_due` returned {out:?}."
            ));
        }
    }
    let mut keys = keys.split_off(3);
    let yours = at_work(|number| {
        let place = number * 7_919 % keys.len();
        let _earliest = timers.next();
        timers.remove(keys[place]);
        keys[place] = timers.insert(at(TIMERS + number as u64), number as u64);
    });
    let mut map: BTreeMap<(Time, u64), u64> = (0..TIMERS)
        .map(|number| ((at(number), number), number))
        .collect();
    let mut places: Vec<(Time, u64)> = map.keys().copied().collect();
    let of_a_map = at_work(|number| {
        let place = number * 7_919 % places.len();
        map.remove(&places[place]);
        places[place] = (at(TIMERS + number as u64), TIMERS + number as u64);
        map.insert(places[place], 0);
    });
    if yours.least > 12 * of_a_map.most {
        run.recorder().says(
            "check",
            format!(
                "with {TIMERS} timers set, a timer is removed and another one set, a hundred times"
            ),
        );
        run.diagnose(
            "linear-removal",
            format!(
                "{TIMERS} timers were set. To ask for the next time, remove one and set another took {} times as long as in a \
                 `BTreeMap` of the same size, or longer, in each of {ROUNDS} measurements. `insert` and `remove` take O(log n) steps, and \
                 `next` takes constant time: none of them looks at every timer, or moves all that come after one.",
                yours.least.as_nanos() / of_a_map.most.as_nanos().max(1)
            ),
        );
    }
}

/// How long a hundred calls took at the least and at the most, of several measurements. A crowded machine makes the most larger, and
/// the least hardly.
struct Took {
    least: Duration,
    most: Duration,
}

const ROUNDS: usize = 5;

fn at_work(mut work: impl FnMut(usize)) -> Took {
    let rounds = [0; ROUNDS].map(|_| {
        let start = Instant::now();
        (0..100).for_each(&mut work);
        start.elapsed()
    });
    Took {
        least: rounds.into_iter().min().unwrap_or_default(),
        most: rounds.into_iter().max().unwrap_or_default(),
    }
}

#[test]
fn of_seventy_thousand_timers_for_one_time_the_first_set_come_out_first() {
    const TIMERS: u64 = 70_000;
    let run = run!();
    let mut timers = Timers::new();
    for number in 0..TIMERS {
        timers.insert(at(10), number);
    }
    run.recorder()
        .says("timers", format!("{TIMERS} are set, all for 10ms"));
    for number in 0..600 {
        let out = timers.pop_due(at(10)).map(|(_, number)| number);
        if out != Some(number) {
            run.recorder().says(
                "timers",
                format!("pop_due → {out:?}    expected: Some({number})"),
            );
            run.diagnose(
                "tie-not-broken",
                format!(
                    "{TIMERS} timers were set for one time. Item {number} was the next in the order of setting, and {out:?} came out. A number \
                     that orders them must not begin again while they are set."
                ),
            );
        }
    }
}

#[test]
fn an_old_key_stays_old_for_seventy_thousand_timers() {
    let run = run!();
    let mut timers = Timers::new();
    let old = timers.insert(at(10), 0);
    timers.remove(old);
    run.recorder()
        .says("timers", "\"old\" is set for 10ms, and removed");
    for number in 1..=70_000 {
        let new = timers.insert(at(10), number);
        if timers.contains(old) || old == new {
            run.recorder()
                .says("timers", format!("timer {number} is set"));
            run.diagnose(
                "stale-key",
                format!("\"old\" was removed, and then {number} timers were set and removed. The key of the last one is the key of \"old\"."),
            );
        }
        timers.remove(new);
    }
}
