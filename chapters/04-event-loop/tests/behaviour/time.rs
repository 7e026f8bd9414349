//! Waiting for a time, on a clock that jumps.

use std::cell::RefCell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;

use event_loop::{Handle, Time, Timer, yield_now};
use probe::run;
use probe_futures::{Sim, poller};
use probe_loop::{SimDriver, SimLoop, drive};

const MILLIS: Duration = Duration::from_millis(1);

fn at(millis: u32) -> Time {
    Time::START + MILLIS * millis
}

#[test]
fn a_sleep_takes_as_long_as_it_was_told() {
    let end = drive(&run!(), |handle| async move {
        handle.sleep(30 * MILLIS).await;
        handle.sleep_until(at(50)).await;
        handle.now()
    });
    assert_eq!(end, at(50));
}

#[test]
fn a_sleep_is_counted_from_its_call_and_not_from_its_first_poll() {
    let end = drive(&run!(), |handle| async move {
        let late = handle.sleep(30 * MILLIS);
        handle.sleep(20 * MILLIS).await;
        late.await;
        handle.now()
    });
    assert_eq!(end, at(30));
}

#[test]
fn a_sleep_for_no_time_or_for_a_time_that_has_passed_suspends_once() {
    let run = run!();
    let sim_loop = SimLoop::new(&run);
    let handle = sim_loop.handle();
    let a = poller(run.recorder(), "A");
    for when in [Time::START, handle.now()] {
        let mut sleep = pin!(handle.sleep_until(when));
        assert!(a.poll(sleep.as_mut()).is_pending());
        sim_loop.event_loop().run_once().unwrap();
        assert!(a.poll(sleep.as_mut()).is_ready());
    }
    assert_eq!(sim_loop.sim().now(), Duration::ZERO);
}

#[test]
fn three_waits_take_as_long_as_the_longest() {
    let end = drive(&run!(), |handle| async move {
        let tasks = [10, 30, 20].map(|millis| {
            let inner = handle.clone();
            handle.spawn(async move { inner.sleep(MILLIS * millis).await })
        });
        for task in tasks {
            task.await.unwrap();
        }
        handle.now()
    });
    assert_eq!(end, at(30));
}

#[test]
fn timers_of_one_instant_fire_in_the_order_in_which_they_were_set() {
    let order = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&order);
    drive(&run!(), |handle| async move {
        let note = |name: &'static str| {
            let order = Rc::clone(&order);
            move || order.borrow_mut().push(name)
        };
        drop(handle.call_at(at(10), note("call_at, first")));
        let sleeps = ["sleep, second", "sleep, third"].map(|name| {
            let (inner, note) = (handle.clone(), note(name));
            handle.spawn(async move {
                inner.sleep_until(at(10)).await;
                note();
            })
        });
        yield_now().await;
        drop(handle.call_later(10 * MILLIS, note("call_later, fourth")));
        for sleep in sleeps {
            sleep.await.unwrap();
        }
        yield_now().await;
    });
    assert_eq!(
        *seen.borrow(),
        [
            "call_at, first",
            "sleep, second",
            "sleep, third",
            "call_later, fourth"
        ]
    );
}

#[test]
fn a_dropped_sleep_leaves_nothing() {
    let run = run!();
    let sim_loop = SimLoop::new(&run);
    let a = poller(run.recorder(), "A");
    for _ in 0..1_000 {
        let mut sleep = sim_loop.handle().sleep(Duration::from_secs(3_600));
        assert!(a.poll(Pin::new(&mut sleep)).is_pending());
        assert_eq!(sim_loop.event_loop().timers(), 1);
    }
    assert_eq!(sim_loop.event_loop().timers(), 0);
    assert_eq!(a.counts().alive, 0);
    let stuck = sim_loop.drive_to_the_end();
    assert_eq!(stuck.at, Time::START, "no timer is left to sleep for");
}

#[test]
fn a_sleep_that_is_dropped_in_its_task_leaves_nothing() {
    let sim_loop = SimLoop::new(&run!());
    let handle = sim_loop.handle();
    let task = sim_loop.spawn("sleeper", async move { handle.sleep(MILLIS).await });
    sim_loop.event_loop().run_once().unwrap();
    assert_eq!(sim_loop.event_loop().timers(), 1);
    task.abort();
    assert_eq!(sim_loop.event_loop().timers(), 0);
}

#[test]
fn a_sleep_that_was_ready_and_is_dropped_removes_no_other_timer() {
    let run = run!();
    let sim_loop = SimLoop::new(&run);
    let handle = sim_loop.handle();
    let a = poller(run.recorder(), "A");
    let mut first = handle.sleep(MILLIS);
    assert!(a.poll(Pin::new(&mut first)).is_pending());
    sim_loop.event_loop().run_once().unwrap();
    let mut second = handle.sleep(MILLIS);
    assert!(a.poll(Pin::new(&mut second)).is_pending());
    drop(first);
    assert_eq!(sim_loop.event_loop().timers(), 1);
}

#[test]
fn the_task_that_polled_a_sleep_last_is_woken() {
    let run = run!();
    let sim_loop = SimLoop::new(&run);
    let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
    let mut sleep = sim_loop.handle().sleep(MILLIS);
    assert!(a.poll(Pin::new(&mut sleep)).is_pending());
    assert!(b.poll(Pin::new(&mut sleep)).is_pending());
    assert_eq!(a.counts().alive, 0);
    sim_loop.event_loop().run_once().unwrap();
    assert_eq!((a.wakes(), b.wakes()), (0, 1));
}

#[test]
fn a_poll_proves_nothing_to_a_sleep() {
    let run = run!();
    let sim_loop = SimLoop::new(&run);
    let a = poller(run.recorder(), "A");
    let mut sleep = sim_loop.handle().sleep(MILLIS);
    for _ in 0..3 {
        assert!(a.poll(Pin::new(&mut sleep)).is_pending());
    }
    assert_eq!(
        sim_loop.event_loop().timers(),
        1,
        "one timer, however often it is polled"
    );
}

#[test]
fn each_deadline_takes_one_sleep_of_the_loop() {
    let sim_loop = SimLoop::new(&run!());
    let handle = sim_loop.handle();
    let task = sim_loop.spawn("ticker", async move {
        for nanos in [
            1,
            999,
            1_000,
            999_999,
            1_000_001,
            29_600_000,
            86_400_000_000_007,
        ] {
            handle.sleep(Duration::from_nanos(nanos)).await;
        }
    });
    sim_loop.drive(task).unwrap();
    assert_eq!(sim_loop.driver().sleeps(), 7);
}

#[test]
fn a_sleep_of_the_driver_that_ends_early_fires_nothing_too_soon() {
    let run = run!();
    let driver = SimDriver::new(&Sim::new(&run)).returning_early([1, 2, 4]);
    let sim_loop = SimLoop::with_driver(&run, driver);
    let handle = sim_loop.handle();
    let task = sim_loop.spawn("sleeper", {
        let handle = handle.clone();
        async move {
            handle.sleep(10 * MILLIS).await;
            assert_eq!(handle.now(), at(10));
            handle.sleep(10 * MILLIS).await;
            handle.now()
        }
    });
    assert_eq!(sim_loop.drive(task), Ok(at(20)));
    assert_eq!(sim_loop.driver().sleeps(), 5);
}

#[test]
fn a_nearer_timer_that_is_set_during_an_event_shortens_the_sleep() {
    let sim_loop = SimLoop::new(&run!());
    let door = sim_loop.handle().door();
    sim_loop.sim().at(5 * MILLIS, move || {
        door.call_soon_threadsafe(|handle| {
            let inner = handle.clone();
            drop(handle.spawn(async move { inner.sleep(MILLIS).await }));
        })
        .unwrap();
    });
    let handle = sim_loop.handle();
    let task = sim_loop.spawn("sleeper", async move { handle.sleep(100 * MILLIS).await });
    sim_loop.drive(task).unwrap();
    assert_eq!(sim_loop.sim().now(), 100 * MILLIS);
    assert_eq!(sim_loop.driver().sleeps(), 3, "until 5, until 6, until 100");
}

#[test]
fn a_time_that_never_comes_is_no_panic() {
    let sim_loop = SimLoop::new(&run!());
    let handle = sim_loop.handle();
    let never = sim_loop.spawn("never", {
        let handle = handle.clone();
        async move { handle.sleep(Duration::MAX).await }
    });
    let soon = sim_loop.spawn("soon", async move { handle.sleep(MILLIS).await });
    sim_loop.drive(soon).unwrap();
    assert!(!never.is_finished());
    assert_eq!(sim_loop.event_loop().timers(), 1);
}

#[test]
fn code_that_knows_only_the_trait_can_wait_too() {
    async fn twice<T: Timer>(timer: &T) -> Time {
        timer.sleep(10 * MILLIS).await;
        timer.sleep_until(timer.now() + 10 * MILLIS).await;
        timer.now()
    }

    let end = drive(
        &run!(),
        |handle: Handle| async move { twice(&handle).await },
    );
    assert_eq!(end, at(20));
}

#[test]
fn a_late_loop_fires_all_that_is_due_in_order_of_time() {
    let order = Rc::new(RefCell::new(Vec::new()));
    let sim_loop = SimLoop::new(&run!());
    let handle = sim_loop.handle();
    for millis in [30, 10, 20] {
        let order = Rc::clone(&order);
        drop(handle.call_at(at(millis), move || order.borrow_mut().push(millis)));
    }
    // A callback that takes too long: the clock moves while it is called.
    let sim = sim_loop.sim().clone();
    drop(handle.call_soon(move || sim.advance_to(100 * MILLIS)));
    sim_loop.event_loop().run_once().unwrap();
    sim_loop.event_loop().run_once().unwrap();
    assert_eq!(*order.borrow(), [10, 20, 30]);
    assert_eq!(sim_loop.driver().sleeps(), 0);
}

#[test]
fn a_sleep_must_not_be_polled_after_it_was_ready() {
    let run = run!();
    let sim_loop = SimLoop::new(&run);
    let a = poller(run.recorder(), "A");
    let mut sleep = sim_loop.handle().sleep(MILLIS);
    assert!(a.poll(Pin::new(&mut sleep)).is_pending());
    sim_loop.event_loop().run_once().unwrap();
    assert!(a.poll(Pin::new(&mut sleep)).is_ready());
    let again = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        Future::poll(
            Pin::new(&mut sleep),
            &mut std::task::Context::from_waker(std::task::Waker::noop()),
        )
    }));
    assert!(again.is_err());
}
