//! The end of a loop: it drops every future, and says nothing that is not true.

use std::cell::RefCell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JoinError, JoinHandle, Spawn, yield_now};
use probe::detect::DropCounter;
use probe::run;
use probe_loop::SimLoop;

type Notes = Rc<RefCell<Vec<&'static str>>>;

/// Notes its end.
struct Noted(&'static str, Notes);

impl Drop for Noted {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

/// A loop that notes what it reports.
fn reporting() -> (EventLoop, Rc<RefCell<Vec<String>>>) {
    let event_loop = EventLoop::new();
    let reports: Rc<RefCell<Vec<String>>> = Rc::default();
    let list = Rc::clone(&reports);
    event_loop.on_unretrieved(move |unretrieved| list.borrow_mut().push(unretrieved.to_string()));
    (event_loop, reports)
}

#[test]
fn dropping_the_loop_drops_every_future_oldest_first() {
    let notes = Notes::default();
    let (event_loop, reports) = reporting();
    let handle = event_loop.handle();
    let spawn = |name| {
        let noted = Noted(name, Rc::clone(&notes));
        handle.spawn(async move {
            let _noted = noted;
            pending::<()>().await;
        })
    };
    let gone = spawn("gone");
    drop((spawn("first"), spawn("second")));
    event_loop.run_once().unwrap();
    gone.abort();
    drop(spawn("third, in the place that is free")); // And it has not been polled, either.
    let later = Noted("a callback", Rc::clone(&notes));
    drop(handle.call_later(Duration::from_secs(3_600), move || drop(later)));
    drop(event_loop);
    assert_eq!(
        *notes.borrow(),
        [
            "gone",
            "first",
            "second",
            "third, in the place that is free",
            "a callback"
        ]
    );
    assert!(reports.borrow().is_empty());
}

#[test]
fn futures_that_hold_their_own_loops_handle_are_dropped() {
    let tokens = DropCounter::new();
    let event_loop = EventLoop::new();
    for _ in 0..3 {
        let (token, handle) = (tokens.token(), event_loop.handle());
        drop(event_loop.handle().spawn(async move {
            let _token = token;
            handle.sleep(Duration::from_secs(3_600)).await;
        }));
    }
    event_loop.run_once().unwrap();
    drop(event_loop);
    assert_eq!(tokens.alive(), 0);
}

#[test]
fn a_joiner_learns_that_its_task_was_dropped_with_the_loop() {
    let (event_loop, reports) = reporting();
    let suspended = event_loop.handle().spawn(pending::<()>());
    event_loop.run_once().unwrap();
    let unpolled = event_loop.handle().spawn(async {});
    let over = event_loop.handle().spawn(async { 7 });
    event_loop.run_once().unwrap();
    let handle = event_loop.handle();
    drop(event_loop);
    let too_late = handle.spawn(async {});
    assert!(too_late.task().is_none());
    let other = EventLoop::new();
    other.block_on(async {
        assert!(matches!(suspended.await, Err(JoinError::Aborted)));
        assert!(unpolled.await.is_ok());
        assert!(matches!(over.await, Ok(7)));
        assert!(matches!(too_late.await, Err(JoinError::Aborted)));
    });
    assert!(reports.borrow().is_empty());
}

#[test]
fn what_is_spawned_after_the_end_is_dropped_at_once() {
    let tokens = DropCounter::new();
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    drop(event_loop);
    let token = tokens.token();
    handle.spawn_boxed(Box::pin(async move { drop(token) }));
    let token = tokens.token();
    drop(handle.spawn(async move { drop(token) }));
    assert_eq!(tokens.alive(), 0);
}

#[test]
fn a_task_that_closes_its_loop_is_dropped_after_its_poll_and_the_others_at_once() {
    let notes = Notes::default();
    let event_loop = Rc::new(EventLoop::new());
    let other = Noted("the other one", Rc::clone(&notes));
    drop(event_loop.handle().spawn(async move {
        let _noted = other;
        pending::<()>().await;
    }));
    let (inside, log) = (Rc::downgrade(&event_loop), Rc::clone(&notes));
    let own = Noted("the one that closed", Rc::clone(&notes));
    drop(event_loop.handle().spawn(async move {
        let _noted = own;
        yield_now().await;
        inside.upgrade().unwrap().close();
        log.borrow_mut().push("closed");
        pending::<()>().await;
    }));
    event_loop.run_once().unwrap();
    event_loop.run_once().unwrap();
    assert_eq!(
        *notes.borrow(),
        ["the other one", "closed", "the one that closed"]
    );
    assert_eq!(event_loop.tasks(), 0);
}

#[test]
fn what_was_to_run_in_the_turn_in_which_the_loop_is_closed_does_not() {
    let notes = Notes::default();
    let event_loop = Rc::new(EventLoop::new());
    let inside = Rc::downgrade(&event_loop);
    drop(
        event_loop
            .handle()
            .call_soon(move || inside.upgrade().unwrap().close()),
    );
    let log = Rc::clone(&notes);
    drop(
        event_loop
            .handle()
            .call_soon(move || log.borrow_mut().push("called")),
    );
    event_loop.run_once().unwrap();
    assert!(notes.borrow().is_empty());
}

#[test]
fn a_main_future_may_close_the_loop_and_come_to_its_end() {
    let event_loop = EventLoop::new();
    let task = event_loop.handle().spawn(pending::<()>());
    let value = event_loop.block_on(async {
        event_loop.close();
        yield_now().await;
        assert!(task.await.is_err());
        7
    });
    assert_eq!(value, 7);
}

#[test]
fn destructors_may_use_the_loop_that_is_being_closed() {
    struct Busy {
        handle: Handle,
        others: Vec<JoinHandle<()>>,
        notes: Notes,
    }

    impl Drop for Busy {
        fn drop(&mut self) {
            let child = Noted("spawned while it closes", Rc::clone(&self.notes));
            drop(self.handle.spawn(async move { drop(child) }));
            drop(self.handle.call_soon(|| panic!("not called")));
            drop(
                self.handle
                    .call_later(Duration::ZERO, || panic!("nobody calls this")),
            );
            drop(self.handle.sleep(Duration::ZERO));
            self.handle.stop();
            for other in &self.others {
                other.abort();
            }
            let _ = self.handle.now();
            assert!(self.handle.door().call_soon_threadsafe(|_| ()).is_err());
        }
    }

    let notes = Notes::default();
    let (event_loop, reports) = reporting();
    let handle = event_loop.handle();
    let others: Vec<_> = (0..3).map(|_| handle.spawn(pending())).collect();
    let busy = Busy {
        handle: handle.clone(),
        others,
        notes: Rc::clone(&notes),
    };
    drop(handle.spawn(async move {
        let _busy = busy;
        pending::<()>().await;
    }));
    event_loop.run_once().unwrap();
    drop(event_loop);
    assert_eq!(*notes.borrow(), ["spawned while it closes"]);
    assert!(reports.borrow().is_empty());
}

#[test]
fn a_sleep_that_outlives_its_loop_is_pending_and_goes_quietly() {
    let run = run!();
    let a = probe_futures::poller(run.recorder(), "A");
    let sim_loop = SimLoop::new(&run);
    let mut set = sim_loop.handle().sleep(Duration::ZERO);
    assert!(a.poll(std::pin::Pin::new(&mut set)).is_pending());
    drop(sim_loop);
    assert_eq!((a.wakes(), a.counts().alive), (0, 0));
    drop(set);
}

#[test]
fn a_destructor_may_close_the_loop() {
    struct Closes(std::rc::Weak<EventLoop>);

    impl Drop for Closes {
        fn drop(&mut self) {
            if let Some(event_loop) = self.0.upgrade() {
                event_loop.close();
            }
        }
    }

    let tokens = DropCounter::new();
    let event_loop = Rc::new(EventLoop::new());
    let closes = Closes(Rc::downgrade(&event_loop));
    let task = event_loop.handle().spawn(async move {
        let _closes = closes;
        pending::<()>().await;
    });
    let token = tokens.token();
    drop(event_loop.handle().spawn(async move {
        let _token = token;
        pending::<()>().await;
    }));
    event_loop.run_once().unwrap();
    assert!(task.abort());
    assert_eq!((event_loop.tasks(), tokens.alive()), (0, 0));
}

#[test]
fn closing_twice_is_closing_once() {
    let event_loop = EventLoop::new();
    event_loop.close();
    event_loop.close();
    drop(event_loop);
}

#[test]
fn a_panic_in_a_destructor_does_not_keep_the_others_from_being_dropped() {
    struct PanicsWhenDropped;

    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            panic!("in a destructor");
        }
    }

    let tokens = DropCounter::new();
    let (event_loop, reports) = reporting();
    drop(event_loop.handle().spawn(async {
        let _guard = PanicsWhenDropped;
        pending::<()>().await;
    }));
    let token = tokens.token();
    drop(event_loop.handle().spawn(async move {
        let _token = token;
        pending::<()>().await;
    }));
    event_loop.run_once().unwrap();
    drop(event_loop);
    assert_eq!(tokens.alive(), 0);
    assert_eq!(reports.borrow().len(), 1);
}

#[test]
fn a_closed_loop_refuses_to_run_and_says_why() {
    for way in [
        (|closed| closed.block_on(async {})) as fn(&EventLoop),
        EventLoop::run_forever,
        |closed| drop(closed.run_once()),
    ] {
        let event_loop = EventLoop::new();
        event_loop.close();
        for _ in 0..2 {
            let panic = catch_unwind(AssertUnwindSafe(|| way(&event_loop))).unwrap_err();
            assert_eq!(
                panic.downcast_ref(),
                Some(&"this loop is closed: it cannot run any more")
            );
        }
    }
}

#[test]
fn a_loop_that_is_closed_while_it_runs_forever_returns_after_that_iteration() {
    let event_loop = Rc::new(EventLoop::new());
    let inside = Rc::downgrade(&event_loop);
    drop(
        event_loop
            .handle()
            .call_soon(move || inside.upgrade().unwrap().close()),
    );
    event_loop.run_forever();
    assert_eq!(event_loop.tasks(), 0);
}

#[test]
#[should_panic(expected = "the loop was closed, and nothing can wake the main future any more")]
fn a_main_future_that_closes_its_loop_and_waits_is_told_that_it_waits_for_nothing() {
    let event_loop = EventLoop::new();
    event_loop.block_on(async {
        event_loop.close();
        pending::<()>().await;
    });
}

#[test]
fn a_sleep_that_is_polled_on_a_closed_loop_keeps_no_waker() {
    let run = run!();
    let a = probe_futures::poller(run.recorder(), "A");
    let event_loop = EventLoop::new();
    event_loop.close();
    let mut sleep = event_loop.handle().sleep(Duration::ZERO);
    for _ in 0..2 {
        assert!(a.poll(std::pin::Pin::new(&mut sleep)).is_pending());
    }
    assert_eq!((event_loop.timers(), a.counts().alive), (0, 0));
}

#[test]
fn every_call_on_a_closed_loop_returns() {
    let tokens = DropCounter::new();
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    event_loop.close();
    let token = || {
        let token = tokens.token();
        move || drop(token)
    };
    let soon = handle.call_soon(token());
    let later = handle.call_later(Duration::ZERO, token());
    let at = handle.call_at(handle.now(), token());
    let (spawned, boxed) = (token(), token());
    let task = handle.spawn(async move { spawned() });
    handle.spawn_boxed(Box::pin(async move { boxed() }));
    assert_eq!(tokens.alive(), 0, "each of them is dropped at once");
    assert!(!soon.cancel() && !later.cancel() && !at.cancel());
    assert!(task.is_finished() && !task.abort());
    let door = handle.door();
    assert!(door.call_soon_threadsafe(|_| ()).is_err());
    assert!(door.run_coroutine_threadsafe(|_| async {}).is_err());
    handle.stop();
    event_loop.on_unretrieved(|_| ());
    event_loop.close();
    assert_eq!((event_loop.tasks(), event_loop.timers()), (0, 0));
}

#[test]
fn a_callback_from_another_thread_is_dropped_by_the_iteration_in_which_the_loop_is_closed() {
    let event_loop = Rc::new(EventLoop::new());
    event_loop.on_unretrieved(|unretrieved| panic!("nothing is reported: {unretrieved}"));
    let inside = Rc::downgrade(&event_loop);
    drop(
        event_loop
            .handle()
            .call_soon(move || inside.upgrade().unwrap().close()),
    );
    let called = Arc::new(AtomicBool::new(false));
    let note = Arc::clone(&called);
    let door = event_loop.handle().door();
    let sent = thread::spawn(move || {
        door.call_soon_threadsafe(move |_| note.store(true, Ordering::Relaxed))
    });
    sent.join().unwrap().unwrap();
    event_loop.run_once().unwrap();
    assert!(!called.load(Ordering::Relaxed));
}

/// A waker whose destructor panics.
struct PanicsWhenForgotten;

impl Wake for PanicsWhenForgotten {
    fn wake(self: Arc<Self>) {}
}

impl Drop for PanicsWhenForgotten {
    fn drop(&mut self) {
        panic!("in a waker's destructor");
    }
}

#[test]
fn a_callback_or_a_waker_that_panics_when_it_is_dropped_does_not_end_the_close() {
    struct PanicsWhenDropped;

    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            panic!("in a callback's destructor");
        }
    }

    let tokens = DropCounter::new();
    let (event_loop, reports) = reporting();
    let handle = event_loop.handle();
    for _ in 0..2 {
        let guard = PanicsWhenDropped;
        handle
            .door()
            .call_soon_threadsafe(move |_| {
                let _guard = guard;
            })
            .unwrap();
    }
    let waker = Waker::from(Arc::new(PanicsWhenForgotten));
    let mut sleep = handle.sleep(Duration::from_secs(1));
    let polled = std::pin::Pin::new(&mut sleep);
    assert!(std::future::Future::poll(polled, &mut Context::from_waker(&waker)).is_pending());
    drop(waker); // The timer has a clone, which is now the last one.
    let token = tokens.token();
    drop(handle.spawn(async move {
        let _token = token;
        pending::<()>().await;
    }));
    event_loop.close();
    assert_eq!((tokens.alive(), event_loop.timers()), (0, 0));
    assert_eq!(reports.borrow().len(), 3);
}
