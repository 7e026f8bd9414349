//! Functions that the loop calls later.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use event_loop::{CallHandle, EventLoop};
use probe::detect::DropCounter;
use probe::run;
use probe_loop::SimLoop;

const MILLIS: Duration = Duration::from_millis(1);

#[test]
fn callbacks_are_called_in_the_next_turn_in_order() {
    let called = Rc::new(RefCell::new(Vec::new()));
    let event_loop = EventLoop::new();
    for number in 1..=3 {
        let called = Rc::clone(&called);
        drop(
            event_loop
                .handle()
                .call_soon(move || called.borrow_mut().push(number)),
        );
    }
    assert!(called.borrow().is_empty());
    event_loop.run_once().unwrap();
    assert_eq!(*called.borrow(), [1, 2, 3]);
}

#[test]
fn a_callback_that_comes_from_a_callback_is_for_the_next_turn() {
    let turns = Rc::new(Cell::new(0));
    let count = Rc::clone(&turns);
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    drop(event_loop.handle().call_soon(move || {
        drop(handle.call_soon(move || count.set(count.get() + 1)));
    }));
    event_loop.run_once().unwrap();
    assert_eq!(turns.get(), 0);
    event_loop.run_once().unwrap();
    assert_eq!(turns.get(), 1);
}

#[test]
fn a_callback_is_called_after_its_delay_and_at_its_time() {
    let called = Rc::new(RefCell::new(Vec::new()));
    let sim_loop = SimLoop::new(&run!());
    let handle = sim_loop.handle();
    let note = |name: &'static str| {
        let (called, handle) = (Rc::clone(&called), handle.clone());
        move || called.borrow_mut().push((name, handle.now().since_start()))
    };
    drop(handle.call_at(handle.now() + 20 * MILLIS, note("at")));
    drop(handle.call_later(10 * MILLIS, note("later")));
    drop(handle.call_later(Duration::ZERO, note("now")));
    sim_loop.drive_to_the_end();
    assert_eq!(
        *called.borrow(),
        [
            ("now", Duration::ZERO),
            ("later", 10 * MILLIS),
            ("at", 20 * MILLIS)
        ]
    );
    assert_eq!(sim_loop.event_loop().tasks(), 0);
}

/// Every way to ask for a callback.
fn ways(sim_loop: &SimLoop, callback: impl FnOnce() + Clone + 'static) -> [CallHandle; 3] {
    let handle = sim_loop.handle();
    [
        handle.call_soon(callback.clone()),
        handle.call_later(10 * MILLIS, callback.clone()),
        handle.call_at(handle.now() + 20 * MILLIS, callback),
    ]
}

#[test]
fn what_was_cancelled_in_time_is_dropped_at_once_and_never_called() {
    let tokens = DropCounter::new();
    let sim_loop = SimLoop::new(&run!());
    let called = Rc::new(Cell::new(false));
    let count = Rc::clone(&called);
    let token = Rc::new(tokens.token());
    let handles = ways(&sim_loop, move || {
        let _held = &token;
        count.set(true);
    });
    for handle in &handles {
        assert!(handle.cancel());
    }
    assert_eq!(tokens.alive(), 0);
    assert_eq!(
        (
            sim_loop.event_loop().tasks(),
            sim_loop.event_loop().timers()
        ),
        (0, 0)
    );
    sim_loop.drive_to_the_end();
    assert!(!called.get());
    assert_eq!(
        sim_loop.sim().now(),
        Duration::ZERO,
        "there is nothing to sleep for"
    );
}

#[test]
fn a_second_cancel_is_too_late() {
    let sim_loop = SimLoop::new(&run!());
    for handle in ways(&sim_loop, || ()) {
        assert!(handle.cancel());
        assert!(!handle.cancel());
    }
}

#[test]
fn after_the_call_it_is_too_late() {
    let sim_loop = SimLoop::new(&run!());
    let handles = ways(&sim_loop, || ());
    sim_loop.drive_to_the_end();
    for handle in handles {
        assert!(!handle.cancel());
    }
}

#[test]
fn during_the_call_it_is_too_late() {
    let sim_loop = SimLoop::new(&run!());
    let own: Rc<RefCell<Vec<CallHandle>>> = Rc::default();
    let cancelled = Rc::new(RefCell::new(Vec::new()));
    let (inside, answers) = (Rc::clone(&own), Rc::clone(&cancelled));
    let handles = ways(&sim_loop, move || {
        let handle = inside.borrow_mut().remove(0);
        answers.borrow_mut().push(handle.cancel());
    });
    own.borrow_mut().extend(handles);
    sim_loop.drive_to_the_end();
    assert_eq!(*cancelled.borrow(), [false, false, false]);
}

#[test]
fn between_its_timer_and_its_call_a_callback_can_be_cancelled() {
    let sim_loop = SimLoop::new(&run!());
    let handle = sim_loop.handle();
    let called = Rc::new(Cell::new(false));
    let slot: Rc<RefCell<Option<CallHandle>>> = Rc::default();
    let (count, other) = (Rc::clone(&called), Rc::clone(&slot));
    // Both are due at the same instant, and the first one takes the second back.
    drop(handle.call_later(10 * MILLIS, move || {
        assert!(other.borrow().as_ref().unwrap().cancel());
    }));
    *slot.borrow_mut() = Some(handle.call_later(10 * MILLIS, move || count.set(true)));
    sim_loop.drive_to_the_end();
    assert!(!called.get());
}

#[test]
fn dropping_the_handle_changes_nothing() {
    let sim_loop = SimLoop::new(&run!());
    let calls = Rc::new(Cell::new(0));
    let count = Rc::clone(&calls);
    drop(ways(&sim_loop, move || count.set(count.get() + 1)));
    sim_loop.drive_to_the_end();
    assert_eq!(calls.get(), 3);
}

#[test]
fn a_callback_that_panics_is_reported_and_the_others_are_called() {
    let event_loop = EventLoop::new();
    let reports: Rc<RefCell<Vec<String>>> = Rc::default();
    let list = Rc::clone(&reports);
    event_loop.on_unretrieved(move |unretrieved| list.borrow_mut().push(unretrieved.to_string()));
    let called = Rc::new(Cell::new(false));
    let count = Rc::clone(&called);
    drop(event_loop.handle().call_soon(|| panic!("in a callback")));
    drop(event_loop.handle().call_soon(move || count.set(true)));
    event_loop.run_once().unwrap();
    assert!(called.get());
    assert_eq!(reports.borrow().len(), 1);
    assert!(reports.borrow()[0].ends_with("in a callback"));
    assert_eq!(event_loop.tasks(), 0);
}

#[test]
fn on_a_closed_loop_a_callback_is_dropped_at_once() {
    let tokens = DropCounter::new();
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    drop(event_loop);
    let token = tokens.token();
    let call = handle.call_soon(move || drop(token));
    assert_eq!(tokens.alive(), 0);
    assert!(!call.cancel());
}
