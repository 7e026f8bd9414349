//! Several generators, every short run, and what the loop keeps.

use super::machine::{Driven, reference, subject};
use super::moves::{ALPHABET, KNOWN};
use super::world::{Do, World};
use probe::run;
use probe::runs::Search;

#[test]
fn after_the_generator_completes_the_loop_keeps_nothing() {
    let world = World::new(run!());
    let p = world.promise();
    let promise = world.inline([Do::Yield("p", p.clone()), Do::Return]);
    world.turns();
    world.ends("p", &p, Ok(7));
    world.turns();
    world.expect(&promise, "7");
    let tasks = world.sim.event_loop().tasks();
    if tasks > 0 {
        world.run.diagnose(
            "task-left-behind",
            format!("The generator has completed, and the loop still has {tasks} tasks."),
        );
    }
    if world.generators.alive() > 0 {
        world.run.diagnose(
            "generator-kept",
            "The generator has completed, and was not dropped.",
        );
    }
}

#[test]
fn two_generators_run_side_by_side() {
    let world = World::new(run!());
    let [p, q] = [(); 2].map(|()| world.promise());
    let first = world.inline([Do::Yield("p", p.clone()), Do::Return]);
    let second = world.inline([Do::Yield("q", q.clone()), Do::Return]);
    world.turns();
    if world.resumes() < 2 {
        world
            .run
            .departs("Two generators were started, and only one of them was resumed.");
    }
    world.ends("q", &q, Ok(2));
    world.turns();
    world.expect(&second, "2");
    world.ends("p", &p, Ok(1));
    world.turns();
    world.expect(&first, "1");
}

#[test]
fn forty_generators_run_side_by_side() {
    let world = World::new(run!());
    let yielded: Vec<_> = (0..40).map(|_| world.promise()).collect();
    let returned: Vec<_> = yielded
        .iter()
        .map(|promise| world.inline([Do::Yield("p", promise.clone()), Do::Return]))
        .collect();
    world.turns();
    for (number, promise) in (0..40).zip(&yielded).rev() {
        world.ends("p", promise, Ok(number));
    }
    world.turns();
    for (number, promise) in returned.iter().enumerate() {
        world.expect(promise, &number.to_string());
    }
}

#[test]
fn every_short_run_is_as_expected() {
    Search::of(&ALPHABET)
        .up_to(3)
        .and_random(100, 8, 5)
        .naming(&KNOWN)
        .compare(
            &run!(),
            || Driven::new(&subject),
            || Driven::new(&reference),
        );
}
