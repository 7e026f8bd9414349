//! The end of the input, and an `emit` that uses the input.

use super::world::{QUIET, World, counted};
use probe::{run, snapshot};

#[test]
fn at_the_end_of_the_input_a_waiting_value_is_emitted_at_once() {
    let world = World::new(run!("the_end"));
    world.push_at(0, 1);
    world.push_at(30, 2);
    world.wait_until(50);
    world.end_input();
    world.wait_until(1_000);
    match world.values()[..] {
        [] => world.run.diagnose(
            "value-lost-at-the-end",
            "The input ended while 2 was waiting, and 2 was never emitted.",
        ),
        [(130, 2)] => {
            world.mark_last();
            world.run.diagnose(
                "waits-out-the-quiet",
                "The input ended at 50 ms, and 2 was emitted at 130 ms; 50 ms is expected. After the end no other value can come.",
            )
        }
        _ => world.has_emitted(&[(50, 2)]),
    }
    snapshot!(world.run);
}

#[test]
fn after_the_end_no_task_and_no_timer_is_left() {
    for (name, pushes) in [
        ("no value was pushed", 0),
        ("a value was waiting", 1),
        ("a value was emitted", 2),
    ] {
        let world = World::new(run!());
        match pushes {
            0 => world.wait_until(10),
            1 => world.push_at(10, 1),
            _ => {
                world.push_at(10, 1);
                world.wait_until(500);
            }
        }
        world.run.recorder().says("check", name);
        world.end_input();
        let now = world.now();
        world.wait_until(now + 10);
        let (timers, tasks) = (world.event_loop.timers(), world.event_loop.tasks());
        world.run.recorder().says(
            "loop",
            format!(
                "has {}, {}",
                counted(tasks, "task"),
                counted(timers, "timer")
            ),
        );
        if tasks > 0 {
            world.run.diagnose(
                "task-left-behind",
                format!(
                    "The input has ended ({name} before that), and the loop still has {}. No value can come any more, and the task has not \
                     completed.",
                    counted(tasks, "task")
                ),
            );
        }
        if timers > 0 {
            world.run.diagnose(
                "timer-leaked",
                format!(
                    "The input has ended, and {} set.",
                    if timers == 1 {
                        "a timer is"
                    } else {
                        "timers are"
                    }
                ),
            );
        }
    }
}

#[test]
fn emit_may_push_a_value() {
    let world = World::new(run!());
    world.answer_with(7);
    world.push_at(0, 1);
    world.wait_until(1_000);
    if let Some(message) = world.reported.take() {
        if message.contains("borrowed") {
            world.run.diagnose(
                "borrowed-while-calling",
                "`emit` pushed a value, and `push` panicked: the state is borrowed while `emit` runs. `emit` is caller-supplied code, which \
                 may call `push`.",
            );
        }
        world.run.departs(format!(
            "`emit` pushed a value, and the loop reported a panic: {message}."
        ));
    }
    world.has_emitted(&[(QUIET, 1), (2 * QUIET, 7)]);
}

#[test]
fn emit_may_push_a_value_and_drop_the_input() {
    let world = World::new(run!());
    world.answer_with(7);
    world.push_at(0, 1);
    // From now on only `emit` has the input: it pushes, and drops it.
    drop(world.input.take());
    world.wait_until(1_000);
    if world.values() == [(QUIET, 1)] {
        world.run.diagnose(
            "value-lost-at-the-end",
            "While 1 was emitted, 7 was pushed and the input ended. 7 was never emitted: a value may wait when the task sees the end of \
             the input.",
        );
    }
    world.has_emitted(&[(QUIET, 1), (QUIET, 7)]);
}
