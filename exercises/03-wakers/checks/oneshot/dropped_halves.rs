//! A sender or a receiver that is dropped, and the lock during the wake.

use std::pin::Pin;
use std::task::Poll;

use super::super::subject::{Closed, channel};
use super::diagnoses::{dropped, finds_it_inside_the_wake, sent};
use probe::{run, snapshot};
use probe_futures::laws::waiting::{self, Wait};
use probe_futures::{poller, spy};
use probe_model::{Blame, alone, once};

#[test]
fn a_sender_that_was_dropped_before_the_first_poll_is_noticed() {
    alone(
        || run!(),
        |run| {
            let (sender, receiver) = channel::<u32>();
            drop(sender);
            run.recorder().says("sender", "is dropped");
            let mut receiver = spy(run, "receiver", receiver);
            match poller(run.recorder(), "A").poll(Pin::new(&mut receiver)) {
                Poll::Ready(Err(Closed)) => {}
                Poll::Ready(Ok(_)) => run.departs("The receiver got a value, and none was sent."),
                Poll::Pending => run.diagnose(
                    "sender-gone-unnoticed",
                    "The sender was dropped without sending, and the receiver is pending: it waits for a value that cannot come.",
                ),
            }
        },
    );
}

#[test]
fn dropping_the_sender_wakes_the_receiver_with_closed() {
    let run = alone(
        || run!("sender_dropped"),
        |run| {
            let Wait { future, event } = dropped();
            let mut receiver = spy(run, "receiver", future);
            let a = poller(run.recorder(), "A");
            if a.poll(Pin::new(&mut receiver)).is_ready() {
                run.departs(
                    "The sender was there, no value was sent yet, and the receiver was ready.",
                );
            }
            run.recorder().says("sender", "is dropped");
            event();
            if a.wakes() == 0 {
                run.diagnose(
                    "closed-without-a-wake",
                    "The sender was dropped while the receiver waited, and A was not woken: the receiver is never polled again.",
                );
            }
            match a.poll(Pin::new(&mut receiver)) {
                Poll::Ready(Err(Closed)) => {}
                other => run.departs(format!(
                    "The sender was dropped. Expected: Ready(Err(Closed)). The receiver returned {other:?}."
                )),
            }
        },
    );
    snapshot!(run);
}

#[test]
fn send_returns_the_value_if_the_receiver_was_dropped() {
    let run = alone(
        || run!("receiver_gone"),
        |run| {
            let (sender, receiver) = channel();
            let is_closed = || {
                let call = run.recorder().enters("sender", "is_closed()");
                let closed = sender.is_closed();
                call.returns(closed.to_string());
                closed
            };
            if is_closed() {
                run.departs("The receiver is there, and `is_closed` returned true.");
            }
            drop(receiver);
            run.recorder().says("receiver", "is dropped");
            if !is_closed() {
                run.diagnose(
                    "receiver-gone-unnoticed",
                    "The receiver was dropped, and `is_closed` returned false: the receiver's destructor has not changed the shared state.",
                );
            }
            let call = run.recorder().enters("sender", "send(7)");
            match sender.send(7) {
                Err(7) => call.returns("Err(7)"),
                Err(_) => {
                    call.returns("Err");
                    run.departs("`send` returned another value than it was given.");
                }
                Ok(()) => {
                    call.returns("Ok");
                    run.diagnose(
                        "value-lost",
                        "The receiver was dropped, and `send` returned Ok: the value is lost, and the caller does not know.",
                    );
                }
            }
        },
    );
    snapshot!(run);
}

#[test]
fn a_dropped_receiver_keeps_no_waker() {
    alone(
        || run!(),
        |run| {
            let (sender, receiver) = channel::<u32>();
            waiting::keeps_no_waker_when_dropped(
                run,
                Wait::new(receiver, move || {
                    let _given_back = sender.send(7);
                }),
            );
        },
    );
}

#[test]
fn a_woken_task_can_poll_at_once() {
    for wait in [sent, dropped] {
        once(
            || run!(),
            Blame {
                mistake: Some("wake-under-lock"),
                sentence: "The woken task polled at once, inside `wake`, and the poll has not returned: the sender calls `wake` while it \
                           holds the lock that the poll needs.",
            },
            Blame::BUSY,
            move |run| waiting::wakes_without_its_lock(run, wait()),
        );
    }
}

#[test]
fn a_task_that_polls_inside_its_wake_finds_what_it_was_woken_for() {
    for (what, wait) in [("value", sent as fn() -> _), ("end of the sender", dropped)] {
        alone(
            || run!(),
            move |run| finds_it_inside_the_wake(run, what, wait()),
        );
    }
}

#[test]
fn a_sender_that_a_panic_drops_is_noticed() {
    alone(
        || run!(),
        |run| {
            let (sender, receiver) = channel::<u32>();
            let mut receiver = spy(run, "receiver", receiver);
            let a = poller(run.recorder(), "A");
            let _pending = a.poll(Pin::new(&mut receiver));
            let _panicked = probe_model::expected(move || {
                let _sender = sender;
                panic!("in the middle of the work");
            });
            run.recorder()
                .says("sender", "its owner panics, which drops the sender");
            if a.wakes() == 0 {
                run.recorder().lacks("A", "is not woken");
                run.diagnose(
                    "closed-without-a-wake",
                    "The owner of the sender panicked, and the panic dropped the sender while the receiver waited. A was not woken: the \
                     receiver is never polled again.",
                );
            }
        },
    );
}
