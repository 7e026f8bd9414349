//! Ticks that have passed, the last tick, and the keys of timers that are gone.

use super::super::subject::Wheel;
use super::shelf::Shelf;
use probe::run;

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
