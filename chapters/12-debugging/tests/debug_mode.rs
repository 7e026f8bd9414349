//! Debug mode reports each fault, and only that.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::mem;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;

use debugging::{DebugMode, Warning, must_await, must_close, run_in_debug_mode};
use event_loop::{EventLoop, Handle, JumpingDriver, yield_now};

const LIMIT: Duration = Duration::from_millis(100);

/// Debug mode, and what it has reported so far.
fn recorded() -> (DebugMode, Arc<Mutex<Vec<Warning>>>) {
    let reports: Arc<Mutex<Vec<Warning>>> = Arc::default();
    let report = Arc::clone(&reports);
    let debug = DebugMode::new().on_warning(move |warning| {
        report.lock().unwrap().push(warning.clone());
    });
    (debug, reports)
}

/// What debug mode reports of this future on a loop of its own.
fn reports_of<F: Future>(make: impl FnOnce(Handle, JumpingDriver) -> F) -> Vec<Warning> {
    let (debug, reports) = recorded();
    let driver = JumpingDriver::new();
    run_in_debug_mode(&debug, driver.clone(), |handle| make(handle, driver));
    mem::take(&mut *reports.lock().unwrap())
}

#[test]
fn a_program_without_a_fault_is_not_reported() {
    let reports = reports_of(|handle, driver| async move {
        let child = handle.spawn(async move {
            driver.spend(LIMIT - Duration::from_nanos(1));
            yield_now().await;
        });
        must_await(async {}).await;
        must_close(7).close();
        handle.sleep(Duration::from_secs(5)).await;
        child.await.unwrap();
    });
    assert_eq!(reports, []);
}

#[test]
fn a_step_that_takes_the_limit_is_slow() {
    let reports = reports_of(|handle, driver| async move {
        driver.spend(LIMIT);
        handle.sleep(Duration::from_secs(1)).await;
    });
    let [
        Warning::SlowStep {
            who,
            took,
            limit,
            suspended: Some(leaves),
        },
    ] = &reports[..]
    else {
        panic!("{reports:?}");
    };
    assert_eq!((*took, *limit), (LIMIT, LIMIT));
    assert!(who.origin.location.file().ends_with("run.rs") || who.origin.name() != "");
    assert_eq!(leaves[0].path.last().unwrap().name, "Sleep");
}

#[test]
fn a_slow_step_that_is_the_last_one_is_reported_as_such() {
    let reports = reports_of(|_handle, driver| async move { driver.spend(LIMIT) });
    assert!(
        matches!(
            &reports[..],
            [Warning::SlowStep {
                suspended: None,
                ..
            }]
        ),
        "{reports:?}"
    );
}

#[test]
fn a_slow_destructor_belongs_to_the_step() {
    struct Slow(JumpingDriver);
    impl Drop for Slow {
        fn drop(&mut self) {
            self.0.spend(LIMIT);
        }
    }
    let reports = reports_of(|handle, driver| async move {
        let slow = Slow(driver);
        let task = handle.spawn(async move { drop(slow) });
        task.await.unwrap();
    });
    assert!(
        matches!(&reports[..], [Warning::SlowStep { .. }]),
        "{reports:?}"
    );
}

#[test]
fn a_slow_callback_is_reported() {
    let reports = reports_of(|handle, driver| async move {
        let _call = handle.call_soon(move || driver.spend(LIMIT));
        handle.sleep(Duration::from_secs(1)).await;
    });
    let [
        Warning::SlowStep {
            who,
            suspended: None,
            ..
        },
    ] = &reports[..]
    else {
        panic!("{reports:?}");
    };
    assert!(who.origin.is_callback);
}

#[test]
fn a_slow_call_from_another_thread_is_reported() {
    let (debug, reports) = recorded();
    let event_loop = EventLoop::observed(
        event_loop::ThreadDriver::new(),
        debug.with_limit(Duration::ZERO),
    );
    let door = event_loop.handle().door();
    door.call_soon_threadsafe(|handle| handle.stop()).unwrap();
    event_loop.run_forever();
    let reports = reports.lock().unwrap();
    let is_call = |report: &&Warning| matches!(report, Warning::SlowCall { .. });
    assert_eq!(reports.iter().filter(is_call).count(), 1, "{reports:?}");
}

#[test]
fn a_task_that_is_slow_in_each_step_is_polled_once_more_for_each_and_no_more() {
    let polls = Rc::new(RefCell::new(0));
    let counted = Rc::clone(&polls);
    let kept: Rc<RefCell<Option<Waker>>> = Rc::default();
    let reports = reports_of(|handle, driver| async move {
        drop(handle.spawn(poll_fn(move |context| {
            *counted.borrow_mut() += 1;
            kept.replace(Some(context.waker().clone()));
            driver.spend(LIMIT);
            Poll::<()>::Pending
        })));
        for _ in 0..10 {
            yield_now().await;
        }
    });
    assert_eq!(*polls.borrow(), 2);
    let is_slow = |report: &&Warning| matches!(report, Warning::SlowStep { .. });
    assert_eq!(reports.iter().filter(is_slow).count(), 1, "{reports:?}");
}

#[test]
fn a_driver_that_returns_the_limit_too_late_is_slow() {
    let (debug, reports) = recorded();
    let driver = JumpingDriver::with_cost_of_a_park(LIMIT);
    run_in_debug_mode(&debug, driver, |_handle| async {});
    let reports = reports.lock().unwrap();
    assert!(
        matches!(
            &reports[..],
            [Warning::SlowDriver {
                asked: Duration::ZERO,
                took: LIMIT
            }]
        ),
        "{reports:?}"
    );
}

#[test]
fn a_future_that_is_dropped_unpolled_is_reported_with_the_line_that_made_it() {
    let line = line!() + 2;
    let reports = reports_of(|_handle, _driver| async move {
        drop(must_await(async {}));
    });
    let [Warning::NeverAwaited { made }] = &reports[..] else {
        panic!("{reports:?}");
    };
    assert_eq!(made.location.line(), line);
}

#[test]
fn a_future_that_was_polled_once_is_not_reported() {
    let reports = reports_of(|handle, _driver| async move {
        let mut waits = Box::pin(must_await(handle.sleep(Duration::from_secs(1))));
        poll_fn(|context| {
            let _ = waits.as_mut().poll(context);
            Poll::Ready(())
        })
        .await;
    });
    assert_eq!(reports, []);
}

#[test]
fn a_value_that_is_dropped_unclosed_is_reported_with_the_line_that_made_it() {
    let line = line!() + 2;
    let reports = reports_of(|_handle, _driver| async move {
        drop(must_close(String::new()));
    });
    let [Warning::NotClosed { made }] = &reports[..] else {
        panic!("{reports:?}");
    };
    assert_eq!((made.location.line(), made.name()), (line, "String"));
}

#[test]
fn outside_of_debug_mode_nothing_is_reported() {
    assert!(DebugMode::current().is_none());
    drop(must_await(async {}));
    drop(must_close(7));
    let (debug, reports) = recorded();
    drop(debug.enter());
    drop(must_close(7));
    assert_eq!(*reports.lock().unwrap(), []);
}

#[test]
fn the_innermost_debug_mode_is_current() {
    let (outer, outer_reports) = recorded();
    let (inner, inner_reports) = recorded();
    let outer_entered = outer.enter();
    let inner_entered = inner.enter();
    drop(must_close(7));
    drop(inner_entered);
    drop(must_close("seven"));
    drop(outer_entered);
    assert_eq!(inner_reports.lock().unwrap().len(), 1);
    assert_eq!(outer_reports.lock().unwrap().len(), 1);
}

#[test]
fn tasks_that_are_left_are_reported_oldest_first() {
    let reports = reports_of(|handle, _driver| async move {
        let sleep = handle.sleep(Duration::from_secs(9));
        drop(handle.spawn(sleep));
        yield_now().await;
        yield_now().await;
        drop(handle.spawn(async {}));
    });
    let left = |report: &Warning| match report {
        Warning::LeftAtClose { who, never_polled } => (who.task.number(), *never_polled),
        other => panic!("{other}"),
    };
    let left: Vec<_> = reports.iter().map(left).collect();
    assert_eq!(left, [(2, false), (3, true)]);
}

#[test]
fn a_task_that_is_aborted_is_not_left() {
    let reports = reports_of(|handle, _driver| async move {
        let task = handle.spawn(std::future::pending::<()>());
        yield_now().await;
        assert!(task.abort());
    });
    assert_eq!(reports, []);
}

#[test]
fn a_waker_that_is_kept_after_the_close_is_reported_and_one_that_goes_with_the_loop_is_not() {
    let kept: Rc<RefCell<Vec<Waker>>> = Rc::default();
    let keep = Rc::clone(&kept);
    let reports = reports_of(|handle, _driver| async move {
        let own: Rc<RefCell<Vec<Waker>>> = Rc::default();
        for wakers in [keep, own] {
            let task = handle.spawn(poll_fn(move |context| {
                wakers.borrow_mut().push(context.waker().clone());
                Poll::Ready(())
            }));
            task.await.unwrap();
        }
    });
    let [Warning::WakerKept { who, wakers: 1 }] = &reports[..] else {
        panic!("{reports:?}");
    };
    assert_eq!(who.task.number(), 2);
    drop(kept);
}

#[test]
fn a_hundred_thousand_tasks_leave_nothing_behind_and_are_not_reported() {
    let reports = reports_of(|handle, _driver| async move {
        for _ in 0..100_000 {
            handle.spawn(async {}).await.unwrap();
        }
    });
    assert_eq!(reports, []);
}

#[test]
fn a_panic_of_the_reporting_function_does_not_stop_the_loop() {
    let debug = DebugMode::new().on_warning(|_| panic!("the report fails"));
    let driver = JumpingDriver::new();
    let event_loop = EventLoop::observed(driver.clone(), debug);
    let spends = event_loop
        .handle()
        .spawn(async move { driver.spend(LIMIT) });
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| event_loop.run_once()));
    assert!(caught.is_err());
    assert!(spends.is_finished());
    assert_eq!(event_loop.block_on(async { 7 }), 7);
}
