//! How often each task is polled, and that no task waits without end.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;

use event_loop::yield_now;
use probe::run;
use probe_futures::gate;
use probe_loop::SimLoop;

/// A task that always wakes itself, and how often it was polled.
fn greedy(sim_loop: &SimLoop) -> Rc<Cell<usize>> {
    let polls = Rc::new(Cell::new(0));
    let count = Rc::clone(&polls);
    drop(sim_loop.spawn("greedy", async move {
        loop {
            count.set(count.get() + 1);
            yield_now().await;
        }
    }));
    polls
}

#[test]
fn two_tasks_that_wake_themselves_take_turns() {
    let sim_loop = SimLoop::new(&run!());
    let (one, other) = (greedy(&sim_loop), greedy(&sim_loop));
    for _ in 0..100 {
        sim_loop.event_loop().run_once().unwrap();
        assert_eq!(one.get(), other.get());
    }
}

#[test]
fn a_task_that_wakes_itself_does_not_keep_others_waiting() {
    let sim_loop = SimLoop::new(&run!());
    let polls = greedy(&sim_loop);
    let polite = sim_loop.spawn("polite", async {
        for _ in 0..10 {
            yield_now().await;
        }
    });
    sim_loop.drive(polite).unwrap();
    assert_eq!(polls.get(), 11);
}

#[test]
fn a_task_that_wakes_itself_does_not_keep_events_waiting() {
    let sim_loop = SimLoop::new(&run!());
    let polls = greedy(&sim_loop);
    let (key, gate) = gate();
    let waits = sim_loop.spawn("waits", gate);
    sim_loop.event_loop().run_once().unwrap();
    // Due at once: a poll for events finds it.
    sim_loop.sim().at(Duration::ZERO, move || key.open(7));
    assert_eq!(sim_loop.drive(waits), Ok(7));
    assert_eq!(polls.get(), 2);
    assert_eq!(sim_loop.driver().parks(), 2, "a look in each turn");
}

#[test]
fn a_task_that_wakes_itself_does_not_keep_timers_waiting() {
    let sim_loop = SimLoop::new(&run!());
    let handle = sim_loop.handle();
    let sim = sim_loop.sim().clone();
    // Each of its polls takes a millisecond.
    drop(sim_loop.spawn("slow and greedy", async move {
        loop {
            sim.advance_to(sim.now() + Duration::from_millis(1));
            yield_now().await;
        }
    }));
    let timed = sim_loop.spawn("timed", {
        let handle = handle.clone();
        async move {
            handle.sleep(Duration::from_millis(10)).await;
            handle.now().since_start()
        }
    });
    let late = sim_loop.drive(timed).unwrap();
    assert!(late <= Duration::from_millis(12), "{late:?}");
}

#[test]
fn a_hundred_wakes_are_one_poll() {
    let sim_loop = SimLoop::new(&run!());
    let kept: Arc<Mutex<Option<Waker>>> = Arc::default();
    let polls = Rc::new(Cell::new(0));
    let (keep, count) = (Arc::clone(&kept), Rc::clone(&polls));
    drop(sim_loop.spawn(
        "woken",
        poll_fn(move |context| {
            count.set(count.get() + 1);
            *keep.lock().unwrap() = Some(context.waker().clone());
            Poll::<()>::Pending
        }),
    ));
    sim_loop.drive_to_the_end();
    assert_eq!(polls.get(), 1);
    let waker = kept.lock().unwrap().clone().unwrap();
    for _ in 0..100 {
        waker.wake_by_ref();
    }
    sim_loop.drive_to_the_end();
    assert_eq!(polls.get(), 2);
}

#[test]
fn a_task_that_wakes_itself_a_hundred_times_in_a_poll_is_polled_once_more() {
    let sim_loop = SimLoop::new(&run!());
    let polls = Rc::new(Cell::new(0));
    let count = Rc::clone(&polls);
    drop(sim_loop.spawn(
        "woken",
        poll_fn(move |context| {
            count.set(count.get() + 1);
            if count.get() == 1 {
                for _ in 0..100 {
                    context.waker().wake_by_ref();
                }
            }
            Poll::<()>::Pending
        }),
    ));
    sim_loop.drive_to_the_end();
    assert_eq!(polls.get(), 2);
}

#[test]
fn a_late_wake_never_polls_a_new_task_in_the_same_place() {
    let sim_loop = SimLoop::new(&run!());
    let kept: Arc<Mutex<Option<Waker>>> = Arc::default();
    let keep = Arc::clone(&kept);
    let old = sim_loop.spawn(
        "old",
        poll_fn(move |context| {
            *keep.lock().unwrap() = Some(context.waker().clone());
            Poll::<()>::Pending
        }),
    );
    sim_loop.drive_to_the_end();
    let waker = kept.lock().unwrap().take().unwrap();
    // Woken, and then dropped: its entry is in the queue when its place is given away.
    waker.wake_by_ref();
    old.abort();
    let polls = Rc::new(Cell::new(0));
    let count = Rc::clone(&polls);
    let new = sim_loop.spawn(
        "new",
        poll_fn(move |_| {
            count.set(count.get() + 1);
            Poll::<()>::Pending
        }),
    );
    sim_loop.drive_to_the_end();
    assert_eq!(polls.get(), 1, "the poll of its own spawn");
    waker.wake();
    sim_loop.drive_to_the_end();
    assert_eq!(polls.get(), 1);
    drop(new);
}
