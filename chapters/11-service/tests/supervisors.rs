//! Supervisors on virtual time: restarts, the limit, and the end of all children.

use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver, Spawn};
use probe::detect::DropCounter;
use service::{Escalated, Exit, Report, Restart, Supervisor};

const SECOND: Duration = Duration::from_secs(1);

/// Runs a supervisor to its end; its result, its reports, and when it ended.
fn run(make: impl FnOnce(&Handle) -> Supervisor) -> (Result<(), Escalated>, Vec<Report>, Duration) {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    let reports = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&reports);
    let supervisor = make(&handle).observed(move |report| seen.borrow_mut().push(report));
    let result = event_loop.block_on(supervisor.run(&spawn, &handle));
    (result, reports.take(), handle.now().since_start())
}

/// A child that fails after each of these times in seconds, and then runs on.
fn failing(
    handle: &Handle,
    after: &'static [u32],
) -> impl FnMut() -> std::pin::Pin<Box<dyn Future<Output = Result<(), String>>>> + use<> {
    let handle = handle.clone();
    let mut left = after.iter();
    move || {
        let (handle, next) = (handle.clone(), left.next());
        Box::pin(async move {
            match next {
                Some(seconds) => handle.sleep(*seconds * SECOND).await,
                None => pending().await,
            }
            Err("failed".to_owned())
        })
    }
}

#[test]
fn a_supervisor_without_children_ends_at_once() {
    let (result, reports, at) = run(|_| Supervisor::new(1, SECOND));
    assert_eq!((result, reports, at), (Ok(()), Vec::new(), Duration::ZERO));
}

#[test]
fn the_restart_that_would_be_one_too_many_within_the_period_escalates() {
    // At 1, 2 and 3 s: the third is the second within 2 s after the first only if that still counts.
    for (intensity, period, ends_at) in [(2, 5, 3), (1, 5, 2), (0, 5, 1)] {
        let (result, reports, at) = run(|handle| {
            let child = failing(handle, &[1, 1, 1, 1, 1]);
            Supervisor::new(intensity, period * SECOND).child("a", Restart::Permanent, child)
        });
        let exit = Exit::Error("failed".to_owned());
        assert_eq!(result, Err(Escalated { child: "a", exit }));
        assert_eq!(at, ends_at * SECOND);
        let starts = reports
            .iter()
            .filter(|report| **report == Report::Started("a"))
            .count();
        assert_eq!(starts, intensity + 1);
    }
}

#[test]
fn a_restart_counts_until_the_period_has_passed() {
    // One restart in 5 s is allowed. The ends are 5 s apart, and then 4 s.
    let (result, _, at) = run(|handle| {
        let child = failing(handle, &[5, 5, 5, 4]);
        Supervisor::new(1, 5 * SECOND).child("a", Restart::Permanent, child)
    });
    assert!(result.is_err());
    assert_eq!(at, 19 * SECOND);
}

#[test]
fn restarts_are_counted_over_all_children() {
    let (result, _, at) = run(|handle| {
        Supervisor::new(1, 5 * SECOND)
            .child("a", Restart::Permanent, failing(handle, &[2]))
            .child("b", Restart::Permanent, failing(handle, &[3]))
    });
    assert_eq!(result.unwrap_err().child, "b");
    assert_eq!(at, 3 * SECOND);
}

#[test]
fn a_start_that_panics_is_a_child_that_panicked() {
    let mut starts = 0;
    let (result, reports, _) = run(|_| {
        Supervisor::new(1, SECOND).child("a", Restart::Transient, move || {
            starts += 1;
            assert!(starts > 1, "no configuration");
            async { Ok::<_, String>(()) }
        })
    });
    assert_eq!(result, Ok(()));
    assert_eq!(
        reports,
        [
            Report::Started("a"),
            Report::Ended("a", Exit::Panicked("no configuration".to_owned())),
            Report::Started("a"),
            Report::Ended("a", Exit::Done),
        ]
    );
}

#[test]
fn the_children_are_cancelled_in_reverse_order_and_nothing_is_left() {
    let values = DropCounter::new();
    let (result, reports, _) = run(|handle| {
        let [first, second] = [values.clone(), values.clone()];
        Supervisor::new(0, SECOND)
            .child("a", Restart::Temporary, move || {
                let token = first.token();
                async move {
                    let _token = token;
                    pending::<Result<(), String>>().await
                }
            })
            .child("b", Restart::Temporary, move || {
                let token = second.token();
                async move {
                    let _token = token;
                    pending::<Result<(), String>>().await
                }
            })
            .child("c", Restart::Permanent, failing(handle, &[1]))
    });
    assert!(result.is_err());
    let last = &reports[reports.len() - 2..];
    assert_eq!(last, [Report::Cancelled("b"), Report::Cancelled("a")]);
    assert_eq!(values.alive(), 0);
}

#[test]
fn a_supervisor_whose_children_have_done_their_work_returns() {
    let (result, _, at) = run(|handle| {
        let timer = handle.clone();
        Supervisor::new(1, SECOND).child("a", Restart::Transient, move || {
            let timer = timer.clone();
            async move {
                timer.sleep(SECOND).await;
                Ok::<(), String>(())
            }
        })
    });
    assert_eq!((result, at), (Ok(()), SECOND));
}

#[test]
fn a_supervisor_can_be_the_child_of_a_supervisor() {
    let (result, reports, _) = run(|handle| {
        let handle = handle.clone();
        Supervisor::new(2, 100 * SECOND).child("inner", Restart::Permanent, move || {
            let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
            let child = failing(&handle, &[1, 1]);
            let inner = Supervisor::new(1, 5 * SECOND).child("worker", Restart::Permanent, child);
            let timer = handle.clone();
            async move { inner.run(&spawn, &timer).await }
        })
    });
    let exit = Exit::Error("too many restarts: worker failed: failed".to_owned());
    assert_eq!(
        result,
        Err(Escalated {
            child: "inner",
            exit
        })
    );
    let starts = reports
        .iter()
        .filter(|report| **report == Report::Started("inner"))
        .count();
    assert_eq!(starts, 3);
}

#[test]
fn a_dropped_supervisor_cancels_its_children() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    let values = DropCounter::new();
    let alive = values.clone();
    let supervisor = Supervisor::new(1, SECOND).child("a", Restart::Permanent, move || {
        let token = alive.token();
        async move {
            let _token = token;
            pending::<Result<(), String>>().await
        }
    });
    let ended = event_loop.block_on(composition::timeout(
        &handle,
        SECOND,
        supervisor.run(&spawn, &handle),
    ));
    assert!(ended.is_err());
    assert_eq!(values.alive(), 0);
}
