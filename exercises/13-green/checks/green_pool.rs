//! green_pool: at most so many green threads at the same time.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::subject::{Job, Lost, Pool};
use event_loop::{EventLoop, JumpingDriver};
use futures::FutureExt;
use green::{Green, wait};
use probe::runs::Search;
use probe::{Run, panics, run, snapshot};
use probe_futures::gate;

#[path = "green_pool/runs.rs"]
mod runs;

use runs::{ALPHABET, Board, KNOWN};

/// A loop whose clock jumps, and a pool on it.
struct World {
    event_loop: EventLoop<JumpingDriver>,
    pool: Pool,
    /// How many functions run, and how many did at most.
    at_once: Rc<Cell<(usize, usize)>>,
}

impl World {
    fn new(limit: usize) -> World {
        let event_loop = EventLoop::with_driver(JumpingDriver::new());
        let pool = Pool::new(event_loop.handle(), limit);
        World {
            event_loop,
            pool,
            at_once: Rc::default(),
        }
    }

    /// A function that notes when it begins and ends, and waits in between.
    fn spawn(&self, run: &Run, name: &'static str, millis: u64) -> Job<u64> {
        let (handle, recorder) = (self.event_loop.handle(), run.recorder().clone());
        let at_once = Rc::clone(&self.at_once);
        let now = move |handle: &event_loop::Handle| handle.now().since_start().as_millis();
        self.pool.spawn(move || {
            let (running, most) = at_once.get();
            at_once.set((running + 1, most.max(running + 1)));
            recorder.says(name, format!("begins at {} ms", now(&handle)));
            wait(handle.sleep(Duration::from_millis(millis)));
            recorder.says(name, format!("ends at {} ms", now(&handle)));
            let (running, most) = at_once.get();
            at_once.set((running - 1, most));
            millis
        })
    }

    /// Awaits a job, for a minute of the loop's clock at most.
    #[track_caller]
    fn outcome<T>(&self, run: &Run, job: Job<T>) -> Result<T, Lost> {
        let minute = self.event_loop.handle().sleep(Duration::from_secs(60));
        let outcome = panics::expected(|| {
            self.event_loop
                .block_on(futures::future::select(job, minute))
        });
        match outcome {
            Ok(futures::future::Either::Left((outcome, _))) => outcome,
            Ok(futures::future::Either::Right(_)) => run.departs(
                "A minute has passed on the loop's clock, and a function has not run to its end.",
            ),
            Err(panic) => run.departs(format!("A panic came out of the loop: {}", panic.message)),
        }
    }
}

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
