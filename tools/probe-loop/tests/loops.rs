//! Loops in a simulated world, and how their runs read.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use event_loop::JoinHandle;

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
fn a_loop_that_is_stuck_says_which_task_waits() {
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

/// The recording and the sentence of a run in which these tasks await each other: `waits[n]` is awaited by task n.
fn stuck_with<const N: usize>(names: [&str; N], waits: [usize; N]) -> String {
    let verdict = verdict_of(|| {
        let sim_loop = SimLoop::new(&run!());
        let slots: [Rc<Cell<Option<JoinHandle<()>>>>; N] = std::array::from_fn(|_| Rc::default());
        for (task, name) in names.into_iter().enumerate() {
            let slot = Rc::clone(&slots[task]);
            let handle = sim_loop.spawn(name, async move {
                match slot.take() {
                    Some(other) => drop(other.await),
                    None => pending().await,
                }
            });
            let waiter = waits.iter().position(|awaited| *awaited == task);
            match waiter {
                Some(waiter) => slots[waiter].set(Some(handle)),
                None => drop(handle),
            }
        }
        let stuck = sim_loop.drive_to_the_end();
        sim_loop.refuse_stuck(&stuck);
    });
    let Verdict::Broken(diagnosis) = verdict else {
        panic!("it is stuck")
    };
    let recording = diagnosis.recording.to_string();
    let waits = recording.lines().filter(|line| line.contains("waits"));
    let waits = waits.map(|line| {
        line.split_whitespace()
            .skip(1)
            .collect::<Vec<_>>()
            .join(" ")
    });
    waits
        .chain([diagnosis.sentence])
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_verdict_about_a_stuck_loop_says_which_task_waits_for_which() {
    let none = usize::MAX;
    assert_eq!(
        stuck_with(["a", "b", "c"], [1, 2, none]),
        "a waits for b\n\
         b waits for c\n\
         c waits, and nothing will wake it\n\
         The loop is stuck at 0ns: nothing is ready, no timer is set, and nothing is going to happen. Not finished: a, b, c."
    );
}

#[test]
fn the_verdict_about_a_stuck_loop_names_a_circle_of_tasks() {
    assert_eq!(
        stuck_with(["a", "b", "c"], [1, 2, 0]),
        "a waits for b\n\
         b waits for c\n\
         c waits for a\n\
         The loop is stuck at 0ns: nothing is ready, no timer is set, and nothing is going to happen. Not finished: a, b, c. \
         They wait for each other in a circle: a waits for b, b waits for c, c waits for a."
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

#[test]
fn iterations_poll_what_is_ready_and_let_no_time_pass() {
    let sim_loop = SimLoop::new(&run!());
    let polls = Rc::new(Cell::new(0));
    let (handle, count) = (sim_loop.handle(), Rc::clone(&polls));
    let task = sim_loop.spawn("main", async move {
        for _ in 0..3 {
            count.set(count.get() + 1);
            event_loop::yield_now().await;
        }
        handle.sleep(MILLIS).await;
    });
    sim_loop.iterate(2);
    assert_eq!(polls.get(), 2);
    sim_loop.iterate(20);
    assert_eq!((polls.get(), task.is_finished()), (3, false));
    assert_eq!(sim_loop.sim().now(), Duration::ZERO);
}

#[test]
fn reports_hold_the_panic_of_a_task_that_no_task_retrieves() {
    let sim_loop = SimLoop::new(&run!());
    let reports = sim_loop.reports();
    drop(sim_loop.spawn("main", async { panic!("out of paper") }));
    sim_loop.iterate(2);
    let reports = reports.borrow();
    assert!(
        matches!(&reports[..], [one] if one.contains("out of paper")),
        "{reports:?}"
    );
}
