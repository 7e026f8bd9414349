//! Waiting for a task, and learning how it ended: its result, its panic, or that it was dropped.

use std::cell::RefCell;
use std::future::pending;
use std::pin::pin;
use std::rc::Rc;

use event_loop::{EventLoop, JoinError, JoinHandle, yield_now};
use probe::run;
use probe_futures::{gate, poller};
use probe_loop::{SimLoop, drive};

/// A loop that writes down what it reports instead of printing it.
fn reporting() -> (EventLoop, Rc<RefCell<Vec<String>>>) {
    let event_loop = EventLoop::new();
    let reports: Rc<RefCell<Vec<String>>> = Rc::default();
    let list = Rc::clone(&reports);
    event_loop.on_unretrieved(move |unretrieved| list.borrow_mut().push(unretrieved.to_string()));
    (event_loop, reports)
}

fn message(result: &Result<(), JoinError>) -> String {
    match result {
        Ok(()) => "ready".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_task_may_be_awaited_before_it_is_over() {
    let value = drive(&run!(), |handle| async move {
        let child = handle.spawn(async {
            yield_now().await;
            7
        });
        child.await.unwrap()
    });
    assert_eq!(value, 7);
}

#[test]
fn a_task_may_be_awaited_when_it_has_long_been_over() {
    let value = drive(&run!(), |handle| async move {
        let child = handle.spawn(async { 7 });
        for _ in 0..5 {
            yield_now().await;
        }
        assert!(child.is_finished());
        child.await.unwrap()
    });
    assert_eq!(value, 7);
}

#[test]
fn the_task_that_polled_the_handle_last_is_woken() {
    let run = run!();
    let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
    let (key, gate) = gate();
    let event_loop = EventLoop::new();
    let mut task = pin!(event_loop.handle().spawn(gate));
    assert!(a.poll(task.as_mut()).is_pending());
    assert!(b.poll(task.as_mut()).is_pending());
    event_loop.run_once().unwrap();
    key.open(7);
    event_loop.run_once().unwrap();
    assert_eq!((a.wakes(), b.wakes()), (0, 1));
    assert!(a.poll(task.as_mut()).is_ready());
}

#[test]
fn a_wait_that_was_given_up_can_be_begun_again() {
    let value = drive(&run!(), |handle| async move {
        let mut child = handle.spawn({
            let handle = handle.clone();
            async move {
                handle.sleep(std::time::Duration::from_secs(1)).await;
                7
            }
        });
        let waker = std::task::Waker::noop();
        let mut context = std::task::Context::from_waker(waker);
        assert!(
            std::future::Future::poll(std::pin::Pin::new(&mut child), &mut context).is_pending()
        );
        child.await.unwrap()
    });
    assert_eq!(value, 7);
}

#[test]
#[should_panic(expected = "polled after it was ready")]
fn a_handle_that_was_ready_must_not_be_polled_again() {
    let run = run!();
    let event_loop = EventLoop::new();
    let mut task = pin!(event_loop.handle().spawn(async {}));
    event_loop.run_once().unwrap();
    let a = poller(run.recorder(), "A");
    assert!(a.poll(task.as_mut()).is_ready());
    let _ = a.poll(task.as_mut());
}

#[test]
fn a_panic_reaches_the_joiner_and_is_not_reported() {
    let (event_loop, reports) = reporting();
    let task = event_loop.handle().spawn(async { panic!("no tea left") });
    let result: Result<(), JoinError> = event_loop.block_on(task);
    assert_eq!(message(&result), "the task panicked: no tea left");
    let Err(JoinError::Panicked(panic)) = result else {
        panic!("it panicked");
    };
    assert_eq!(panic.downcast_ref(), Some(&"no tea left"));
    drop(event_loop);
    assert!(reports.borrow().is_empty());
}

#[test]
fn a_panic_that_no_joiner_can_retrieve_is_reported_once() {
    let (event_loop, reports) = reporting();
    drop(event_loop.handle().spawn(async { panic!("no tea left") }));
    event_loop.run_once().unwrap();
    let expected = ["task 1 panicked, and its result was never retrieved: no tea left"];
    assert_eq!(*reports.borrow(), expected);
    drop(event_loop);
    assert_eq!(*reports.borrow(), expected);
}

#[test]
fn a_panic_is_reported_when_its_handle_is_dropped_without_having_been_asked() {
    let (event_loop, reports) = reporting();
    let task: JoinHandle<()> = event_loop.handle().spawn(async { panic!("no tea left") });
    event_loop.run_once().unwrap();
    assert!(reports.borrow().is_empty(), "the handle may still ask");
    drop(task);
    assert_eq!(reports.borrow().len(), 1);
}

#[test]
fn a_panic_is_reported_also_if_the_loop_is_gone_before_the_handle() {
    let (event_loop, reports) = reporting();
    let task: JoinHandle<()> = event_loop.handle().spawn(async { panic!("no tea left") });
    event_loop.run_once().unwrap();
    drop(event_loop);
    drop(task);
    assert_eq!(reports.borrow().len(), 1);
}

#[test]
fn a_panic_that_a_dropped_joiner_would_have_received_is_reported() {
    let (event_loop, reports) = reporting();
    let child = event_loop.handle().spawn(async {
        yield_now().await;
        panic!("no tea left");
    });
    let joiner = event_loop.handle().spawn(async move { drop(child.await) });
    event_loop.run_once().unwrap();
    joiner.abort();
    for _ in 0..3 {
        event_loop.handle().call_soon(|| ()).cancel();
        event_loop.run_once().unwrap();
        if !reports.borrow().is_empty() {
            break;
        }
    }
    assert_eq!(reports.borrow().len(), 1);
}

#[test]
fn an_aborted_task_is_not_reported() {
    let (event_loop, reports) = reporting();
    let task = event_loop.handle().spawn(pending::<()>());
    event_loop.run_once().unwrap();
    task.abort();
    drop(task);
    drop(event_loop.handle().spawn(pending::<()>()));
    drop(event_loop);
    assert!(reports.borrow().is_empty());
}

#[test]
fn the_siblings_of_a_task_that_panics_live_on() {
    let (event_loop, reports) = reporting();
    let handle = event_loop.handle();
    let before = handle.spawn(async {
        yield_now().await;
        1
    });
    drop(handle.spawn(async { panic!("no tea left") }));
    let after = handle.spawn(async { 2 });
    let sum = event_loop.block_on(async { before.await.unwrap() + after.await.unwrap() });
    assert_eq!(sum, 3);
    assert_eq!(reports.borrow().len(), 1);
}

#[test]
fn a_destructor_that_panics_is_reported_and_ends_no_other_task() {
    struct PanicsWhenDropped;

    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            panic!("in a destructor");
        }
    }

    let (event_loop, reports) = reporting();
    let task = event_loop.handle().spawn(async {
        let _guard = PanicsWhenDropped;
        pending::<()>().await;
    });
    let sibling = event_loop.handle().spawn(async {
        yield_now().await;
        yield_now().await;
        7
    });
    event_loop.run_once().unwrap();
    task.abort();
    assert_eq!(event_loop.block_on(sibling).unwrap(), 7);
    assert_eq!(reports.borrow().len(), 1);
    assert!(reports.borrow()[0].contains("in a destructor"));
}

#[test]
fn a_panic_of_the_main_future_passes_through_and_loses_no_wake() {
    let sim_loop = SimLoop::new(&run!());
    let event_loop = sim_loop.event_loop();
    let sibling = sim_loop.spawn("sibling", async {
        yield_now().await;
        7
    });
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        event_loop.block_on(async { panic!("its own") })
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"its own"));
    assert_eq!(
        sim_loop.drive(sibling),
        Ok(7),
        "it was woken before the panic came out"
    );
}

#[test]
fn two_tasks_that_join_each_other_are_stuck_and_not_a_panic() {
    let sim_loop = SimLoop::new(&run!());
    let slot: Rc<RefCell<Option<JoinHandle<()>>>> = Rc::default();
    let other = Rc::clone(&slot);
    let one = sim_loop.spawn("one", async move {
        yield_now().await;
        let two = other.borrow_mut().take().unwrap();
        two.await.unwrap();
    });
    let two = sim_loop.spawn("two", async move { one.await.unwrap() });
    *slot.borrow_mut() = Some(two);
    sim_loop.drive_to_the_end();
    assert_eq!(sim_loop.recorded().alive(), ["one", "two"]);
}

std::thread_local! {
    /// What a waker does when it is cloned.
    static WHEN_CLONED: std::cell::RefCell<Option<Box<dyn FnOnce()>>> =
        const { std::cell::RefCell::new(None) };
}

#[test]
fn a_waker_may_use_the_task_and_the_timers_while_it_is_cloned() {
    let run = run!();
    let sim_loop = SimLoop::new(&run);
    let [first, second] =
        ["first", "second"].map(|name| probe_futures::poller(run.recorder(), name));
    let handle = sim_loop.handle();
    let joined = std::rc::Rc::new(std::cell::RefCell::new(
        handle.spawn(std::future::pending::<()>()),
    ));
    let other = std::rc::Rc::downgrade(&joined);
    let mut sleep = handle.sleep(std::time::Duration::from_secs(1));
    assert!(first.poll(std::pin::Pin::new(&mut sleep)).is_pending());
    for poll in ["sleep", "join"] {
        second.on_clone(|| WHEN_CLONED.take().expect("it is set below")());
        let (handle, other) = (handle.clone(), other.clone());
        WHEN_CLONED.set(Some(Box::new(move || {
            drop(handle.call_later(std::time::Duration::from_secs(2), || ()));
            let _ = other
                .upgrade()
                .is_some_and(|joined| joined.try_borrow().is_ok_and(|task| task.is_finished()));
        })));
        if poll == "sleep" {
            assert!(second.poll(std::pin::Pin::new(&mut sleep)).is_pending());
        } else {
            assert!(
                second
                    .poll(std::pin::Pin::new(&mut *joined.borrow_mut()))
                    .is_pending()
            );
        }
    }
}
