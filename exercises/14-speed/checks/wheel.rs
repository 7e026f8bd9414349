//! wheel: timers that are set and removed in constant time.

#[path = "wheel/machine.rs"]
mod machine;
#[path = "wheel/runs.rs"]
mod runs;
#[path = "wheel/shelf.rs"]
mod shelf;

// The tests below come first, and then those of these modules, in this order.
#[path = "wheel/passed.rs"]
mod passed;

#[path = "wheel/costs.rs"]
mod costs;

use super::subject::Wheel;
use probe::{run, snapshot};
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
    // Each differs from 0 and from a round number in several digits, in every base.
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
