//! Several futures in flight.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::Poll;

use futures::{Stream, StreamExt, stream};
use probe::detect::DropCounter;
use probe_futures::{Gate, Key, gate, pending_times};
use streams::{buffer_unordered, buffered, collect};

use crate::source::{poll, source, task};

/// The keys of the gates that were taken from a stream of gates.
type Keys = Rc<RefCell<Vec<Key<usize>>>>;

/// A stream of gates, and the keys of those that were taken from it.
fn gates(count: usize) -> (Keys, impl Stream<Item = Gate<usize>> + Unpin) {
    let keys = Rc::new(RefCell::new(Vec::new()));
    let taken = Rc::clone(&keys);
    let gates = stream::iter(0..count).map(move |_| {
        let (key, gate) = gate();
        taken.borrow_mut().push(key);
        gate
    });
    (keys, gates)
}

#[test]
fn outputs_come_in_the_order_of_the_source_and_never_more_than_the_limit_are_in_flight() {
    let (keys, gates) = gates(6);
    let mut outputs = buffered(gates, 3);
    let a = task("A");
    assert!(poll(&a, &mut outputs).is_pending());
    assert_eq!(keys.borrow().len(), 3);
    for place in [2, 1] {
        keys.borrow()[place].open(place);
        assert!(poll(&a, &mut outputs).is_pending());
        assert_eq!(keys.borrow().len(), 3);
    }
    keys.borrow()[0].open(0);
    for place in 0..3 {
        assert_eq!(poll(&a, &mut outputs), Poll::Ready(Some(place)));
        assert_eq!(keys.borrow().len(), 3 + place);
    }
    assert!(poll(&a, &mut outputs).is_pending());
    for place in 3..6 {
        keys.borrow()[place].open(place);
        assert_eq!(poll(&a, &mut outputs), Poll::Ready(Some(place)));
    }
    assert_eq!(poll(&a, &mut outputs), Poll::Ready(None));
}

#[test]
fn without_order_a_slow_future_keeps_one_place_and_the_others_go_on() {
    let (keys, gates) = gates(100);
    let mut outputs = buffer_unordered(gates, 2);
    let a = task("A");
    assert!(poll(&a, &mut outputs).is_pending());
    for place in 1..100 {
        keys.borrow()[place].open(place);
        assert_eq!(poll(&a, &mut outputs), Poll::Ready(Some(place)));
        assert!(poll(&a, &mut outputs).is_pending());
    }
    keys.borrow()[0].open(0);
    assert_eq!(poll(&a, &mut outputs), Poll::Ready(Some(0)));
    assert_eq!(poll(&a, &mut outputs), Poll::Ready(None));
}

#[test]
fn a_future_wakes_the_task_that_polled_the_buffer_last() {
    let (keys, gates) = gates(2);
    let mut outputs = buffered(gates, 2);
    let [a, b] = ["A", "B"].map(task);
    assert!(poll(&a, &mut outputs).is_pending());
    assert!(poll(&b, &mut outputs).is_pending());
    keys.borrow()[0].open(0);
    assert!(b.wakes() > 0);
    assert_eq!(poll(&b, &mut outputs), Poll::Ready(Some(0)));
}

#[test]
fn a_source_that_is_pending_wakes_the_task_and_is_not_polled_after_its_end() {
    let (feed, jobs) = source();
    let mut outputs = buffered(jobs, 2);
    let a = task("A");
    assert!(poll(&a, &mut outputs).is_pending());
    feed.push(pending_times(0, 1));
    assert!(a.wakes() > 0);
    assert_eq!(poll(&a, &mut outputs), Poll::Ready(Some(1)));
    feed.end();
    for _ in 0..2 {
        assert_eq!(poll(&a, &mut outputs), Poll::Ready(None));
    }
    assert!(feed.is_dropped());
}

#[test]
fn a_wake_polls_one_future_however_many_are_in_flight() {
    for unordered in [false, true] {
        let polls = Rc::new(Cell::new(0));
        let jobs = stream::iter(0..1_000).map(|_| {
            let (polls, mut job) = (Rc::clone(&polls), pending_times(2, ()));
            std::future::poll_fn(move |context| {
                polls.set(polls.get() + 1);
                std::pin::Pin::new(&mut job).poll(context)
            })
        });
        let count: Vec<()> = match unordered {
            true => wakers::block_on(collect(buffer_unordered(jobs, 100))),
            false => wakers::block_on(collect(buffered(jobs, 100))),
        };
        assert_eq!((count.len(), polls.get()), (1_000, 3_000));
    }
}

#[test]
fn no_limit_reserves_no_memory_and_a_limit_of_zero_panics() {
    let jobs = || stream::iter((0..3).map(std::future::ready));
    let all: Vec<_> = wakers::block_on(collect(buffered(jobs(), usize::MAX)));
    assert_eq!(all, [0, 1, 2]);
    let zero = catch_unwind(AssertUnwindSafe(|| buffered(jobs(), 0)));
    assert!(zero.is_err());
}

#[test]
fn futures_and_outputs_are_dropped_with_the_buffer() {
    let counter = DropCounter::new();
    let jobs = stream::iter(0..5).map(|place| {
        let token = counter.token();
        async move {
            if place == 0 {
                std::future::pending::<()>().await;
            }
            token
        }
    });
    let mut outputs = buffered(Box::pin(jobs), 3);
    assert!(poll(&task("A"), &mut outputs).is_pending());
    assert_eq!((counter.made(), counter.alive()), (3, 3));
    drop(outputs);
    assert_eq!(counter.alive(), 0);
}

#[test]
fn the_instrument_measures_requests_by_the_rules_that_the_page_gives() {
    use streams::in_flight::measure;
    for requests in [0, 1, 7, 8, 9, 20, 33, 100] {
        for limit in [1, 2, 3, 7, 8, 9, 12, 16, 17, 64, 1_000] {
            let measured = measure(requests, limit);
            let limit = limit as u64;
            let rounds = requests.div_ceil(limit.min(8));
            assert_eq!(measured.total.as_millis(), u128::from(rounds) * 100);
            let most = limit.min(requests);
            let longest = u128::from(most.div_ceil(8)) * 100;
            assert_eq!(
                (measured.longest.as_millis(), measured.most),
                (longest, most)
            );
        }
    }
}
