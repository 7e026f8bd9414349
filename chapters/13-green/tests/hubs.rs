//! Green threads on a loop: waiting, dropping, and what else runs meanwhile.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, JumpingDriver, yield_now};
use futures::FutureExt;
use green::{Green, is_green, wait};
use probe::run;
use probe_futures::poller;
use wakers::oneshot;

const SECOND: Duration = Duration::from_secs(1);

fn a_loop() -> EventLoop<JumpingDriver> {
    EventLoop::with_driver(JumpingDriver::new())
}

#[test]
fn three_green_threads_wait_at_the_same_time() {
    let event_loop = a_loop();
    let handle = event_loop.handle();
    let begun = handle.now();
    let threads = [3, 1, 2].map(|seconds| {
        let inside = handle.clone();
        let thread = Green::new(move || {
            wait(inside.sleep(seconds * SECOND));
            (seconds, inside.now() - begun)
        });
        handle.spawn(thread.unwrap())
    });
    let ended = event_loop.block_on(async {
        let mut ended = Vec::new();
        for thread in threads {
            ended.push(thread.await.unwrap());
        }
        ended
    });
    assert_eq!(ended, [3, 1, 2].map(|seconds| (seconds, seconds * SECOND)));
    assert_eq!(handle.now() - begun, 3 * SECOND);
}

#[test]
fn a_function_deep_in_the_stack_may_wait() {
    fn deep(depth: u32, receiver: oneshot::Receiver<u32>) -> u32 {
        match depth {
            0 => wait(receiver).expect("it is sent"),
            _ => deep(depth - 1, receiver) + 1,
        }
    }
    let (sender, receiver) = oneshot::channel();
    let mut thread = Box::pin(Green::new(|| deep(50, receiver)).unwrap());
    assert!(thread.as_mut().now_or_never().is_none());
    sender.send(7).unwrap();
    assert_eq!(thread.now_or_never(), Some(57));
}

#[test]
fn the_waker_of_the_latest_poll_is_woken() {
    let (sender, receiver) = oneshot::channel();
    let mut thread = pin!(Green::new(|| wait(receiver)).unwrap());
    let run = run!();
    let [first, second] = ["first", "second"].map(|name| poller(run.recorder(), name));
    for poller in [&first, &second] {
        assert!(poller.poll(thread.as_mut()).is_pending());
    }
    sender.send(1).unwrap();
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

#[test]
fn a_poll_for_nothing_changes_nothing() {
    let polls = Rc::new(Cell::new(0));
    let counts = Rc::clone(&polls);
    let (sender, receiver) = oneshot::channel();
    let mut thread = Box::pin(
        Green::new(move || {
            counts.set(counts.get() + 1);
            wait(receiver)
        })
        .unwrap(),
    );
    for _ in 0..10 {
        assert!(thread.as_mut().now_or_never().is_none());
    }
    sender.send("once").unwrap();
    assert_eq!(thread.now_or_never(), Some(Ok("once")));
    assert_eq!(polls.get(), 1);
}

#[test]
fn a_dropped_green_thread_unwinds_and_drops_what_it_waits_for() {
    struct Noted(&'static str, Rc<RefCell<Vec<&'static str>>>);
    impl Drop for Noted {
        fn drop(&mut self) {
            self.1.borrow_mut().push(self.0);
        }
    }
    let dropped = Rc::<RefCell<Vec<_>>>::default();
    let list = Rc::clone(&dropped);
    let mut thread = Box::pin(
        Green::new(move || {
            let _local = Noted("the local", Rc::clone(&list));
            let held = Noted("the future", Rc::clone(&list));
            wait(async move {
                let _held = held;
                std::future::pending::<()>().await;
            });
            list.borrow_mut().push("not reached");
        })
        .unwrap(),
    );
    assert!(thread.as_mut().now_or_never().is_none());
    drop(thread);
    assert_eq!(*dropped.borrow(), ["the future", "the local"]);
}

#[test]
fn a_panic_reaches_the_task_that_awaits_the_green_thread() {
    let event_loop = a_loop();
    let handle = event_loop.handle();
    let thread = Green::new(|| {
        wait(yield_now());
        panic!("in the green thread");
    });
    let panicked = handle.spawn(async { thread.unwrap().await });
    let other = handle.spawn(Green::new(|| wait(async { 5 })).unwrap());
    event_loop.block_on(async {
        assert!(panicked.await.is_err());
        assert_eq!(other.await.unwrap(), 5, "the others are not concerned");
    });
}

#[test]
fn a_green_thread_may_await_another_one() {
    let inner = || wait(async { is_green() });
    let thread = Green::new(move || {
        let inner = wait(Green::new(inner).unwrap());
        (inner, is_green(), wait(async { 3 }))
    });
    assert_eq!(thread.unwrap().now_or_never(), Some((true, true, 3)));
    assert!(!is_green());
}

#[test]
fn outside_of_a_green_thread_a_wait_panics() {
    let panic = catch_unwind(AssertUnwindSafe(|| wait(async {})));
    assert!(panic.is_err());
}

#[test]
fn a_thousand_green_threads_pass_a_value_along() {
    let event_loop = a_loop();
    let handle = event_loop.handle();
    let (first, mut receiver) = oneshot::channel::<u32>();
    for _ in 0..1_000 {
        let (sender, next) = oneshot::channel();
        let before = std::mem::replace(&mut receiver, next);
        let thread = Green::new(move || {
            let value = wait(before).expect("it is sent");
            sender.send(value + 1).expect("the next one waits");
        });
        drop(handle.spawn(thread.unwrap()));
    }
    first.send(0).unwrap();
    assert_eq!(event_loop.block_on(receiver), Ok(1_000));
}
