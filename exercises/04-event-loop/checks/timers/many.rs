//! Many timers, and many runs.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::super::subject::{TimerKey, Timers};
use super::shelf::at;
use event_loop::Time;
use probe::run;
use probe_futures::heap;
use probe_loop::timer_runs::{self, Item, Sorted, TimerMachine};

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
