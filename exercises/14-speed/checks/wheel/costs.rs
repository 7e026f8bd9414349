//! What ticks and timers cost; and every short run.

use super::super::subject::{Wheel, WheelKey};
use super::machine::{Sorted, WheelMachine};
use super::runs;
use super::shelf::Shelf;
use probe::detect::Token;
use probe::random::Random;
use probe::run;
use probe_io::heap;

#[test]
fn ticks_without_timers_cost_nothing() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    shelf.set("in years", 1 << 62);
    shelf.set("at the end", u64::MAX);
    run.risk(
        Some("walks-every-tick"),
        "One timer is set for tick 2^62, and one for the last. `pop_due(2^62 − 1)` took too long: its cost grows with the number of ticks \
         since the last call.",
        || {
            shelf.pop((1 << 62) - 1);
            shelf.pop(1 << 62);
        },
    );
    let left = shelf.pop(u64::MAX - 1);
    let last = shelf.pop(u64::MAX);
    if (left.as_deref(), last.as_deref()) != (None, Some("at the end")) {
        run.departs(format!("One timer is left, for tick u64::MAX. One tick before, `pop_due` returned {left:?}, and then {last:?}."));
    }
}

#[test]
fn timers_that_are_not_due_cost_nothing() {
    const TIMERS: u64 = 50_000;
    let run = run!();
    let mut wheel = Wheel::new();
    let keys: Vec<WheelKey> = (0..TIMERS)
        .map(|number| wheel.insert(1 << 40, number))
        .collect();
    run.recorder()
        .says("wheel", format!("{TIMERS} timers are set for tick 2^40"));
    run.risk(
        Some("looks-at-every-timer"),
        "50,000 timers are set for a far tick. `next` and `pop_due` at each of 20,000 ticks take too long: they look at timers that are not \
         due.",
        || {
            for now in 0..20_000 {
                assert!(wheel.next().is_some_and(|next| next <= 1 << 40));
                assert!(wheel.pop_due(now).is_none());
            }
        },
    );
    run.risk(
        Some("linear-removal"),
        "50,000 timers are set for one tick, and are removed in no particular order. That takes too long: the cost of one removal grows with \
         the number of timers.",
        || {
            let mut random = Random::seeded(14);
            let mut left = keys;
            while !left.is_empty() {
                assert!(wheel.remove(left.swap_remove(random.below(left.len()))).is_some());
            }
        },
    );
    if !wheel.is_empty() || wheel.next().is_some() {
        run.diagnose(
            "timer-leaked",
            format!(
                "All were removed. `len` returned {}, and `next` {:?}.",
                wheel.len(),
                wheel.next()
            ),
        );
    }
}

#[test]
fn removed_timers_leave_no_memory_in_use() {
    const MANY: u64 = 50_000;
    let run = run!();
    let mut wheel = Wheel::new();
    wheel.insert(1, 0);
    let set_and_remove = |wheel: &mut Wheel<u64>, count| {
        for number in 0..count {
            let key = wheel.insert(100_000, number);
            wheel.remove(key);
        }
        heap::in_use()
    };
    let before = set_and_remove(&mut wheel, 1_000);
    let more = set_and_remove(&mut wheel, MANY) - before;
    if more > 100_000 {
        run.diagnose(
            "timer-leaked",
            format!("{MANY} timers were set, and each was removed at once. {more} bytes are still in use for them."),
        );
    }
}

type Yours = WheelMachine<Wheel<(usize, Token)>>;

#[test]
fn in_every_short_run_the_timers_come_out_as_from_a_sorted_list() {
    for search in runs::all() {
        search.compare(&run!(), Yours::new, WheelMachine::<Sorted>::new);
    }
}
