//! green_pool: at most so many green threads at the same time.

#[path = "green_pool/rules.rs"]
mod rules;
#[path = "green_pool/runs.rs"]
mod runs;
#[path = "green_pool/world.rs"]
mod world;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use green::{Green, wait};
use probe::runs::Search;
use probe::{run, snapshot};
use probe_futures::gate;
use runs::{ALPHABET, Board, KNOWN};
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
    snapshot!(rules::in_line(run!("in_order")));
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
    snapshot!(rules::a_panic(run!("panics")));
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
    rules::many_panics(&run!());
}

#[test]
fn when_the_loop_is_dropped_functions_unwind_and_none_has_panicked() {
    rules::unwinding(&run!());
}

#[test]
fn when_the_loop_is_dropped_destructors_may_use_the_pool() {
    rules::destructors();
}

#[test]
fn when_the_loop_is_dropped_many_may_wait() {
    let run = run!();
    let World {
        event_loop, pool, ..
    } = World::new(1);
    let (_key, gate) = gate::<()>();
    drop(pool.spawn(move || wait(gate)));
    for _ in 0..20_000 {
        drop(pool.spawn(|| ()));
    }
    event_loop.block_on(event_loop::yield_now());
    run.risk(
        Some("recursion-for-a-loop"),
        "The loop was dropped while 20,000 functions waited for a place, and the process ended. Each function is dropped inside of the drop of the one before it, so the stack overflows.",
        || drop(event_loop),
    );
    if pool.waiting() > 0 {
        run.departs("The loop was dropped while 20,000 functions waited for a place. Expected: none waits now.");
    }
}

#[test]
fn ten_thousand_functions_need_ten_stacks() {
    let run = run!();
    let world = World::new(10);
    let sum = Rc::new(RefCell::new(0_u64));
    for number in 0..10_000 {
        let (sum, handle) = (Rc::clone(&sum), world.event_loop.handle());
        drop(world.pool.spawn(move || {
            wait(handle.sleep(Duration::from_millis(number % 3)));
            *sum.borrow_mut() += number;
        }));
    }
    let last = world.pool.spawn(|| ());
    if world.outcome(&run, last).is_err() || *sum.borrow() < 49_900_000 {
        run.departs(
            "10,000 functions were spawned in a pool of ten places, and not all of them ran.",
        );
    }
}

/// The same functions on both sides.
macro_rules! board {
    ($($side:tt)*) => {
        || Board::new(|handle| {
            let pool = $($side)*::Pool::new(handle, 2);
            let asks = pool.clone();
            (
                Box::new(move |function| {
                    let job = pool.spawn(function);
                    Box::pin(async move { format!("{:?}", job.await) })
                }),
                Box::new(move || (asks.running(), asks.waiting(), asks.panicked())),
            )
        })
    };
}

#[test]
fn every_short_run_is_as_expected() {
    let search = Search::of(&ALPHABET)
        .up_to(4)
        .and_random(40, 20, 13)
        .naming(&KNOWN);
    search.compare(&run!(), board!(super::subject), board!(::green::pool));
}
