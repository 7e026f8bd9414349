//! Tests that panic or watch another test, a hundred thousand tasks, and every short script.

use std::future::pending;
use std::time::Duration;

use super::super::subject::watch;
use super::judge::expect;
use super::script::{compare_every_script, hour};
use event_loop::{Handle, yield_now};
use probe::{panics, run};

#[test]
fn a_panic_of_the_test_passes_through_and_the_next_test_begins_anew() {
    let run = run!();
    let panicked = panics::expected(|| {
        let ((), _left) = watch(|handle| async move {
            drop(handle.spawn(pending::<()>()));
            panic!("the test fails");
        });
    });
    match panicked {
        Err(panic) if panic.message == "the test fails" => {}
        Err(panic) => run.departs(format!(
            "The test panicked, and another panic came out: {}.",
            panic.message
        )),
        Ok(()) => run.departs("The test panicked, and `watch` returned."),
    }
    let ((), left) = watch(|_| async {});
    expect(&run, &left, 0, 0, 0);
}

#[test]
fn a_test_may_watch_another_one() {
    let run = run!();
    let (inner, left) = watch(|handle: Handle| async move {
        drop(handle.spawn(pending::<()>()));
        let ((), inner) = watch(|_| async {});
        inner
    });
    expect(&run, &inner, 0, 0, 0);
    expect(&run, &left, 1, 0, 0);
}

#[test]
fn a_hundred_thousand_tasks_and_timers_are_counted() {
    let run = run!();
    let ((), left) = watch(|handle| async move {
        for _ in 0..30_000 {
            drop(handle.clone().spawn(handle.sleep(Duration::from_secs(1))));
            handle.spawn(async {}).await.unwrap();
        }
        drop(handle.clone().spawn(async move { hour(&handle).await }));
        yield_now().await;
    });
    expect(&run, &left, 30_001, 30_001, 0);
}

#[test]
fn after_every_short_script_the_same_is_left_as_with_the_reference() {
    compare_every_script(|test| {
        let ((), left) = watch(test);
        let tasks = left.tasks.iter().map(|task| task.number()).collect();
        (tasks, left.timers, left.wakers)
    });
}
