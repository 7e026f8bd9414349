//! green_pool: a limit for the green threads that run at the same time.

#[path = "green_pool/runs.rs"]
mod runs;
#[path = "green_pool/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "green_pool/dropped.rs"]
mod dropped;

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::subject::{Job, Lost};
use futures::FutureExt;
use green::{Green, wait};
use probe::{panics, run, snapshot};
use world::World;

#[test]
fn a_function_runs_on_the_loop_and_its_job_has_the_value() {
    let run = run!("one");
    let world = World::new(2);
    let job = world.spawn(&run, "a", 5);
    if !run.recorder().recording().to_string().is_empty() {
        run.diagnose(
            "eager-start",
            "The function ran inside of `spawn`. It runs when the loop polls a task.",
        );
    }
    if world.outcome(&run, job) != Ok(5) {
        run.departs("The function returned 5. Expected: the job is ready with Ok(5).");
    }
    snapshot!(run);
}

#[test]
fn more_than_the_limit_wait_and_begin_in_order() {
    let run = run!("in_order");
    let world = World::new(2);
    let jobs = [("a", 30), ("b", 10), ("c", 10), ("d", 10)]
        .map(|(name, millis)| world.spawn(&run, name, millis));
    let counts = (world.pool.running(), world.pool.waiting());
    for job in jobs {
        let _ = world.outcome(&run, job);
    }
    let (_, most) = world.at_once.get();
    if most > 2 {
        run.diagnose(
            "more-than-the-pool-has-places",
            format!("The pool has two places, and {most} functions ran at the same time."),
        );
    }
    if most < 2 {
        run.departs("The pool has two places, and the functions ran one after the other.");
    }
    let text = run.recorder().recording().to_string();
    let at = |line: &str| text.find(line);
    if at("begins at 0 ms") < at("c ") && at("d  ") < at("c  ") && at("d  ").is_some() {
        run.diagnose(
            "queue-reversed",
            "c and d waited for a place. d waited for a shorter time, and began first.",
        );
    }
    if text.contains("begins at 30 ms") {
        run.diagnose(
            "batch-not-places",
            "b had ended at 10 ms, and its place was free. The functions that waited began when a had ended, too, at 30 ms.",
        );
    }
    if counts != (2, 2) {
        run.departs(format!("Four functions were spawned in a pool of two places. Expected: 2 running and 2 waiting. Seen: {counts:?}."));
    }
    snapshot!(run);
}

#[test]
fn a_function_that_waits_has_no_stack() {
    let run = run!();
    let world = World::new(1);
    let number = || green::number().unwrap_or(0);
    let first = world.pool.spawn(number);
    let second = world.pool.spawn(number);
    let between = Green::new(number).expect("the system gives a stack");
    let between = between.now_or_never().expect("it does not wait");
    let _ = world.outcome(&run, first);
    let second = world.outcome(&run, second);
    match second {
        Ok(0) => run.departs("The function asked for the number of its green thread, and there is none."),
        Ok(number) if number < between => run.diagnose(
            "stack-before-its-turn",
            "A function was spawned while the only place was taken. Its green thread was made at once, before one that was made later: it has a stack while it waits.",
        ),
        Ok(_) => {}
        Err(lost) => run.departs(format!("The second function returns. Its job says: {lost:?}.")),
    }
}

#[test]
fn a_panic_is_counted_and_the_place_is_free() {
    let run = run!("panics");
    let world = World::new(1);
    let recorder = run.recorder().clone();
    let fails = world.pool.spawn(move || {
        recorder.says("a", "panics");
        panic!("in the function");
    });
    let next = world.spawn(&run, "b", 1);
    let escaped = panics::expected(|| {
        for _ in 0..20 {
            world.event_loop.block_on(event_loop::yield_now());
        }
    });
    if let Err(panic) = escaped {
        run.departs(format!(
            "The panic of a function came out of the loop: {}",
            panic.message
        ));
    }
    let begun = world.at_once.get() != (0, 0);
    if !begun && world.pool.running() == 0 {
        run.diagnose(
            "panic-takes-the-rest",
            "A function panicked while another one waited for its place. No function runs now, and the one that waits never begins.",
        );
    }
    if !begun {
        run.diagnose(
            "place-lost-in-a-panic",
            "A function panicked. Its place is still taken, and the function that waits for it never begins.",
        );
    }
    let outcomes = (
        world.outcome(&run, fails).map(|()| 0),
        world.outcome(&run, next),
    );
    if outcomes.0 == Err(Lost::Dropped) {
        run.diagnose(
            "panic-taken-for-a-drop",
            "A function panicked, and its job says `Dropped`. That means that the loop is gone. Expected: `Panicked`.",
        );
    }
    if outcomes != (Err(Lost::Panicked), Ok(1)) {
        run.departs(format!("Expected: Err(Panicked) for the one that panicked, and Ok(1) for the other. Seen: {outcomes:?}."));
    }
    if world.pool.panicked() != 1 {
        run.departs(format!(
            "One function has panicked. Counted: {}.",
            world.pool.panicked()
        ));
    }
    snapshot!(run);
}

#[test]
fn a_place_that_is_free_goes_to_the_function_that_waits() {
    let run = run!();
    let world = World::new(1);
    let first = world.spawn(&run, "a", 10);
    let second = world.spawn(&run, "b", 10);
    let mut third = None;
    world.event_loop.block_on(async {
        let _ = first.await;
        third = Some(world.spawn(&run, "c", 10));
    });
    for job in [second].into_iter().chain(third) {
        let _ = world.outcome(&run, job);
    }
    let text = run.recorder().recording().to_string();
    let at = |line: &str| text.lines().position(|seen| seen.contains(line));
    let (b, c) = (
        at("b     begins").or(at("b  begins")),
        at("c     begins").or(at("c  begins")),
    );
    if world.at_once.get().1 > 1 || b > c {
        run.diagnose(
            "barging",
            "The pool has one place. a had it, and b waited for it. When a had returned, the task that awaited a's job spawned c, and c began before b had ended or before b began.",
        );
    }
}

#[test]
fn a_function_that_has_returned_has_no_stack() {
    let run = run!();
    let mappings = || {
        let maps = std::fs::read_to_string("/proc/self/maps");
        maps.map_or(0, |text| text.lines().count())
    };
    let world = World::new(2);
    let before = mappings();
    let jobs: Vec<_> = (0..1_000)
        .map(|number| world.pool.spawn(move || number))
        .collect();
    world.event_loop.block_on(async {
        for job in jobs {
            let _ = job.await;
        }
    });
    let after = mappings();
    if after > before + 1_000 {
        run.diagnose(
            "stack-kept",
            format!("1,000 functions have run in a pool of two places, and have returned. The process has {} mappings of memory more than before: the stacks are still there.", after - before),
        );
    }
}

#[test]
fn a_job_that_is_dropped_lets_its_function_run() {
    let run = run!();
    let world = World::new(1);
    let ran = Rc::new(Cell::new(0));
    let jobs = [(); 2].map(|()| {
        let (ran, handle) = (Rc::clone(&ran), world.event_loop.handle());
        world.pool.spawn(move || {
            wait(handle.sleep(Duration::from_millis(1)));
            ran.set(ran.get() + 1);
        })
    });
    drop(jobs);
    world
        .event_loop
        .block_on(world.event_loop.handle().sleep(Duration::from_secs(1)));
    if ran.get() != 2 {
        run.diagnose(
            "stops-with-its-job",
            format!("Two functions were spawned, and both jobs were dropped. {} of the functions ran to the end.", ran.get()),
        );
    }
}

#[test]
fn a_function_may_use_the_pool() {
    let run = run!();
    let world = World::new(1);
    let pool = world.pool.clone();
    let outer = world
        .pool
        .spawn(move || (pool.spawn(|| 7), pool.running(), pool.waiting()));
    match world.outcome(&run, outer) {
        Ok((inner, 1, 1)) => {
            if world.outcome(&run, inner) != Ok(7) {
                run.departs("A function spawned another one, which returns 7. Its job says something else.");
            }
        }
        Ok((_, running, waiting)) => run.departs(format!("A function in the only place spawned another one. Expected: 1 running, 1 waiting. Seen: {running} and {waiting}.")),
        Err(lost) => run.departs(format!("A function used the pool that runs it. Its job says: {lost:?}.")),
    }
}

#[test]
fn every_panic_is_counted() {
    let run = run!();
    const MANY: u64 = 300;
    let World {
        event_loop, pool, ..
    } = World::new(2);
    let spawn = |_| -> Job<u32> { pool.spawn(|| panic!("in a function")) };
    let jobs: Vec<Job<u32>> = (0..MANY).map(spawn).collect();
    let escaped = panics::expected(|| {
        for _ in 0..4 * MANY {
            event_loop.block_on(event_loop::yield_now());
        }
    });
    if let Err(panic) = escaped {
        run.departs(format!(
            "The panic of a function came out of the loop: {}",
            panic.message
        ));
    }
    drop(jobs);
    let counted = pool.panicked();
    if counted == MANY % 256 {
        run.diagnose(
            "count-wraps",
            format!(
                "{MANY} functions have panicked. Counted: {counted}. The count has too few bits."
            ),
        );
    }
    if counted != MANY {
        run.departs(format!(
            "{MANY} functions have panicked. Counted: {counted}."
        ));
    }
}
