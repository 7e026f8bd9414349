//! Pools of green threads, and trampolines: as the parts of the runtime that later code relies on.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, JumpingDriver};
use green::pool::{Lost, Pool};
use green::trampoline::Trampoline;
use green::wait;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_pool_of_three_serves_a_hundred_functions_three_at_a_time() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let pool = Pool::new(handle.clone(), 3);
    let (at_once, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let jobs: Vec<_> = (0..100)
        .map(|number| {
            let (handle, at_once, most) = (handle.clone(), at_once.clone(), most.clone());
            pool.spawn(move || {
                at_once.set(at_once.get() + 1);
                most.set(most.get().max(at_once.get()));
                wait(handle.sleep(SECOND));
                at_once.set(at_once.get() - 1);
                assert!(number % 10 != 0, "a tenth of them panics");
                number
            })
        })
        .collect();
    assert_eq!((pool.running(), pool.waiting()), (3, 97));
    event_loop.block_on(async {
        for (number, job) in jobs.into_iter().enumerate() {
            let expected = if number % 10 == 0 {
                Err(Lost::Panicked)
            } else {
                Ok(number)
            };
            assert_eq!(job.await, expected);
        }
    });
    assert_eq!(most.get(), 3);
    assert_eq!(pool.panicked(), 10);
    assert_eq!(handle.now().since_start(), 34 * SECOND);
}

#[test]
fn two_functions_of_a_pool_may_wait_for_each_other() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let pool = Pool::new(event_loop.handle(), 2);
    let inner = pool.clone();
    let outer = pool.spawn(move || wait(inner.spawn(|| 6)).map(|value| value * 7));
    assert_eq!(event_loop.block_on(outer), Ok(Ok(42)));
}

#[test]
fn a_message_goes_around_a_ring_of_a_hundred_tasks() {
    let mut tasks = Trampoline::new();
    let sum = Rc::new(Cell::new(0));
    for number in 0..100 {
        let sum = Rc::clone(&sum);
        tasks
            .spawn(move |port| {
                if number == 0 {
                    port.send(1, 1).expect("task 1 receives");
                }
                let message: u32 = port.receive();
                sum.set(message);
                if number > 0 {
                    port.send((number + 1) % 100, message + 1)
                        .expect("the next one receives");
                }
            })
            .unwrap();
    }
    while tasks.turn().is_some() {}
    assert_eq!(sum.get(), 100);
    assert!(tasks.waiting().is_empty());
}
