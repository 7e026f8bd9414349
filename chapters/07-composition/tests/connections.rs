//! A connection that carries one request at a time.

use composition::Connection;
use probe::Recorder;
use probe_futures::poller;
use std::pin::pin;

#[test]
fn turns_are_handed_on_in_the_order_of_the_first_polls() {
    let connection = Connection::new();
    let task = poller(&Recorder::default(), "task");
    let mut first = pin!(connection.turn());
    let mut second = pin!(connection.turn());
    let mut third = pin!(connection.turn());
    let std::task::Poll::Ready(turn) = task.poll(first.as_mut()) else {
        panic!("the connection is free");
    };
    assert!(task.poll(third.as_mut()).is_pending());
    assert!(task.poll(second.as_mut()).is_pending());
    drop(turn);
    assert!(task.poll(second.as_mut()).is_pending());
    assert!(task.poll(third.as_mut()).is_ready());
    assert!(task.poll(second.as_mut()).is_ready());
    assert!(connection.is_free());
}

#[test]
fn a_request_that_is_dropped_in_the_queue_or_with_its_turn_passes_it_on() {
    for polled_again in [false, true] {
        let connection = Connection::new();
        let task = poller(&Recorder::default(), "task");
        let mut turn = Box::pin(connection.turn());
        let std::task::Poll::Ready(turn) = task.poll(turn.as_mut()) else {
            panic!("the connection is free");
        };
        let mut gone = Box::pin(connection.turn());
        let mut next = pin!(connection.turn());
        assert!(task.poll(gone.as_mut()).is_pending());
        assert!(task.poll(next.as_mut()).is_pending());
        if polled_again {
            drop(turn); // It is handed to `gone`, which is dropped before its poll.
            drop(gone);
        } else {
            drop(gone);
            drop(turn);
        }
        assert!(task.poll(next.as_mut()).is_ready());
        assert!(connection.is_free());
    }
}
