//! Loops in a simulated world, and how their runs read.

use std::future::pending;
use std::time::Duration;

use probe::panics::{Verdict, verdict_of};
use probe::run;
use probe_loop::{SimLoop, drive};

const MILLIS: Duration = Duration::from_millis(1);

#[test]
fn the_recording_shows_tasks_timers_and_sleeps() {
    let run = run!();
    let sim_loop = SimLoop::new(&run);
    let handle = sim_loop.handle();
    let recorded = sim_loop.recorded().clone();
    let slow = sim_loop.spawn("slow", {
        let handle = handle.clone();
        async move { handle.sleep(20 * MILLIS).await }
    });
    let main = sim_loop.spawn("main", async move {
        recorded.next_timer("nap");
        handle.sleep(10 * MILLIS).await;
        slow.abort();
        slow.await.is_err()
    });
    assert_eq!(sim_loop.drive(main), Ok(true));
    insta::assert_snapshot!(run.recorder().recording(), @"
     1        slow     spawned
     2        slow     woken
     3        main     spawned
     4        main     woken
     5        slow     polled
     6        timer 1    set for 20ms
     7        slow     → pending
     8        main     polled
     9        nap        set for 10ms
    10        main     → pending
    11        loop     sleeps, for 10ms at most
    12  10ms  loop     gets up
    13        nap      fires
    14        main     woken
    15        main     polled
    16        timer 1    dropped
    17        slow       dropped
    18        main     → ready
    ");
}

#[test]
fn a_loop_that_is_stuck_says_who_waits() {
    let verdict = verdict_of(|| {
        let run = run!();
        drive(&run, |handle| async move {
            drop(handle.spawn(pending::<()>()));
            pending::<()>().await;
        });
    });
    let Verdict::Broken(diagnosis) = verdict else {
        panic!("it is stuck");
    };
    assert_eq!(diagnosis.mistake, None);
    assert_eq!(
        diagnosis.sentence,
        "The loop is stuck at 0ns: nothing is ready, no timer is set, and nothing is going to happen. Not finished: main, task 1."
    );
}

#[test]
fn a_task_that_wakes_itself_without_end_is_cut_off() {
    let verdict = verdict_of(|| {
        drive(&run!(), |_| async {
            loop {
                event_loop::yield_now().await;
            }
        })
    });
    assert!(matches!(verdict, Verdict::Broken(_)));
}

#[test]
fn the_panic_of_the_main_future_passes_through() {
    let panic = std::panic::catch_unwind(|| drive(&run!(), |_| async { panic!("its own") }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"its own"));
}

#[test]
fn tasks_that_are_left_go_on_in_the_next_drive() {
    let sim_loop = SimLoop::new(&run!());
    let handle = sim_loop.handle();
    let slow = sim_loop.spawn("slow", {
        let handle = handle.clone();
        async move { handle.sleep(20 * MILLIS).await }
    });
    let quick = sim_loop.spawn("quick", async move { handle.sleep(10 * MILLIS).await });
    assert_eq!(sim_loop.drive(quick), Ok(()));
    assert_eq!(sim_loop.recorded().alive(), ["slow"]);
    assert_eq!(sim_loop.drive(slow), Ok(()));
    assert_eq!(sim_loop.sim().now(), 20 * MILLIS);
}
