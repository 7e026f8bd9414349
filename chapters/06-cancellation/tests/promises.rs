//! Promises: which callbacks and waiters learn of the outcome, when and in which order; and what is never retrieved.

use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use crate::common::{Log, OnDrop, World};
use cancellation::{Failure, Outcome, Promise};
use probe_futures::poller;

fn promise(world: &World) -> Promise<u32> {
    Promise::new(Rc::clone(&world.spawn))
}

fn says(outcome: &Outcome<u32>) -> String {
    match outcome {
        Ok(value) => value.to_string(),
        Err(failure) => failure.to_string(),
    }
}

/// A callback that writes its name and the outcome.
fn writes(log: &Log, name: &'static str) -> impl FnOnce(Outcome<u32>) + 'static {
    let log = log.clone();
    move |outcome| log.write(format!("{name}: {}", says(&outcome)))
}

#[test]
fn callbacks_are_called_in_the_order_in_which_they_were_added() {
    let world = World::new();
    let promise = promise(&world);
    for name in ["first", "second", "third"] {
        promise.on_done(writes(&world.log, name));
    }
    promise.resolve(7).unwrap();
    world.settle();
    world.wrote(&["first: 7", "second: 7", "third: 7"]);
}

#[test]
fn the_loop_calls_a_callback_and_resolve_does_not() {
    let world = World::new();
    let promise = promise(&world);
    promise.on_done(writes(&world.log, "callback"));
    promise.resolve(7).unwrap();
    world.log.write("resolved");
    world.settle();
    world.wrote(&["resolved", "callback: 7"]);
}

#[test]
fn a_callback_that_is_added_to_a_promise_that_is_done_is_called_soon_and_not_now() {
    let world = World::new();
    let promise = promise(&world);
    promise.resolve(7).unwrap();
    promise.on_done(writes(&world.log, "callback"));
    world.log.write("added");
    world.settle();
    world.wrote(&["added", "callback: 7"]);
}

#[test]
fn a_callback_may_add_another() {
    let world = World::new();
    let promise = promise(&world);
    let (again, log) = (promise.clone(), world.log.clone());
    promise.on_done(move |_| {
        log.write("first");
        again.on_done(writes(&log, "added by the first"));
    });
    promise.on_done(writes(&world.log, "second"));
    promise.resolve(7).unwrap();
    world.settle();
    world.wrote(&["first", "second: 7", "added by the first: 7"]);
}

#[test]
fn a_callback_that_panics_does_not_keep_the_others_from_being_called() {
    let world = World::new();
    let promise = promise(&world);
    promise.on_done(|_| panic!("the first one fails"));
    promise.on_done(writes(&world.log, "second"));
    promise.resolve(7).unwrap();
    world.settle();
    world.wrote(&["second: 7"]);
    assert_eq!(world.reports.lines().len(), 1);
}

#[test]
fn a_removed_callback_is_not_called() {
    let world = World::new();
    let promise = promise(&world);
    let first = promise.on_done(writes(&world.log, "first"));
    let second = promise.on_done(writes(&world.log, "second"));
    assert!(promise.remove_callback(first));
    assert!(!promise.remove_callback(first));
    promise.resolve(7).unwrap();
    assert!(!promise.remove_callback(second), "it is on its way");
    world.settle();
    world.wrote(&["second: 7"]);
}

#[test]
fn a_callback_that_is_dropped_may_use_the_promise() {
    let world = World::new();
    let promise = promise(&world);
    let (inside, log) = (promise.clone(), world.log.clone());
    let guard = OnDrop(move || {
        log.write(inside.state());
        inside.on_done(writes(&log, "added by a destructor"));
    });
    let key = promise.on_done(move |_| drop(guard));
    assert!(promise.remove_callback(key));
    promise.resolve(7).unwrap();
    world.settle();
    world.wrote(&["pending", "added by a destructor: 7"]);
}

#[test]
fn an_outcome_that_is_refused_may_use_the_promise_when_it_is_dropped() {
    struct Nosy(Promise<Rc<Nosy>>, Log);
    impl Drop for Nosy {
        fn drop(&mut self) {
            self.1.write(self.0.state());
        }
    }
    let world = World::new();
    let promise: Promise<Rc<Nosy>> = Promise::new(Rc::clone(&world.spawn));
    assert!(promise.cancel());
    let nosy = Nosy(promise.clone(), world.log.clone());
    assert!(promise.resolve(Rc::new(nosy)).is_err());
    world.wrote(&["cancelled"]);
}

#[test]
fn several_may_wait_for_one_promise() {
    let world = World::new();
    let promise = promise(&world);
    for name in ["first", "second"] {
        let (wait, log) = (promise.wait(), world.log.clone());
        drop(world.handle.spawn(async move {
            let outcome = wait.await;
            log.write(format!("{name}: {}", says(&outcome)));
        }));
    }
    world.settle();
    promise.resolve(7).unwrap();
    world.settle();
    world.wrote(&["first: 7", "second: 7"]);
    assert_eq!(says(&world.drive(promise.wait())), "7");
}

#[test]
fn a_wait_that_is_dropped_leaves_no_waker_and_keeps_the_others_slots() {
    let world = World::new();
    let run = probe::run!();
    let promise = promise(&world);
    let [a, b, c] = ["A", "B", "C"].map(|name| poller(run.recorder(), name));
    let mut first = Box::pin(promise.wait());
    let mut second = Box::pin(promise.wait());
    assert!(a.poll(first.as_mut()).is_pending());
    assert!(b.poll(second.as_mut()).is_pending());
    drop(first);
    assert_eq!(a.counts().alive, 0);
    let mut third = Box::pin(promise.wait());
    assert!(c.poll(third.as_mut()).is_pending());
    assert!(b.poll(second.as_mut()).is_pending());
    promise.resolve(7).unwrap();
    assert_eq!((a.wakes(), b.wakes(), c.wakes()), (0, 1, 1));
    // Dropped after the end, and before they were polled again: the slot belongs to another waiter now.
    drop((second, third));
    assert_eq!(says(&world.drive(promise.wait())), "7");
}

#[test]
fn the_task_that_polled_a_wait_last_is_woken() {
    let world = World::new();
    let run = probe::run!();
    let promise = promise(&world);
    let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
    let mut wait = pin!(promise.wait());
    assert!(a.poll(wait.as_mut()).is_pending());
    assert!(b.poll(wait.as_mut()).is_pending());
    promise.resolve(7).unwrap();
    assert_eq!((a.wakes(), b.wakes()), (0, 1));
    assert!(b.poll(wait.as_mut()).is_ready());
}

#[test]
fn a_cancelled_promise_wakes_every_waiter_and_refuses_its_value() {
    let world = World::new();
    let promise = promise(&world);
    promise.on_done(writes(&world.log, "callback"));
    assert!(promise.cancel());
    assert!(!promise.cancel());
    world.settle();
    world.wrote(&["callback: cancelled"]);
    let refused = promise.resolve(7).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "“finish” is not allowed: the state is cancelled"
    );
    assert!(matches!(promise.outcome(), Ok(Err(Failure::Cancelled))));
    assert_eq!(promise.start(), Ok(false));
}

#[test]
fn a_running_promise_is_not_cancelled() {
    let world = World::new();
    let promise = promise(&world);
    assert_eq!(promise.start(), Ok(true));
    assert!(!promise.cancel());
    assert!(promise.start().is_err());
    promise.resolve(7).unwrap();
    assert_eq!(says(&promise.outcome().unwrap()), "7");
}

#[test]
fn an_error_that_is_never_retrieved_is_reported_once_when_the_last_clone_is_dropped() {
    let world = World::new();
    let promise = promise(&world);
    let clone = promise.clone();
    promise.reject("out of paper").unwrap();
    drop(promise);
    assert_eq!(world.reports.lines().len(), 0);
    drop(clone);
    assert_eq!(
        world.reports.lines(),
        ["a promise ended with an error that was never retrieved: out of paper"]
    );
}

#[test]
fn every_way_to_the_outcome_counts_as_a_retrieval() {
    type Ask = fn(&World, &Promise<u32>);
    let ways: [Ask; 3] = [
        |_, promise| drop(promise.outcome()),
        |_, promise| _ = promise.on_done(drop),
        |world, promise| drop(world.drive(promise.wait())),
    ];
    for ask in ways {
        let world = World::new();
        let promise = promise(&world);
        promise.reject("out of paper").unwrap();
        ask(&world, &promise);
        world.settle();
        drop(promise);
        assert_eq!(world.reports.lines().len(), 0);
    }
}

#[test]
fn asking_before_the_outcome_is_no_retrieval() {
    let world = World::new();
    let promise = promise(&world);
    assert!(promise.outcome().is_err());
    let key = promise.on_done(drop);
    promise.remove_callback(key);
    let run = probe::run!();
    let mut wait = Box::pin(promise.wait());
    assert!(poller(run.recorder(), "A").poll(wait.as_mut()).is_pending());
    drop(wait);
    promise.reject("out of paper").unwrap();
    drop(promise);
    assert_eq!(world.reports.lines().len(), 1);
}

#[test]
fn values_cancellations_and_refused_errors_are_not_reported() {
    let world = World::new();
    let (value, cancelled, refused) = (promise(&world), promise(&world), promise(&world));
    value.resolve(7).unwrap();
    cancelled.cancel();
    refused.resolve(7).unwrap();
    assert!(refused.reject("too late").is_err());
    drop((value, cancelled, refused, promise(&world)));
    assert_eq!(world.reports.lines().len(), 0);
}

#[test]
fn in_a_chain_a_value_goes_from_callback_to_callback() {
    let world = World::new();
    let first = promise(&world);
    let last = first
        .and_then(|value| Ok(value + 1))
        .and_then(|value| Ok(value * 2));
    first.resolve(20).unwrap();
    assert_eq!(says(&world.drive(last.wait())), "42");
}

#[test]
fn in_a_chain_an_error_passes_by_the_callbacks_up_to_the_first_errback() {
    let world = World::new();
    let first = promise(&world);
    let (log, errback) = (world.log.clone(), world.log.clone());
    let last = first
        .and_then(move |value| {
            log.write("not called");
            Ok(value)
        })
        .or_else(move |failure| {
            errback.write(format!("errback: {failure}"));
            Ok(0)
        })
        .and_then(|value| Ok(value + 1));
    first.reject("out of paper").unwrap();
    assert_eq!(says(&world.drive(last.wait())), "1");
    world.wrote(&["errback: out of paper"]);
    drop((first, last));
    assert_eq!(world.reports.lines().len(), 0);
}

#[test]
fn an_error_at_the_end_of_a_chain_is_reported_once() {
    let world = World::new();
    let first = promise(&world);
    let last = first.and_then(Ok).and_then(Ok);
    first.reject("out of paper").unwrap();
    world.turns(3);
    drop((first, last));
    assert_eq!(world.reports.lines().len(), 1);
}

#[test]
fn a_callback_of_a_chain_that_panics_is_an_error_for_the_rest_of_it() {
    let world = World::new();
    let first = promise(&world);
    let last = first.and_then::<u32>(|_| panic!("the callback fails"));
    first.resolve(7).unwrap();
    assert_eq!(says(&world.drive(last.wait())), "a callback panicked");
}

#[test]
fn if_the_first_promise_is_gone_the_rest_of_the_chain_is_cancelled() {
    let world = World::new();
    let first = promise(&world);
    let last = first.and_then(Ok);
    drop(first);
    assert_eq!(says(&world.drive(last.wait())), "cancelled");
}

#[test]
fn cancelling_the_end_of_a_chain_leaves_its_beginning_alone() {
    let world = World::new();
    let first = promise(&world);
    let last = first.and_then(Ok);
    assert!(last.cancel());
    first.resolve(7).unwrap();
    world.settle();
    assert_eq!(says(&first.outcome().unwrap()), "7");
    assert_eq!(says(&last.outcome().unwrap()), "cancelled");
    assert_eq!(first.state(), "done");
    assert_eq!(last.state(), "cancelled");
}

#[test]
fn a_promise_may_be_used_after_its_loop_is_gone() {
    let world = World::new();
    let promise = promise(&world);
    promise.on_done(writes(&world.log, "callback"));
    world.sim.event_loop().close();
    promise.resolve(7).unwrap();
    world.wrote(&[]);
    assert_eq!(says(&promise.outcome().unwrap()), "7");
}

#[test]
fn a_wait_may_be_polled_again_after_it_was_ready() {
    let world = World::new();
    let run = probe::run!();
    let promise = promise(&world);
    promise.resolve(7).unwrap();
    let mut wait = promise.wait();
    let mut wait = Pin::new(&mut wait);
    let a = poller(run.recorder(), "A");
    for _ in 0..2 {
        assert!(matches!(a.poll(wait.as_mut()), Poll::Ready(Ok(7))));
    }
}

#[test]
fn a_link_that_is_dropped_during_an_unrelated_panic_is_cancelled_and_blames_no_callback() {
    let world = World::new();
    let first = promise(&world);
    let second = first.then(|outcome| outcome);
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _dropped_by_the_panic = first;
        panic!("nothing to do with a callback");
    }));
    assert!(unwound.is_err());
    assert_eq!(says(&second.outcome().unwrap()), "cancelled");
}

#[test]
fn a_callback_that_panics_rejects_the_promise_behind_it() {
    let world = World::new();
    let first = promise(&world);
    let second: Promise<u32> = first.then(|_| panic!("in a callback"));
    first.resolve(7).unwrap();
    world.settle();
    assert_eq!(says(&second.outcome().unwrap()), "a callback panicked");
    assert_eq!(world.reports.lines().len(), 1, "the loop reports the panic");
}
