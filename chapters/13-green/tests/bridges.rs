//! From tasks to green threads and back: the six bridges of geventreactor.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use blocking::{Limits, Resolver};
use event_loop::{EventLoop, JumpingDriver};
use green::{Green, wait};
use synchronization::Semaphore;
use wakers::oneshot;

const SECOND: Duration = Duration::from_secs(1);

fn a_loop() -> EventLoop<JumpingDriver> {
    EventLoop::with_driver(JumpingDriver::new())
}

#[test]
fn defer_to_green_is_a_join_handle() {
    let event_loop = a_loop();
    let deferred = event_loop.handle().spawn(Green::new(|| 6 * 7).unwrap());
    assert_eq!(event_loop.block_on(deferred).unwrap(), 42);
}

#[test]
fn wait_for_deferred_blocks_until_another_task_sends() {
    let event_loop = a_loop();
    let handle = event_loop.handle();
    let (sender, receiver) = oneshot::channel();
    let inside = handle.clone();
    drop(handle.spawn(async move {
        inside.sleep(3 * SECOND).await;
        let _ = sender.send("fired");
    }));
    let thread = Green::new(move || wait(receiver));
    assert_eq!(event_loop.block_on(thread.unwrap()), Ok("fired"));
}

#[test]
fn wait_for_green_blocks_until_another_green_thread_has_ended() {
    let event_loop = a_loop();
    let handle = event_loop.handle();
    let inside = handle.clone();
    let first = handle.spawn(
        Green::new(move || {
            wait(inside.sleep(SECOND));
            "ended"
        })
        .unwrap(),
    );
    let second = Green::new(move || wait(first).unwrap());
    assert_eq!(event_loop.block_on(second.unwrap()), "ended");
}

#[test]
fn blocking_call_from_green_runs_on_the_loops_own_stack() {
    let event_loop = a_loop();
    let handle = event_loop.handle();
    let thread = Green::new(move || {
        let here = green::is_green();
        let there = wait(handle.spawn(async { green::is_green() })).unwrap();
        (here, there)
    });
    assert_eq!(event_loop.block_on(thread.unwrap()), (true, false));
}

#[test]
fn a_green_thread_looks_a_name_up_on_a_thread_of_the_system() {
    let limits = Limits {
        threads: 1,
        idle: SECOND,
    };
    let resolver = Resolver::with(limits, |_| {
        Ok::<_, io::Error>(vec!["10.0.0.1:80".parse().unwrap()])
    });
    let event_loop = EventLoop::new();
    let thread = Green::new(move || wait(resolver.resolve("example.org", 80)).unwrap());
    let found = event_loop.block_on(thread.unwrap());
    assert_eq!(found, ["10.0.0.1:80".parse().unwrap()]);
}

#[test]
fn a_pool_of_green_threads_is_a_semaphore() {
    let event_loop = a_loop();
    let handle = event_loop.handle();
    let places = Semaphore::new(2);
    let (at_once, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let threads: Vec<_> = (0..7)
        .map(|_| {
            let (places, handle) = (places.clone(), handle.clone());
            let (at_once, most) = (Rc::clone(&at_once), Rc::clone(&most));
            Green::new(move || {
                let _place = wait(places.acquire());
                at_once.set(at_once.get() + 1);
                most.set(most.get().max(at_once.get()));
                wait(handle.sleep(SECOND));
                at_once.set(at_once.get() - 1);
            })
            .unwrap()
        })
        .map(|thread| handle.spawn(thread))
        .collect();
    event_loop.block_on(async {
        for thread in threads {
            assert!(thread.await.is_ok());
        }
    });
    assert_eq!(most.get(), 2);
    assert_eq!(handle.now().since_start(), 4 * SECOND);
}
