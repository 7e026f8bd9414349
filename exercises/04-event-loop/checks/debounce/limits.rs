//! Many values, the shortest and the longest time, short scripts, and what is left in memory.

use std::time::Duration;

use super::super::subject::Debounce;
use super::scripts::{Step, try_script};
use super::world::{QUIET, TURNS, World};
use event_loop::EventLoop;
use probe::detect::DropCounter;
use probe::random::Random;
use probe::{Run, leaks, run};
use probe_futures::Sim;
use probe_loop::SimDriver;

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
