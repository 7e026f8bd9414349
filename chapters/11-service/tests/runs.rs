//! A program ends in a fixed order, and so does all that it has started.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use cancellation::Cleanup;
use event_loop::{EventLoop, JumpingDriver, Time};
use probe::detect::DropCounter;
use probe::panics;
use probe::random::Random;
use service::{Ran, run};

const SECOND: Duration = Duration::from_secs(1);

fn on_a_loop<T>(main: impl AsyncFnOnce(service::Program) -> T) -> (Ran<T>, Time) {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let ran = run(event_loop, 5 * SECOND, main);
    (ran, handle.now())
}

#[test]
fn the_output_of_main_is_returned_and_nothing_is_waited_for() {
    let (ran, now) = on_a_loop(async |_| 7);
    assert_eq!((ran.left.len(), ran.problems.len()), (0, 0));
    assert_eq!((ran.into_output(), now), (7, Time::START));
}

#[test]
fn a_panic_of_main_comes_after_the_end_of_everything_else() {
    let closed = Rc::new(Cell::new(false));
    let closes = Rc::clone(&closed);
    let (ran, _) = on_a_loop(async move |program| {
        program.at_exit("pool", async move {
            closes.set(true);
            Ok(())
        });
        panic!("main panics");
    });
    assert!(closed.get() && ran.problems.is_empty());
    let panic = panics::expected(|| ran.into_output()).unwrap_err();
    assert_eq!(panic.message, "");
}

#[test]
fn tasks_are_cancelled_oldest_first_and_exits_run_last_first() {
    let log = Rc::new(RefCell::new(Vec::new()));
    struct Says(Rc<RefCell<Vec<String>>>, String);
    impl Drop for Says {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1.clone());
        }
    }
    let says = Rc::clone(&log);
    let (ran, _) = on_a_loop(async move |program| {
        for name in ["a", "b", "c"] {
            let dropped = Says(Rc::clone(&says), format!("task {name}"));
            program.spawn(name, async move {
                let _dropped = dropped;
                pending().await
            });
            let ended = Says(Rc::clone(&says), format!("exit {name}"));
            program.at_exit(name, async move {
                drop(ended);
                Ok(())
            });
        }
    });
    assert_eq!((ran.left.len(), ran.problems.len()), (0, 0));
    let expected = ["task a", "task b", "task c", "exit c", "exit b", "exit a"];
    assert_eq!(*log.borrow(), expected);
}

#[test]
fn what_has_not_ended_by_the_deadline_is_dropped_and_named() {
    let counter = DropCounter::new();
    let token = counter.token();
    let (ran, now) = on_a_loop(async move |program| {
        let spawner = program.spawner();
        program.spawn("upload", async move {
            let _cleanup = Cleanup::new(&spawner, async move {
                let _token = token;
                pending().await
            });
            pending().await
        });
        program.at_exit("first", async { Ok(()) });
        program.at_exit("second", async { Ok(()) });
        program.handle().sleep(SECOND).await;
    });
    assert_eq!(ran.left, ["a task", "second", "first"]);
    assert_eq!((counter.alive(), now.since_start()), (0, 6 * SECOND));
}

#[test]
fn an_exit_in_progress_at_the_deadline_is_named() {
    let (ran, _) = on_a_loop(async |program| {
        program.at_exit("first", async { Ok(()) });
        program.at_exit("second", pending());
        program.at_exit("third", async { Err("disk full".to_owned()) });
    });
    assert_eq!(ran.left, ["second", "first"]);
    assert_eq!(ran.problems, ["third: disk full"]);
}

#[test]
fn a_task_that_is_spawned_while_the_program_ends_is_waited_for() {
    let done = Rc::new(Cell::new(0));
    let counts = Rc::clone(&done);
    let (ran, now) = on_a_loop(async move |program| {
        let handle = program.handle();
        let exits = program.clone();
        program.at_exit("pool", async move {
            exits.spawn("late", async move {
                handle.sleep(SECOND).await;
                counts.set(counts.get() + 1);
            });
            exits.at_exit("too late", async { panic!("it is never polled") });
            Ok(())
        });
    });
    assert_eq!((ran.left.len(), ran.problems.len(), done.get()), (0, 0, 1));
    assert_eq!(now.since_start(), SECOND);
}

#[test]
fn panics_of_tasks_and_destructors_are_collected() {
    struct Breaks;
    impl Drop for Breaks {
        fn drop(&mut self) {
            panic!("a destructor");
        }
    }
    let mut ran = None;
    let _none = panics::expected(|| {
        ran = Some(on_a_loop(async |program| {
            program.spawn("a", async { panic!("a bug") });
            let breaks = Breaks;
            program.spawn("b", async move {
                let _breaks = breaks;
                pending().await
            });
            program.handle().sleep(SECOND).await;
        }));
    });
    let (ran, _) = ran.expect("the program ends");
    assert_eq!(ran.problems.len(), 2, "{:?}", ran.problems);
    assert_eq!(ran.problems[0], "a panicked: a bug");
    assert!(
        ran.problems[1].ends_with("a destructor"),
        "{:?}",
        ran.problems
    );
}

#[test]
fn in_two_thousand_programs_no_task_is_left_and_no_exit_is_skipped() {
    for seed in 0..2_000 {
        let (counter, exits) = (DropCounter::new(), Rc::new(Cell::new(0)));
        let (tokens, counts) = (counter.clone(), Rc::clone(&exits));
        let expected = Random::seeded(seed).below(4);
        let (ran, _) = on_a_loop(async move |program| {
            let mut random = Random::seeded(seed);
            for _ in 0..random.below(4) {
                let counts = Rc::clone(&counts);
                program.at_exit("exit", async move {
                    counts.set(counts.get() + 1);
                    Ok(())
                });
            }
            for _ in 0..random.below(6) {
                let (handle, token) = (program.handle(), tokens.token());
                let (time, cleanup) = (random.below(9), tokens.token());
                let spawner = program.spawner();
                let timer = handle.clone();
                program.spawn("task", async move {
                    let _token = token;
                    let _cleanup = Cleanup::new(&spawner, async move {
                        let _token = cleanup;
                        timer.sleep(SECOND).await;
                    });
                    handle.sleep(SECOND * time as u32).await;
                });
            }
            program
                .handle()
                .sleep(SECOND * random.below(9) as u32)
                .await;
        });
        assert_eq!((counter.alive(), exits.get()), (0, expected), "seed {seed}");
        assert_eq!((ran.left.len(), ran.problems.len()), (0, 0), "seed {seed}");
    }
}
