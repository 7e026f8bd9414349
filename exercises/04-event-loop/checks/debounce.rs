//! debounce: the last value is emitted when no other has come for a time.

#[path = "debounce/judging.rs"]
mod judging;
#[path = "debounce/scripts.rs"]
mod scripts;
#[path = "debounce/spawner.rs"]
mod spawner;
#[path = "debounce/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "debounce/end_of_input.rs"]
mod end_of_input;

#[path = "debounce/other_polls.rs"]
mod other_polls;

#[path = "debounce/limits.rs"]
mod limits;

use probe::{run, snapshot};
use world::{QUIET, World, counted};

#[test]
fn a_value_is_emitted_100_ms_after_its_push() {
    let world = World::new(run!("one_value"));
    world.push_at(0, 1);
    if let [first, ..] = world.emitted()[..] {
        world.run.diagnose_at(
            first.event,
            "emits-at-once",
            "The value was emitted when it was pushed. Another one may follow within 100 ms, and then this one was not the last.",
        );
    }
    world.wait_until(QUIET - 1);
    world.emits_nothing_yet();
    world.wait_until(QUIET + 1);
    world.has_emitted(&[(QUIET, 1)]);
    world.wait_until(10 * QUIET);
    world.has_emitted(&[(QUIET, 1)]);
    snapshot!(world.run);
}

#[test]
fn of_several_values_only_the_last_is_emitted() {
    let world = World::new(run!("three_values"));
    for (at, value) in [(0, 1), (40, 2), (80, 3)] {
        world.push_at(at, value);
    }
    world.wait_until(10 * QUIET);
    match world.values()[..] {
        [(at, 1)] => {
            world.mark_last();
            world.run.diagnose(
                "first-not-last",
                format!("1, 2 and 3 were pushed at 0, 40 and 80 ms, and only 1 was emitted, at {at} ms. A new value takes the place of the waiting one."),
            )
        }
        [(_, 1), (_, 2), (_, 3)] => world.run.diagnose(
            "every-value-emitted",
            "1, 2 and 3 were pushed at 0, 40 and 80 ms, and all three were emitted. 1 and 2 were followed by another value within 100 ms.",
        ),
        [(QUIET, 3)] => world.run.diagnose(
            "timer-not-restarted",
            "3 was pushed at 80 ms and emitted at 100 ms, 100 ms after the first value. The 100 ms count from the last push: 180 ms is \
             expected.",
        ),
        [(QUIET, 3), ..] => world.run.diagnose(
            "timer-not-restarted",
            "3 was pushed at 80 ms and emitted at 100 ms, 100 ms after the first value, and then a value was emitted again. The 100 ms \
             count from the last push.",
        ),
        [(at, 3)] if at == 2 * QUIET => world.run.diagnose_at(
            world.emitted()[0].event,
            "quiet-counted-late",
            "3 was pushed at 80 ms and emitted at 200 ms; 180 ms is expected. The timer of the first value fired at 100 ms, and from \
             then on 80 ms were left, not another 100.",
        ),
        _ => world.has_emitted(&[(80 + QUIET, 3)]),
    }
    snapshot!(world.run);
}

#[test]
fn while_values_come_every_60_ms_none_is_emitted() {
    let world = World::new(run!());
    for number in 0..20 {
        world.push_at(u64::from(number) * 60, number);
        if let [first, ..] = world.emitted()[..] {
            world.run.diagnose_at(
                first.event,
                "timer-not-restarted",
                "Values are pushed every 60 ms, and one was emitted in between. The 100 ms count from the last push.",
            );
        }
    }
    world.wait_until(19 * 60 + 2 * QUIET);
    world.has_emitted(&[(19 * 60 + QUIET, 19)]);
}

#[test]
fn values_pushed_after_an_emission_are_emitted_as_well() {
    let world = World::new(run!());
    world.push_at(0, 1);
    world.push_at(250, 2);
    world.push_at(300, 3);
    world.wait_until(1_000);
    if world.values() == [(QUIET, 1)] {
        world.refuse_a_stale_wake(300 + QUIET, 3);
        world.run.diagnose(
            "ends-after-the-first",
            "The first value was emitted, and no value after it. The task must run until the input ends.",
        );
    }
    world.has_emitted(&[(QUIET, 1), (300 + QUIET, 3)]);
    world.push_at(1_500, 4);
    world.wait_until(3_000);
    world.has_emitted(&[(QUIET, 1), (300 + QUIET, 3), (1_500 + QUIET, 4)]);
}

#[test]
fn a_thousand_values_set_at_most_one_timer_at_a_time() {
    let world = World::new(run!());
    world
        .run
        .recorder()
        .says("input", "push(0) … push(999), within 50 ms");
    for number in 0..1_000 {
        world.wait_until(u64::from(number) / 20);
        world.push(number);
    }
    world.wait_until(49);
    let (timers, tasks) = (world.event_loop.timers(), world.event_loop.tasks());
    world.run.recorder().says(
        "loop",
        format!(
            "has {}, {}",
            counted(tasks, "task"),
            counted(timers, "timer")
        ),
    );
    if timers > 1 || tasks > 3 {
        world.run.diagnose(
            "timer-leaked",
            format!(
                "A thousand values were pushed in 50 ms, and the loop has {} and {}. At most one timer is allowed.",
                counted(timers, "timer"),
                counted(tasks, "task")
            ),
        );
    }
    world.wait_until(1_000);
    world.has_emitted(&[(49 + QUIET, 999)]);
}

#[test]
fn while_no_value_waits_no_timer_is_set() {
    let world = World::new(run!());
    world.wait_until(50);
    world.expects_no_timer("No value has been pushed yet");
    world.push_at(60, 1);
    world.wait_until(60 + QUIET + 1);
    world.expects_no_timer("The value was emitted");
}
