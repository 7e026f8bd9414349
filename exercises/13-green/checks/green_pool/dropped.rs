//! What becomes of functions when the loop is dropped; ten thousand functions, and every short run.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::super::subject::Lost;
use super::runs::{ALPHABET, Board, KNOWN};
use super::world::World;
use futures::FutureExt;
use green::wait;
use probe::detect::OnDrop;
use probe::runs::Search;
use probe::{panics, run};
use probe_futures::gate;

#[test]
fn when_the_loop_is_dropped_functions_unwind_and_none_has_panicked() {
    let run = run!();
    let World {
        event_loop, pool, ..
    } = World::new(1);
    let values = probe::detect::DropCounter::new();
    let (held, captured) = (values.token(), values.token());
    let (_key, gate) = gate::<()>();
    let running = pool.spawn(move || {
        let _held = held;
        wait(gate);
    });
    let waiting = pool.spawn(move || drop(captured));
    event_loop.block_on(event_loop::yield_now());
    drop(event_loop);
    let waiting_now = pool.waiting();
    if values.dropped() == 1 && waiting_now > 0 {
        run.diagnose(
            "outlives-its-loop",
            "The loop was dropped. The function that ran was unwound, and the one that waited for its place is still in the pool: no loop will run it, and its job is never ready.",
        );
    }
    if values.dropped() != 2 {
        run.departs(format!("The loop was dropped. Of two values, one on the stack of a function that ran and one captured by a function that waited, {} are dropped.", values.dropped()));
    }
    if pool.panicked() > 0 {
        run.diagnose(
            "drop-counted-as-panic",
            "The loop was dropped while a function waited on its stack. The stack was unwound, and the pool counted it as a panic.",
        );
    }
    let outcomes = (running.now_or_never(), waiting.now_or_never());
    if outcomes != (Some(Err(Lost::Dropped)), Some(Err(Lost::Dropped))) {
        run.departs(format!("Both functions were dropped with the loop. Expected: both jobs say so. Seen: {outcomes:?}."));
    }
    if (pool.running(), pool.waiting()) != (0, 0) {
        run.departs("The loop was dropped, and the pool counts functions that run or wait.");
    }
    let late = pool.spawn(|| 1);
    if late.now_or_never() != Some(Err(Lost::Dropped)) {
        run.departs("A function was spawned after the loop was dropped. Expected: its job says that it was dropped.");
    }
}

#[test]
fn when_the_loop_is_dropped_destructors_may_use_the_pool() {
    let run = run!();
    let World {
        event_loop, pool, ..
    } = World::new(1);
    let (_key, gate) = gate::<()>();
    let jobs = [(); 3].map(|()| pool.spawn(|| ()));
    drop(jobs);
    drop(pool.spawn(move || wait(gate)));
    for _ in 0..2 {
        let inside = pool.clone();
        let asks = OnDrop::new(move || {
            let _ = (inside.running(), inside.waiting());
            drop(inside.spawn(|| ()));
        });
        drop(pool.spawn(move || drop(asks)));
    }
    for _ in 0..8 {
        event_loop.block_on(event_loop::yield_now());
    }
    let dropped = run.risk(
        Some("borrowed-when-dropped"),
        "The loop was dropped, and with it functions that waited. A value that one of them had captured used the pool in its destructor, and the process ended.",
        || panics::expected(|| drop(event_loop)),
    );
    if let Err(panic) = dropped {
        run.diagnose(
            "borrowed-when-dropped",
            format!("The loop was dropped, and with it functions that waited. A value that one of them had captured used the pool in its destructor: {}.", panic.message),
        );
    }
    if (pool.running(), pool.waiting()) != (0, 0) {
        run.departs("The loop was dropped, and destructors spawned functions meanwhile. Expected: none runs, and none waits.");
    }
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
    search.compare(
        &run!(),
        board!(super::super::subject),
        board!(::green::pool),
    );
}
