//! What one thread queues runs in the order in which it was queued, whichever entry it took.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use event_loop::{EventLoop, Handle, JoinHandle, yield_now};
use probe_futures::{Key, gate};

type Notes = Arc<Mutex<Vec<u32>>>;

/// Queues `number` as a callback of the loop's own thread.
fn soon(handle: &Handle, notes: &Notes, number: u32) {
    let notes = Arc::clone(notes);
    drop(handle.call_soon(move || notes.lock().unwrap().push(number)));
}

/// Queues `number` through the thread-safe handle.
fn threadsafe(handle: &Handle, notes: &Notes, number: u32) {
    let notes = Arc::clone(notes);
    let sent = (handle.door()).call_soon_threadsafe(move |_| notes.lock().unwrap().push(number));
    sent.unwrap();
}

/// A task that waits for its key, and then notes `number`.
fn waits(handle: &Handle, notes: &Notes, number: u32) -> (Key<()>, JoinHandle<()>) {
    let (key, gate) = gate();
    let notes = Arc::clone(notes);
    let task = handle.spawn(async move {
        gate.await;
        notes.lock().unwrap().push(number);
    });
    (key, task)
}

#[test]
fn a_callback_and_one_through_the_door_run_in_the_order_of_the_calls() {
    let notes = Notes::default();
    let event_loop = EventLoop::new();
    let (handle, log) = (event_loop.handle(), Arc::clone(&notes));
    event_loop.block_on(async move {
        soon(&handle, &log, 1);
        threadsafe(&handle, &log, 2);
        soon(&handle, &log, 3);
        threadsafe(&handle, &log, 4);
        yield_now().await;
    });
    assert_eq!(*notes.lock().unwrap(), [1, 2, 3, 4]);
}

#[test]
fn the_same_holds_before_the_loop_runs_and_across_two_runs() {
    let notes = Notes::default();
    let event_loop = EventLoop::new();
    let (handle, log) = (event_loop.handle(), Arc::clone(&notes));
    soon(&handle, &notes, 1);
    threadsafe(&handle, &notes, 2);
    drop(handle.clone().call_soon(move || {
        threadsafe(&handle, &log, 3);
        soon(&handle, &log, 4);
    }));
    event_loop.run_once().unwrap();
    threadsafe(&event_loop.handle(), &notes, 5);
    soon(&event_loop.handle(), &notes, 6);
    event_loop.run_once().unwrap();
    assert_eq!(*notes.lock().unwrap(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn wakes_and_callbacks_run_in_the_order_in_which_they_were_issued() {
    let notes = Notes::default();
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    let (first, _first) = waits(&handle, &notes, 1);
    let (third, _third) = waits(&handle, &notes, 3);
    event_loop.run_once().unwrap();
    let log = Arc::clone(&notes);
    event_loop.block_on(async move {
        first.open(());
        threadsafe(&handle, &log, 2);
        third.open(());
        threadsafe(&handle, &log, 4);
        yield_now().await;
    });
    assert_eq!(*notes.lock().unwrap(), [1, 2, 3, 4]);
}

#[test]
fn the_order_holds_while_a_task_of_the_loop_runs_another_loop() {
    let notes = Notes::default();
    let outer = EventLoop::new();
    let handle = outer.handle();
    let (keys, _tasks): (Vec<_>, Vec<_>) =
        (1..=4).map(|number| waits(&handle, &notes, number)).unzip();
    outer.run_once().unwrap();
    let keys = Rc::new(RefCell::new(keys.into_iter()));
    let open = move || keys.borrow_mut().next().unwrap().open(());
    let log = Arc::clone(&notes);
    outer.block_on(async move {
        open();
        let again = open.clone();
        EventLoop::new().block_on(async move { again() });
        open();
        EventLoop::new().block_on(async {
            threadsafe(&handle, &log, 5);
        });
        open();
        yield_now().await;
    });
    assert_eq!(*notes.lock().unwrap(), [1, 2, 3, 5, 4]);
}

#[test]
fn a_callback_through_the_door_of_a_loop_that_its_own_task_has_closed_is_refused_and_dropped() {
    let tokens = probe::detect::DropCounter::new();
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    let (before, after) = (tokens.token(), tokens.token());
    event_loop.block_on(async {
        handle
            .door()
            .call_soon_threadsafe(move |_| drop(before))
            .unwrap();
        event_loop.close();
        assert_eq!(tokens.alive(), 1, "the close drops what was sent");
        let sent = handle.door().call_soon_threadsafe(move |_| drop(after));
        assert!(sent.is_err());
        assert_eq!(tokens.alive(), 0);
    });
}
