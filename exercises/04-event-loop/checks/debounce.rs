//! debounce: the last value is emitted when no other has come for a time.

#[path = "debounce/scripts.rs"]
mod scripts;
#[path = "debounce/world.rs"]
mod world;

use std::time::Duration;

use super::subject::Debounce;
use event_loop::EventLoop;
use probe::detect::DropCounter;
use probe::random::Random;
use probe::{Run, leaks, run, snapshot};
use probe_futures::Sim;
use probe_loop::SimDriver;
use scripts::{Step, try_script};
use world::{Emission, QUIET, TURNS, World, counted};

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

#[test]
fn the_100_ms_count_from_the_push_even_if_the_task_is_polled_later() {
    let world = World::new(run!());
    world.wait_until(10);
    world.run.recorder().says("input", "push(1)");
    world.push(1);
    world.is_busy_until(40);
    world.wait_until(1_000);
    if let [
        Emission {
            at: 140,
            value: 1,
            event,
        },
    ] = world.emitted()[..]
    {
        world.run.diagnose_at(
            event,
            "quiet-counted-late",
            "1 was pushed at 10 ms and emitted at 140 ms; 110 ms is expected. The task was polled at 40 ms, and the 100 ms were counted \
             from that poll.",
        );
    }
    world.has_emitted(&[(10 + QUIET, 1)]);
}

#[test]
fn a_spurious_poll_emits_nothing() {
    let world = World::new(run!());
    world.push_at(0, 1);
    for at in [20, 70] {
        world.wait_until(at);
        world.spurious_poll();
    }
    world.wait_until(QUIET - 1);
    world.emits_nothing_yet();
    world.spurious_poll_just_before(QUIET);
    world.emits_nothing_yet();
    world.wait_until(1_000);
    world.has_emitted(&[(QUIET, 1)]);
}

#[test]
fn a_push_wakes_the_task_after_a_spurious_poll_as_well() {
    let world = World::new(run!());
    world.wait_until(10);
    world.spurious_poll();
    world.push_at(20, 1);
    world.wait_until(1_000);
    world.has_emitted(&[(20 + QUIET, 1)]);
    world.spurious_poll();
    world.push_at(1_100, 2);
    world.spurious_poll();
    world.wait_until(1_150);
    world.end_input();
    world.wait_until(2_000);
    world.has_emitted(&[(20 + QUIET, 1), (1_150, 2)]);
}

#[test]
fn after_65537_values_the_timer_of_the_first_emits_none() {
    for values in [257, 65_537] {
        let world = World::new(run!());
        world.push_at(0, 1);
        world.wait_until(60);
        let text = format!("push(2) … push({values})");
        world.run.recorder().says("input", text);
        for value in 2..=values {
            world.push(value);
        }
        world.wait_until(1_000);
        world.has_emitted(&[(60 + QUIET, values)]);
    }
}

#[test]
fn the_time_may_be_zero_and_may_have_no_end() {
    let world = World::with_quiet(run!(), Duration::ZERO);
    world.push_at(10, 1);
    world.push_at(20, 2);
    world.wait_until(30);
    world.has_emitted(&[(10, 1), (20, 2)]);
    let world = World::with_quiet(run!(), Duration::ZERO);
    world.answer_with(7);
    world.push_at(10, 1);
    world.wait_until(30);
    world.has_emitted(&[(10, 1), (10, 7)]);
    let world = World::with_quiet(run!(), Duration::MAX);
    world.push_at(10, 1);
    world.push_at(20, 2);
    world.wait_until(3_600_000);
    world.emits_nothing_yet();
    world.end_input();
    world.wait_until(3_600_010);
    world.has_emitted(&[(3_600_000, 2)]);
}

#[test]
fn no_value_outlives_its_emission_or_the_input() {
    for ends_early in [false, true] {
        let run = run!();
        let event_loop = EventLoop::with_driver(SimDriver::new(&Sim::new(&run)));
        let handle = event_loop.handle();
        let tokens = DropCounter::new();
        let input = Debounce::new(&handle, handle.clone(), Duration::from_millis(QUIET), drop);
        for _ in 0..3 {
            input.push(tokens.token());
        }
        run.recorder().says("input", "push, of three values");
        let input = if ends_early {
            drop(input);
            None
        } else {
            Some(input)
        };
        for _ in 0..TURNS {
            if event_loop.run_once().is_err() {
                break; // Stuck: no timer is left.
            }
        }
        run.recorder()
            .says("check", format!("{} values are alive", tokens.alive()));
        if tokens.alive() > 0 {
            run.departs(format!(
                "Three values were pushed, the last one was emitted, {}and {} of them are still alive.",
                if ends_early { "the input has ended, " } else { "" },
                tokens.alive()
            ));
        }
        drop(input);
    }
}

#[test]
fn in_every_short_script_each_value_is_emitted_in_its_time() {
    let letters = [10, 60, 130]
        .into_iter()
        .flat_map(|gap| [Step::Push(gap), Step::SpuriousPoll(gap)])
        .collect::<Vec<_>>();
    let mut scripts: Vec<Vec<Step>> = vec![Vec::new()];
    for _ in 0..3 {
        scripts = scripts
            .iter()
            .flat_map(|script| letters.iter().map(|step| [&script[..], &[*step]].concat()))
            .collect();
        for script in &scripts {
            try_script(script);
        }
    }
    let mut random = Random::seeded(49);
    for _ in 0..100 {
        let script: Vec<Step> = (0..8).map(|_| *random.pick(&letters)).collect();
        try_script(&script);
    }
}

#[test]
fn a_debouncer_that_has_ended_leaves_no_memory_behind() {
    leaks::no_memory_is_left(&run!(), "debouncer", || {
        let world = World::new(Run::unnamed());
        world.push_at(0, 1);
        world.wait_until(2 * QUIET);
        world.push(2);
        world.end_input();
        world.wait_until(3 * QUIET);
    });
}
