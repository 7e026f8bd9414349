//! The judgments that take several steps.

use super::super::subject::{Job, Lost, Pool};
use super::world::World;
use futures::FutureExt;
use green::wait;
use probe::{Run, panics, run};
use probe_futures::gate;

/// More functions are spawned than the pool has places.
pub(super) fn in_line(run: Run) -> Run {
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
    run
}

/// A function panics while another one waits for a place.
pub(super) fn a_panic(run: Run) -> Run {
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
    run
}

/// More functions panic than eight bits can count.
pub(super) fn many_panics(run: &Run) {
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

/// The loop is dropped while functions wait.
pub(super) fn unwinding(run: &Run) {
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

/// The loop is dropped, and a destructor on a stack uses the pool.
pub(super) fn destructors() {
    /// Asks the pool, and gives it a function.
    struct Asks(Pool);
    impl Drop for Asks {
        fn drop(&mut self) {
            let _ = (self.0.running(), self.0.waiting());
            drop(self.0.spawn(|| ()));
        }
    }
    let run = run!();
    let World {
        event_loop, pool, ..
    } = World::new(1);
    let (_key, gate) = gate::<()>();
    let jobs = [(); 3].map(|()| pool.spawn(|| ()));
    drop(jobs);
    drop(pool.spawn(move || wait(gate)));
    for _ in 0..2 {
        let asks = Asks(pool.clone());
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
