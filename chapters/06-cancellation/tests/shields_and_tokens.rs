//! What survives a cancellation, and what is asked instead of cancelled.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use crate::common::{World, ended};
use cancellation::{Source, Task, Token, shield};
use event_loop::yield_now;
use probe_futures::poller;
use state_machines::{Winner, race};

const SECOND: Duration = Duration::from_secs(1);

/// Work that takes a second.
async fn work(world: &'static str, log: crate::common::Log, handle: event_loop::Handle) -> u32 {
    log.write(format!("{world} begins"));
    handle.sleep(SECOND).await;
    log.write(format!("{world} ends"));
    7
}

#[test]
fn the_waiter_of_shielded_work_has_its_output() {
    let world = World::new();
    let shielded = shield(
        &world.spawn,
        work("work", world.log.clone(), world.handle.clone()),
    );
    assert_eq!(world.drive(shielded).unwrap(), 7);
}

#[test]
fn shielded_work_begins_by_itself() {
    let world = World::new();
    let shielded = shield(
        &world.spawn,
        work("work", world.log.clone(), world.handle.clone()),
    );
    world.turns(1);
    world.wrote(&["work begins"]);
    drop(shielded);
}

#[test]
fn shielded_work_goes_on_when_its_waiter_is_cancelled() {
    let world = World::new();
    let shielded = shield(
        &world.spawn,
        work("work", world.log.clone(), world.handle.clone()),
    );
    let log = world.log.clone();
    let waits = Task::spawn(&world.spawn, async move {
        let _guard = log.at_the_end("who waits is gone");
        let _ = shielded.await;
    });
    world.turns(2);
    assert!(waits.cancel());
    world.log.write("cancel has returned");
    let handle = world.handle.clone();
    world.drive(async move { handle.sleep(2 * SECOND).await });
    world.wrote(&[
        "work begins",
        "who waits is gone",
        "cancel has returned",
        "work ends",
    ]);
    drop(waits);
    world.is_empty();
}

#[test]
fn a_panic_of_work_without_a_waiter_is_reported_once() {
    let world = World::new();
    let shielded = shield(&world.spawn, async {
        yield_now().await;
        panic!("out of paper")
    });
    drop(shielded);
    world.turns(2);
    // The stub says that the panic is reported, and not in which words.
    let reports = world.reports.lines();
    assert!(
        matches!(&reports[..], [report] if report.contains("out of paper")),
        "{reports:?}"
    );
}

#[test]
fn a_shield_does_not_hold_against_the_end_of_the_loop() {
    let world = World::new();
    let shielded = shield(
        &world.spawn,
        work("work", world.log.clone(), world.handle.clone()),
    );
    world.turns(1);
    world.sim.event_loop().close();
    let other = World::new();
    assert_eq!(ended(&other.drive(shielded)), "the task was cancelled");
}

#[test]
fn a_token_wakes_each_waiting_task_and_answers_each_check() {
    let world = World::new();
    let source = Source::new();
    for name in ["first", "second"] {
        let (token, log) = (source.token(), world.log.clone());
        drop(world.handle.spawn(async move {
            token.cancelled().await;
            log.write(format!("{name} saves and ends"));
        }));
    }
    world.turns(1);
    assert!(!source.token().is_cancelled());
    assert!(source.cancel());
    assert!(!source.cancel());
    world.wrote(&[]); // It has asked, and run nothing.
    world.turns(1);
    assert!(source.token().is_cancelled());
    world.wrote(&["first saves and ends", "second saves and ends"]);
    world.drive(source.token().cancelled());
}

#[test]
fn a_child_is_cancelled_with_its_parent_and_not_the_other_way_round() {
    let parent = Source::new();
    let (first, second) = (parent.token().child(), parent.token().child());
    assert!(first.cancel());
    assert!(first.token().is_cancelled());
    assert!(!parent.token().is_cancelled() && !second.token().is_cancelled());
    assert!(parent.cancel());
    assert!(second.token().is_cancelled());
    assert!(!second.cancel());
    assert!(parent.token().child().token().is_cancelled(), "born late");
}

#[test]
fn a_grandchild_is_cancelled_although_the_child_is_gone() {
    let world = World::new();
    let root = Source::new();
    let leaf = {
        let middle = root.token().child();
        middle.token().child()
    };
    let (token, log) = (leaf.token(), world.log.clone());
    drop(world.handle.spawn(async move {
        token.cancelled().await;
        log.write("the leaf ends");
    }));
    drop(leaf);
    world.turns(1);
    root.cancel();
    world.turns(1);
    world.wrote(&["the leaf ends"]);
}

#[test]
fn a_wait_that_is_dropped_leaves_the_others_and_no_waker() {
    let run = probe::run!();
    let source = Source::new();
    let [a, b, c] = ["A", "B", "C"].map(|name| poller(run.recorder(), name));
    let mut first = Box::pin(source.token().cancelled());
    let mut second = Box::pin(source.token().cancelled());
    assert!(a.poll(first.as_mut()).is_pending());
    assert!(b.poll(second.as_mut()).is_pending());
    drop(first);
    assert_eq!(a.counts().alive, 0);
    let mut third = Box::pin(source.token().cancelled());
    assert!(c.poll(third.as_mut()).is_pending());
    assert!(a.poll(third.as_mut()).is_pending()); // It has moved to another task.
    source.cancel();
    assert_eq!((a.wakes(), b.wakes(), c.wakes()), (1, 1, 0));
    assert!(b.poll(second.as_mut()).is_ready() && a.poll(third.as_mut()).is_ready());
}

#[test]
fn a_task_whose_token_is_cancelled_may_go_on_awaiting() {
    let world = World::new();
    let source = Source::new();
    let (token, handle, log) = (source.token(), world.handle.clone(), world.log.clone());
    let task = Task::spawn(&world.spawn, async move {
        let bell = handle.sleep(60 * SECOND);
        if let Winner::First(()) = race(token.cancelled(), bell).await {
            handle.sleep(SECOND).await; // Says goodbye.
            log.write("said goodbye");
        }
    });
    world.turns(1);
    source.cancel();
    assert_eq!(ended(&world.drive(task)), "has its output");
    world.wrote(&["said goodbye"]);
    assert_eq!(world.sim.sim().now(), SECOND);
    world.is_empty();
}

#[test]
fn a_task_that_a_token_wakes_may_use_it_inside_wake() {
    // The hook of a waker has to be `Send`, and a token is not: the hook finds it here.
    thread_local! {
        static TOKEN: RefCell<Option<Token>> = const { RefCell::new(None) };
        static SEEN: Cell<bool> = const { Cell::new(false) };
    }
    let run = probe::run!();
    let source = Source::new();
    TOKEN.set(Some(source.token()));
    let a = poller(run.recorder(), "A");
    let mut waits = Box::pin(source.token().cancelled());
    assert!(a.poll(waits.as_mut()).is_pending());
    a.on_wake(|| {
        let token = TOKEN.take().unwrap();
        SEEN.set(token.is_cancelled() && token.child().token().is_cancelled());
    });
    source.cancel();
    assert!(SEEN.get());
}

#[test]
fn a_chain_of_a_million_tokens_is_cancelled_and_dropped_without_recursion() {
    const LINKS: usize = 1_000_000;
    let small = std::thread::Builder::new().stack_size(128 * 1024);
    let done = small.spawn(|| {
        for cancels in [true, false] {
            let root = Source::new();
            let mut last = root.token();
            for _ in 0..LINKS {
                last = last.child().token();
            }
            if cancels {
                assert!(root.cancel());
                assert!(last.is_cancelled());
            }
            drop(root);
            drop(last);
        }
    });
    done.unwrap().join().unwrap();
}

std::thread_local! {
    /// What a waker does when it is cloned.
    static WHEN_CLONED: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

#[test]
fn a_waker_may_use_the_token_while_it_is_cloned() {
    let run = probe::run!();
    let a = poller(run.recorder(), "A");
    let source = Source::new();
    let token = source.token();
    a.on_clone(|| WHEN_CLONED.take().expect("it is set below")());
    WHEN_CLONED.set(Some(Box::new(move || {
        source.cancel();
    })));
    let mut cancelled = std::pin::pin!(token.cancelled());
    assert!(a.poll(cancelled.as_mut()).is_ready());
}

#[test]
fn a_waker_that_panics_does_not_keep_the_other_waiters_and_children_from_being_woken() {
    struct Panics;

    impl std::task::Wake for Panics {
        fn wake(self: std::sync::Arc<Self>) {
            panic!("in a waker");
        }
    }

    let run = probe::run!();
    let a = poller(run.recorder(), "A");
    let source = Source::new();
    let child = source.token().child();
    let mut first = std::pin::pin!(source.token().cancelled());
    let waker = std::task::Waker::from(std::sync::Arc::new(Panics));
    let mut context = std::task::Context::from_waker(&waker);
    assert!(std::future::Future::poll(first.as_mut(), &mut context).is_pending());
    let mut second = std::pin::pin!(source.token().cancelled());
    let mut below = std::pin::pin!(child.token().cancelled());
    assert!(a.poll(second.as_mut()).is_pending());
    assert!(a.poll(below.as_mut()).is_pending());
    let cancelled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| source.cancel()));
    assert!(cancelled.is_err());
    assert!(child.token().is_cancelled());
    assert_eq!(a.wakes(), 2);
}
