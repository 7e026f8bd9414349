//! Running a loop, stopping it, and running it where another one runs.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use event_loop::{EventLoop, yield_now};
use probe::run;
use probe_futures::gate;
use probe_loop::{SimLoop, Stuck};

const MILLIS: Duration = Duration::from_millis(1);

#[test]
fn the_main_future_may_borrow() {
    let words = ["one".to_owned(), "two".to_owned()];
    let mut lengths = Vec::new();
    EventLoop::new().block_on(async {
        for word in &words {
            yield_now().await;
            lengths.push(word.len());
        }
    });
    assert_eq!(lengths, [3, 3]);
}

#[test]
fn tasks_that_are_not_over_go_on_when_the_loop_is_run_again() {
    let event_loop = EventLoop::new();
    let (key, gate) = gate();
    let task = event_loop.handle().spawn(gate);
    event_loop.block_on(yield_now());
    assert_eq!(event_loop.tasks(), 1);
    key.open(7);
    assert_eq!(event_loop.block_on(task).unwrap(), 7);
}

#[test]
fn a_task_woken_in_the_last_iteration_is_polled_in_the_next_run() {
    let event_loop = EventLoop::new();
    let polls = Rc::new(Cell::new(0));
    let count = Rc::clone(&polls);
    drop(event_loop.handle().spawn(async move {
        loop {
            count.set(count.get() + 1);
            yield_now().await;
        }
    }));
    for run in 1..=3 {
        event_loop.block_on(async {});
        assert_eq!(polls.get(), run);
    }
}

#[test]
fn a_stop_ends_run_forever_after_its_turn() {
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let (first, second) = (Rc::clone(&seen), Rc::clone(&seen));
    drop(handle.spawn({
        let handle = handle.clone();
        async move {
            handle.stop();
            first.borrow_mut().push("stops");
            yield_now().await;
            first.borrow_mut().push("a turn later");
        }
    }));
    drop(handle.spawn(async move { second.borrow_mut().push("has its turn") }));
    event_loop.run_forever();
    assert_eq!(*seen.borrow(), ["stops", "has its turn"]);
    event_loop.run_once().unwrap();
    assert_eq!(seen.borrow().last(), Some(&"a turn later"));
}

#[test]
fn a_stop_before_the_run_leaves_it_one_turn() {
    let sim_loop = SimLoop::new(&run!());
    let turns = Rc::new(Cell::new(0));
    let count = Rc::clone(&turns);
    drop(sim_loop.spawn("counts", async move {
        loop {
            count.set(count.get() + 1);
            yield_now().await;
        }
    }));
    sim_loop.handle().stop();
    sim_loop.handle().stop();
    sim_loop.event_loop().run_forever();
    assert_eq!(turns.get(), 1);
}

#[test]
fn a_stop_from_another_thread_ends_the_sleep_and_the_run() {
    let event_loop = EventLoop::new();
    let door = event_loop.handle().door();
    let other = thread::spawn(move || door.call_soon_threadsafe(|handle| handle.stop()));
    event_loop.run_forever();
    other.join().unwrap().unwrap();
}

#[test]
fn a_loop_inside_itself_is_refused_with_a_sentence() {
    let event_loop = Rc::new(EventLoop::new());
    for way in [
        (|inner| inner.block_on(async {})) as fn(&EventLoop),
        EventLoop::run_forever,
        |inner| inner.run_once().unwrap(),
    ] {
        let inner = Rc::clone(&event_loop);
        let panic = event_loop
            .block_on(async move { catch_unwind(AssertUnwindSafe(|| way(&inner))).unwrap_err() });
        assert_eq!(
            panic.downcast_ref(),
            Some(&"this loop is running already: its tasks cannot run it once more")
        );
    }
    event_loop.block_on(yield_now());
}

#[test]
fn another_loop_may_run_inside_a_task() {
    let outer = EventLoop::new();
    let handle = outer.handle();
    let (key, outer_gate) = gate();
    let sum = outer.block_on(async move {
        let sibling = handle.spawn(outer_gate);
        yield_now().await;
        let inner = EventLoop::new();
        let inner_handle = inner.handle();
        let seven = inner.block_on(async move {
            // Wakes a task of the outer loop while the inner one runs on the same thread.
            key.open(1);
            inner_handle.spawn(async { 6 }).await.unwrap()
        });
        seven + sibling.await.unwrap()
    });
    assert_eq!(sum, 7);
}

#[test]
fn a_task_of_an_inner_loop_that_is_woken_from_the_outer_one_is_polled() {
    let sim_loop = SimLoop::new(&run!());
    let inner = Rc::new(EventLoop::new());
    let (key, gate) = gate();
    let task = inner.handle().spawn(gate);
    inner.run_once().unwrap();
    let owner = Rc::clone(&inner);
    let seen = sim_loop.spawn("owner", async move {
        key.open(7);
        owner.block_on(task).unwrap()
    });
    assert_eq!(sim_loop.drive(seen), Ok(7));
}

#[test]
fn a_panic_leaves_the_loop_as_it_was() {
    let event_loop = EventLoop::new();
    let task = event_loop.handle().spawn(async {
        yield_now().await;
        7
    });
    let panic = catch_unwind(AssertUnwindSafe(|| {
        event_loop.block_on(async { panic!("its own") })
    }));
    assert!(panic.is_err());
    assert_eq!(event_loop.block_on(task).unwrap(), 7);
}

#[test]
fn a_driver_that_fails_runs_nothing_and_the_loop_may_be_run_again() {
    let sim_loop = SimLoop::new(&run!());
    let error = sim_loop.event_loop().run_once().unwrap_err();
    assert!(Stuck::of(&error).is_some());
    let task = sim_loop.spawn("later", async { 7 });
    assert_eq!(sim_loop.drive(task), Ok(7));
}

#[test]
#[should_panic(expected = "the loop's driver cannot sleep")]
fn block_on_panics_if_the_driver_fails() {
    SimLoop::new(&run!()).event_loop().block_on(pending::<()>());
}

#[test]
fn an_idle_loop_sleeps_once_and_makes_no_more_turns() {
    let sim_loop = SimLoop::new(&run!());
    let (key, gate) = gate();
    for _ in 0..100 {
        drop(sim_loop.handle().spawn(pending::<()>()));
    }
    let task = sim_loop.spawn("waits", gate);
    sim_loop
        .sim()
        .at(Duration::from_secs(3_600), move || key.open(7));
    assert_eq!(sim_loop.drive(task), Ok(7));
    let driver = sim_loop.driver();
    assert_eq!(
        (driver.parks(), driver.sleeps()),
        (2, 1),
        "one look in the turn that polled them all first, and one sleep of an hour"
    );
}

#[test]
fn an_event_that_wakes_no_task_makes_no_iteration() {
    let sim_loop = SimLoop::new(&run!());
    for millis in 1..100 {
        sim_loop.sim().at(MILLIS * millis, || ());
    }
    let handle = sim_loop.handle();
    let task = sim_loop.spawn("sleeps", async move { handle.sleep(100 * MILLIS).await });
    sim_loop.drive(task).unwrap();
    assert_eq!(sim_loop.driver().sleeps(), 1);
}
