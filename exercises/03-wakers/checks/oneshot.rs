//! 3.6 oneshot: a channel for one value.

use std::pin::Pin;
use std::task::Poll;

use super::subject::{Closed, Receiver, channel};
use probe::detect::{DropCounter, Token};
use probe::{Run, run, snapshot};
use probe_futures::laws::waiting::{self, Wait};
use probe_futures::{poller, spy};
use probe_model::sync::thread;
use probe_model::{Blame, alone, explore, no_moment_is_missed, once};

/// A receiver, and a value that is sent.
fn sent() -> Wait<Receiver<u32>> {
    let (sender, receiver) = channel();
    Wait::new(receiver, move || {
        assert_eq!(
            sender.send(7),
            Ok(()),
            "`send` gave the value back although the receiver was there"
        );
    })
}

/// A receiver, and a sender that goes away.
fn dropped() -> Wait<Receiver<u32>> {
    let (sender, receiver) = channel();
    Wait::new(receiver, move || drop(sender))
}

const BLOCKED: Blame<'static> = Blame {
    mistake: Some("blocked-in-poll"),
    sentence: "The poll did not come back: it waits, inside, for something to happen. A poll says what is so now, and returns; the waiting \
               is done by whoever polls, for all that it polls.",
};

#[test]
fn a_value_sent_before_the_first_poll_is_received_at_once() {
    let run = alone(
        || run!("sent_before"),
        |run| {
            let (sender, receiver) = channel();
            let call = run.recorder().enters("sender", "send(7)");
            match probe_model::expected(|| sender.send(7)) {
                Ok(Ok(())) => call.returns("Ok"),
                Ok(Err(_)) => {
                    call.returns("Err");
                    run.departs("`send` gave the value back although the receiver was there.");
                }
                Err(panic) => run.departs(format!("`send` panicked: {}.", panic.message)),
            }
            let mut receiver = spy(run, "receiver", receiver);
            match poller(run.recorder(), "A").poll(Pin::new(&mut receiver)) {
                Poll::Ready(Ok(7)) => {}
                Poll::Ready(Ok(_)) => run.departs("Another value came out than was put in."),
                Poll::Ready(Err(Closed)) => run.diagnose(
                    "closed-over-the-value",
                    "The value had been sent, and the receiver is told that the sender went away without one. `send` takes the sender, \
                     which is dropped when `send` returns: what its destructor says must not replace what is there.",
                ),
                Poll::Pending => run.departs("The value had been sent, and the receiver does not see it."),
            }
        },
    );
    snapshot!(run);
}

#[test]
fn before_anything_is_sent_the_receiver_is_pending() {
    once(
        || run!(),
        BLOCKED,
        BLOCKED,
        |run| waiting::pending_until_it_happens(run, sent()),
    );
}

#[test]
fn while_it_waits_it_does_not_wake_itself() {
    alone(
        || run!(),
        |run| waiting::wakes_only_for_a_reason(run, sent()),
    );
}

#[test]
fn a_value_sent_later_wakes_the_receiver() {
    let run = alone(
        || run!("sent_later"),
        |run| expect(run, waiting::wakes_when_it_happens(run, sent()), Ok(7)),
    );
    snapshot!(run);
}

#[test]
fn polling_again_before_anything_happened_changes_nothing() {
    alone(
        || run!(),
        |run| expect(run, waiting::a_poll_proves_nothing(run, sent()), Ok(7)),
    );
}

#[test]
fn a_receiver_that_has_moved_to_another_task_is_still_woken() {
    alone(
        || run!(),
        |run| expect(run, waiting::wakes_whoever_polled_last(run, sent()), Ok(7)),
    );
}

#[test]
fn a_sender_that_is_gone_before_the_first_poll_is_noticed() {
    alone(
        || run!(),
        |run| {
            let (sender, receiver) = channel::<u32>();
            drop(sender);
            run.recorder().says("sender", "is dropped");
            let mut receiver = spy(run, "receiver", receiver);
            match poller(run.recorder(), "A").poll(Pin::new(&mut receiver)) {
                Poll::Ready(Err(Closed)) => {}
                Poll::Ready(Ok(_)) => run.departs("A value came out, and nobody had sent one."),
                Poll::Pending => run.diagnose(
                    "sender-gone-unnoticed",
                    "The sender was dropped without sending. The receiver goes on waiting for a value that cannot come any more.",
                ),
            }
        },
    );
}

#[test]
fn a_sender_that_is_dropped_wakes_the_receiver_with_closed() {
    let run = alone(
        || run!("sender_dropped"),
        |run| {
            let Wait { future, event } = dropped();
            let mut receiver = spy(run, "receiver", future);
            let a = poller(run.recorder(), "A");
            if a.poll(Pin::new(&mut receiver)).is_ready() {
                run.departs("It was ready although nothing had happened yet.");
            }
            run.recorder().says("sender", "is dropped");
            event();
            if a.wakes() == 0 {
                run.diagnose(
                    "closed-without-a-wake",
                    "The sender was dropped while the receiver waited, and nobody was woken: the receiver will never ask again, and \
                     never hear of it.",
                );
            }
            match a.poll(Pin::new(&mut receiver)) {
                Poll::Ready(Err(Closed)) => {}
                other => run.departs(format!(
                    "The sender is gone: the receiver should be ready with Closed, and it is {other:?}."
                )),
            }
        },
    );
    snapshot!(run);
}

#[test]
fn a_value_for_a_receiver_that_is_gone_comes_back() {
    let run = alone(
        || run!("receiver_gone"),
        |run| {
            let (sender, receiver) = channel();
            if sender.is_closed() {
                run.departs("`is_closed` says that the receiver is gone, and it is there.");
            }
            drop(receiver);
            run.recorder().says("receiver", "is dropped");
            if !sender.is_closed() {
                run.departs("The receiver is gone, and `is_closed` does not say so.");
            }
            let call = run.recorder().enters("sender", "send(7)");
            match sender.send(7) {
                Err(7) => call.returns("Err(7)"),
                Err(_) => {
                    call.returns("Err");
                    run.departs("Another value came back than was sent.");
                }
                Ok(()) => {
                    call.returns("Ok");
                    run.diagnose(
                        "value-lost",
                        "The receiver was gone, and `send` said Ok: nobody will ever see the value, and its sender was not told.",
                    );
                }
            }
        },
    );
    snapshot!(run);
}

#[test]
fn a_receiver_that_is_dropped_while_it_waits_leaves_no_waker() {
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
fn whoever_is_woken_may_poll_at_once() {
    for wait in [sent, dropped] {
        once(
            || run!(),
            Blame {
                mistake: Some("wake-under-lock"),
                sentence: "The task that was woken polled at once, from inside `wake`, and everything stood still: `wake` is called \
                           while the lock is held that the poll needs.",
            },
            Blame::BUSY,
            move |run| waiting::wakes_without_its_lock(run, wait()),
        );
    }
}

#[test]
fn a_value_that_arrives_in_the_middle_of_a_poll_is_not_missed() {
    no_moment_is_missed(|| run!(), sent);
}

#[test]
fn a_sender_that_goes_away_in_the_middle_of_a_poll_is_not_missed() {
    no_moment_is_missed(|| run!(), dropped);
}

#[test]
fn a_value_that_nobody_receives_is_dropped_with_the_channel() {
    alone(
        || run!(),
        |run| {
            let values = DropCounter::new();
            let (sender, receiver) = channel();
            if sender.send(values.token()).is_err() {
                run.departs("`send` gave the value back although the receiver was there.");
            }
            run.recorder().says("sender", "sends a value");
            drop(receiver);
            run.recorder().says("receiver", "is dropped");
            if values.alive() > 0 {
                run.diagnose(
                    "value-kept",
                    "Both halves of the channel are gone, and the value that was sent is still in memory.",
                );
            }
        },
    );
}

#[test]
fn a_value_is_either_sent_or_given_back_whatever_the_moment() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let values = DropCounter::new();
            let (sender, receiver) = channel::<Token>();
            let other = thread::spawn(move || drop(receiver));
            let result = sender.send(values.token());
            run.recorder().says(
                "sender",
                match result {
                    Ok(()) => "the value was sent",
                    Err(_) => "the value came back",
                },
            );
            if result.is_err() && values.alive() == 0 {
                run.departs("What came back is not the value that was sent.");
            }
            drop(result);
            other.join().expect("dropping a receiver does not panic");
            if values.alive() > 0 {
                run.diagnose(
                    "value-kept",
                    "The receiver was dropped at the moment when the value was sent. Both halves are gone, and the value is still in \
                     memory.",
                );
            }
        },
    );
}

#[test]
fn polled_again_after_it_was_ready_it_panics() {
    alone(
        || run!(),
        |run| {
            let (sender, receiver) = channel();
            let _sent = sender.send(7);
            let mut receiver = Box::pin(receiver);
            let a = poller(run.recorder(), "A");
            let first = a.poll(receiver.as_mut());
            if first.is_pending() {
                run.departs("The value had been sent, and the receiver does not see it.");
            }
            run.recorder()
                .says("receiver", "is ready, and is polled again");
            match probe_model::expected(|| a.poll(receiver.as_mut())) {
                // A lock that was held during the panic is poisoned now, and its destructor would
                // say so.
                Err(_) => std::mem::forget(receiver),
                Ok(Poll::Pending) => run.diagnose(
                    "pending-after-ready",
                    "The value has been taken out, and the receiver waits for another one, which cannot come. Whoever polls it by \
                     mistake would wait for ever and never learn why: a panic says so at once.",
                ),
                Ok(Poll::Ready(again)) => run.departs(format!(
                    "The value has been taken out, and a second poll was ready with {again:?}: the contract asks for a panic."
                )),
            }
        },
    );
}

#[track_caller]
fn expect(run: &Run, received: Result<u32, Closed>, right: Result<u32, Closed>) {
    if received != right {
        run.departs(format!(
            "The receiver should get {right:?}, and it got {received:?}."
        ));
    }
}
