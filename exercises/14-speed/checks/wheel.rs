//! wheel: timers that are set and removed in constant time.

#[path = "wheel/runs.rs"]
mod runs;
#[path = "wheel/shelf.rs"]
mod shelf;

use super::subject::{Wheel, WheelKey};
use probe::detect::Token;
use probe::random::Random;
use probe::{run, snapshot};
use probe_io::heap;
use runs::{Sorted, WheelMachine};
use shelf::Shelf;

#[test]
fn a_timer_comes_out_at_its_tick_and_not_before() {
    let run = run!("one_timer");
    let mut shelf = Shelf::new(&run);
    shelf.set("tea", 30);
    if shelf.pop(29).is_some() {
        run.departs("The timer was set for tick 30, and `pop_due(29)` returned it.");
    }
    if shelf.pop(30).is_none() {
        if shelf.pop(31).is_none() {
            run.departs("The timer was set for tick 30, and neither `pop_due(30)` nor `pop_due(31)` returned it.");
        }
        run.diagnose(
            "due-too-late",
            "The timer was set for tick 30. `pop_due(30)` returned None, and `pop_due(31)` returned the timer.",
        );
    }
    if shelf.pop(40).is_some() {
        run.departs("The timer came out twice.");
    }
    snapshot!(run);
}

#[test]
fn a_timer_that_is_far_away_comes_out_at_its_tick_too() {
    // Each differs from 0 and from a round number in several digits, whatever the digits' base.
    for due in [77, 200, 4_500, 70_001] {
        let run = run!();
        let mut shelf = Shelf::new(&run);
        shelf.set("tea", due);
        match shelf.walk(1..=due + 1) {
            Some(now) if now == due => {}
            Some(now) if now < due && now % 16 == 0 && due - now < 4_096 => run.diagnose(
                "slot-comes-out-whole",
                format!("The timer was set for tick {due}, and came out at tick {now}, where a coarser slot begins: {} ticks early.", due - now),
            ),
            Some(now) if now < due => run.diagnose(
                "lap-not-counted",
                format!("The timer was set for tick {due}, and came out at tick {now}: {} ticks early.", due - now),
            ),
            Some(now) => run.diagnose(
                "due-too-late",
                format!("The timer was set for tick {due}, and came out at tick {now}."),
            ),
            None => {
                let later = shelf.walk(due + 2..=2 * due + 10_000);
                let when = later.map_or("nor later".to_owned(), |now| format!("but at tick {now}"));
                run.diagnose(
                    "cascade-forgotten",
                    format!("`pop_due` was called at every tick. The timer was set for tick {due}, and did not come out then, {when}."),
                );
            }
        }
    }
}

#[test]
fn timers_come_out_in_order_however_far_the_clock_jumps() {
    let run = run!("a_jump");
    let mut shelf = Shelf::new(&run);
    let dues = [70_000, 5, 700, 64, 5_000, 63, 300_000];
    for due in dues {
        shelf.set(&format!("for {due}"), due);
    }
    let out = shelf.pop_all(400_000);
    let mut sorted = dues;
    sorted.sort_unstable();
    let expected = sorted.map(|due| format!("for {due}"));
    if out.len() < expected.len() {
        run.diagnose(
            "slots-skipped",
            format!("All 7 timers were due at tick 400,000. When `pop_due(400000)` returned None, {} had come out: {out:?}.", out.len()),
        );
    }
    if out != expected {
        run.departs(format!("The timers came out in this order: {out:?}."));
    }
    shelf.set("later", 400_001);
    if shelf.pop_all(400_001) != ["later"] {
        run.departs("After the jump a timer was set for the next tick, and did not come out then.");
    }
    snapshot!(run);
}

#[test]
fn a_jump_into_the_middle_of_a_slot_leaves_the_later_timers_of_that_slot() {
    let run = run!();
    for to in [130, 150, 4_200, 5_000, 66_000] {
        let mut shelf = Shelf::new(&run);
        shelf.set("later", to + 1);
        shelf.set("much later", to + 60);
        if !shelf.pop_all(to).is_empty() {
            run.diagnose(
                "slot-comes-out-whole",
                format!("The clock jumped to tick {to}, and a timer for a later tick came out."),
            );
        }
        let out = [shelf.pop_all(to + 1), shelf.pop_all(to + 60)];
        if out != [["later"], ["much later"]] {
            run.diagnose(
                "slots-skipped",
                format!("The clock jumped to tick {to}. At ticks {} and {} these came out: {out:?}. Expected: one at each.", to + 1, to + 60),
            );
        }
    }
}

#[test]
fn timers_for_one_tick_come_out_in_the_order_in_which_they_were_set() {
    for due in [10, 1_000, 70_000] {
        let run = run!();
        let mut shelf = Shelf::new(&run);
        let names = ["a", "b", "c", "d"];
        for name in &names[..3] {
            shelf.set(name, due);
        }
        shelf.walk(due - 5..=due - 4);
        shelf.set("d", due);
        let out = shelf.pop_all(due);
        if out.len() != 4 {
            run.departs(format!(
                "Four timers were set for tick {due}, and these came out: {out:?}."
            ));
        }
        if out != names {
            run.diagnose(
                if due == 10 { "tie-not-broken" } else { "cascade-reorders" },
                format!("All were set for tick {due}, in the order a, b, c, d, and they came out as {}.", out.join(", ")),
            );
        }
    }
}

#[test]
fn the_item_of_a_timer_can_be_changed_while_it_is_set() {
    for due in [5, 4_500] {
        let run = run!();
        let mut wheel = Wheel::new();
        wheel.insert(due, 10);
        let key = wheel.insert(due, 20);
        match wheel.get_mut(key) {
            Some(item) if *item == 20 => *item += 1,
            other => run.departs(format!("A timer is set with the item 20, behind one with the item 10. `get_mut` of its key returns {other:?}.")),
        }
        let removed = wheel.remove(key);
        if removed != Some(21) {
            run.departs(format!(
                "The item 20 was changed to 21 through `get_mut`. `remove` returns {removed:?}."
            ));
        }
    }
}

#[test]
fn a_timer_for_a_tick_that_has_passed_is_due_at_once() {
    for (now, due) in [(10, 4), (100, 99), (100, 100), (5_000, 10), (5_000, 0)] {
        let run = run!();
        let mut shelf = Shelf::new(&run);
        shelf.set("first", now);
        shelf.pop(now);
        shelf.set("late", due);
        match shelf.wheel.next() {
            Some(next) if next <= now => {}
            Some(next) => run.diagnose(
                "overslept",
                format!("The clock was at tick {now}, a timer is set for tick {due}, and `next` returned {next}: the loop sleeps past the timer."),
            ),
            None => run.departs("A timer is set, and `next` returned None."),
        }
        if shelf.pop(now).is_none() {
            run.diagnose(
                "overdue-waits-a-lap",
                format!("The clock was at tick {now}, and a timer was set for tick {due}. `pop_due({now})` returned None."),
            );
        }
    }
}

#[test]
fn among_timers_that_have_passed_the_earliest_comes_out_first() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    shelf.set("first", 100);
    shelf.pop(100);
    for (name, due) in [
        ("c", 100),
        ("b", 90),
        ("a", 20),
        ("d", 101),
        ("b again", 90),
    ] {
        shelf.set(name, due);
    }
    let out = shelf.pop_all(101);
    if out != ["a", "b", "b again", "c", "d"] {
        run.diagnose(
            "overdue-unsorted",
            format!("At tick 100, timers were set for the ticks 100, 90, 20, 101 and 90. They came out as {}.", out.join(", ")),
        );
    }
}

#[test]
fn a_removed_timer_does_not_come_out_and_its_key_stays_old() {
    for far in [1, 1_000] {
        let run = run!();
        let mut shelf = Shelf::new(&run);
        shelf.set("first", 10 * far);
        let second = shelf.set("second", 20 * far);
        shelf.set("third", 30 * far);
        shelf.remove("second", second, true);
        shelf.remove("second", second, false);
        shelf.expect_len(2);
        let new = shelf.set("new", 25 * far);
        if new == second || shelf.wheel.contains(second) || shelf.wheel.get_mut(second).is_some() {
            run.diagnose(
                "stale-key",
                "\"second\" was removed, and \"new\" was set. The key of \"second\" finds \"new\".",
            );
        }
        let out = shelf.pop_all(40 * far);
        if out != ["first", "new", "third"] {
            run.departs(format!(
                "Three timers were left, first, new and third. These came out: {out:?}."
            ));
        }
        shelf.remove("new", new, false);
        shelf.expect_len(0);
    }
}

#[test]
fn the_key_of_a_timer_that_is_gone_stays_old_however_often_its_memory_is_used_again() {
    let run = run!();
    let mut wheel = Wheel::new();
    let old = wheel.insert(9, 0);
    wheel.remove(old);
    let recorder = run.recorder();
    recorder.says("wheel", "a timer is set and removed: its key is old");
    // As many as a counter of 8 bits and one of 16 can tell apart, and one more.
    for number in 1..=65_537 {
        let key = wheel.insert(9, number);
        if wheel.contains(old) {
            recorder.says(
                "wheel",
                format!("timer {number} after it is set, and `contains` of the old key is true"),
            );
            run.diagnose(
                "generation-too-small",
                format!("A timer was set and removed. Then others were set and removed, one after the other. The old key finds number {number}."),
            );
        }
        wheel.remove(key);
    }
}

#[test]
fn a_loop_that_asks_for_an_earlier_tick_gets_no_timer_of_a_later_one() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    shelf.set("first", 100);
    shelf.pop(100);
    shelf.set("late", 90);
    shelf.set("next", 300);
    if shelf.pop(80).is_some() {
        run.diagnose(
            "earlier-tick-ignored",
            "`pop_due(100)` had been called. Then a timer was set for tick 90, and `pop_due(80)` returned it: `now` may be earlier than in \
             the call before.",
        );
    }
    let out = [shelf.pop(90), shelf.pop(299), shelf.pop(300)];
    if out != [Some("late".to_owned()), None, Some("next".to_owned())] {
        run.departs(format!(
            "Timers were set for the ticks 90 and 300. At the ticks 90, 299 and 300 these came out: {out:?}."
        ));
    }
}

#[test]
fn a_timer_may_be_set_for_the_last_tick() {
    let run = run!();
    let recorder = run.recorder();
    let mut wheel = Wheel::new();
    let came = probe::panics::expected(|| {
        recorder.says("wheel", "insert(u64::MAX)");
        wheel.insert(u64::MAX, ());
        recorder.says("wheel", "pop_due(u64::MAX − 1)");
        let early = wheel.pop_due(u64::MAX - 1).is_some();
        recorder.says("wheel", "pop_due(u64::MAX)");
        (early, wheel.pop_due(u64::MAX).is_some())
    });
    match came {
        Ok((false, true)) => {}
        Ok((early, _)) => run.departs(match early {
            true => "The timer came out one tick early.",
            false => "The timer is due, and did not come out.",
        }),
        Err(_) => run.diagnose(
            "overflows-at-max",
            "A timer was set for tick u64::MAX, the last one. The last call in the run panicked.",
        ),
    }
}

#[test]
fn a_loop_that_sleeps_until_next_arrives_at_each_timer() {
    let run = run!();
    for dues in [
        vec![1],
        vec![64, 65],
        vec![4_095, 4_096, 70_000],
        vec![1 << 40, (1 << 40) + 1],
        vec![u64::MAX],
    ] {
        let mut shelf = Shelf::new(&run);
        for due in &dues {
            shelf.set("timer", *due);
        }
        for due in dues {
            arrives_at(&mut shelf, due);
        }
        if let Some(next) = shelf.wheel.next() {
            run.diagnose(
                "timer-leaked",
                format!("All timers have come out, and `next` returned {next}."),
            );
        }
    }
}

/// Sleeps until `next`, as often as the contract allows that it is too early.
fn arrives_at(shelf: &mut Shelf, due: u64) {
    let run = shelf.run.clone();
    for _ in 0..=16 {
        let Some(next) = shelf.wheel.next() else {
            run.departs(format!(
                "A timer is set for tick {due}, and `next` returned None."
            ));
        };
        if next > due {
            run.diagnose("overslept", format!("A timer is set for tick {due}, and `next` returned {next}: the loop sleeps past the timer."));
        }
        if shelf.pop(next).is_some() {
            return;
        }
    }
    run.diagnose(
        "wakes-before-each-timer",
        format!("A timer is set for tick {due}. A loop slept until `next` 17 times in a row, and no timer was due."),
    );
}

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
