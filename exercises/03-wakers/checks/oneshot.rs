//! 3.6 oneshot: a channel for one value.

#[path = "oneshot/diagnoses.rs"]
mod diagnoses;
#[path = "oneshot/machine.rs"]
mod machine;

use std::pin::Pin;
use std::task::Poll;

use super::subject::{Closed, channel};
use diagnoses::{
    BLOCKED, Done, WaitsForItsSender, dropped, expect, finds_it_inside_the_wake, sent, use_one,
    where_the_value_is,
};
use machine::{KNOWN, Reference, Step, Yours};
use probe::detect::{DropCounter, Token};
use probe::runs::Search;
use probe::{Event, What, run, snapshot};
use probe_futures::laws::waiting::{self, Wait};
use probe_futures::{poller, spy};
use probe_model::sync::{Arc, thread};
use probe_model::{Blame, alone, compare, explore, no_memory_is_left, no_moment_is_missed, once};

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
                    run.departs("`send` returned the value although the receiver was there.");
                }
                Err(panic) => run.departs(format!("`send` panicked: {}.", panic.message)),
            }
            let mut receiver = spy(run, "receiver", receiver);
            match poller(run.recorder(), "A").poll(Pin::new(&mut receiver)) {
                Poll::Ready(Ok(7)) => {}
                Poll::Ready(Ok(_)) => run.departs("The receiver got another value than was sent."),
                Poll::Ready(Err(Closed)) => run.diagnose(
                    "closed-over-the-value",
                    format!(
                        "The value had been sent, and the receiver got `Closed`. `send` takes the sender by value, so the sender's \
                         destructor runs after every `send`. {}",
                        where_the_value_is()
                    ),
                ),
                Poll::Pending => run.departs("The value had been sent, and the receiver is pending."),
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
        |run| {
            let Wait { future, event } = sent();
            let mut receiver = spy(run, "receiver", future);
            if poller(run.recorder(), "A")
                .poll(Pin::new(&mut receiver))
                .is_ready()
            {
                run.diagnose(
                    "ready-too-early",
                    "No value was sent yet, and the receiver was ready.",
                );
            }
            // Destructors have a test of their own: here only a poll is judged.
            std::mem::forget((receiver, event));
        },
    );
}

#[test]
fn a_receiver_does_not_wake_its_own_task() {
    alone(
        || run!(),
        |run| waiting::wakes_only_for_a_reason(run, sent()),
    );
}

#[test]
fn a_value_sent_later_wakes_the_receiver() {
    let run = alone(
        || run!("sent_later"),
        |run| {
            expect(run, waiting::wakes_when_it_happens(run, sent()), Ok(7));
            let events = run.recorder().recording().events;
            let woken = |event: &&Event| event.track == "A" && event.what == What::Woken;
            if events.iter().filter(woken).count() > 1 {
                run.diagnose(
                    "waker-kept",
                    "One value was sent, and A was woken twice: `send` called the waker and left it in its slot, and the sender's destructor \
                     called it again.",
                );
            }
        },
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
fn the_task_that_polled_last_is_woken() {
    alone(
        || run!(),
        |run| expect(run, waiting::wakes_the_latest_poller(run, sent()), Ok(7)),
    );
}

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

#[test]
fn a_value_that_arrives_in_the_middle_of_a_poll_is_not_missed() {
    no_moment_is_missed(|| run!(), sent);
}

#[test]
fn a_sender_that_is_dropped_in_the_middle_of_a_poll_is_not_missed() {
    no_moment_is_missed(|| run!(), dropped);
}

#[test]
fn a_value_that_is_never_received_is_dropped_with_the_channel() {
    alone(
        || run!(),
        |run| {
            let values = DropCounter::new();
            let (sender, receiver) = channel();
            if sender.send(values.token()).is_err() {
                run.departs("`send` returned the value although the receiver was there.");
            }
            run.recorder().says("sender", "sends a value");
            drop(receiver);
            run.recorder().says("receiver", "is dropped");
            if values.alive() > 0 {
                run.diagnose(
                    "value-kept",
                    "Both halves of the channel were dropped, and the value that was sent is still in memory.",
                );
            }
        },
    );
}

#[test]
fn at_any_moment_a_value_is_either_sent_or_returned() {
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
                    Err(_) => "send returned the value",
                },
            );
            if result.is_err() && values.alive() == 0 {
                run.departs("`send` returned another value than it was given.");
            }
            drop(result);
            other.join().expect("dropping a receiver does not panic");
            if values.alive() > 0 {
                run.diagnose(
                    "value-kept",
                    "The receiver was dropped while the value was sent. Both halves were dropped, and the value is still in memory.",
                );
            }
        },
    );
}

#[test]
fn a_poll_after_ready_panics() {
    alone(
        || run!(),
        |run| {
            let (sender, receiver) = channel();
            let _sent = sender.send(7);
            let mut receiver = Box::pin(receiver);
            let a = poller(run.recorder(), "A");
            let first = a.poll(receiver.as_mut());
            if first.is_pending() {
                run.departs("The value had been sent, and the receiver is pending.");
            }
            run.recorder()
                .says("receiver", "is ready, and is polled again");
            match probe_model::expected(|| a.poll(receiver.as_mut())) {
                Err(_) => {
                    let dropped = probe_model::expected(|| drop(receiver));
                    if let Err(panic) = dropped {
                        run.diagnose(
                            "panicked-with-the-lock",
                            format!(
                                "The second poll panicked, as it should, but it held the lock. That poisons the lock, and dropping the receiver \
                                 panicked as well: {}. If the first panic unwinds and drops the receiver, the second panic ends the \
                                 process.",
                                panic.message
                            ),
                        );
                    }
                }
                Ok(Poll::Pending) => run.diagnose(
                    "pending-after-ready",
                    "The receiver was ready, and a second poll is pending: it waits for a value that cannot come. A task that polls it by \
                     mistake would wait forever; the contract asks for a panic.",
                ),
                Ok(Poll::Ready(again)) => run.diagnose(
                    "resumed-after-complete",
                    format!(
                        "The receiver was ready, and a second poll was ready with {again:?}. A receiver is ready once; for a later poll the \
                         contract asks for a panic.",
                    ),
                ),
            }
        },
    );
}

#[test]
fn a_dropped_channel_leaves_no_memory_behind() {
    no_memory_is_left(|| run!(), "channel", use_one);
}

/// A clone of a waker under the lock is allowed. It is caller-supplied code as well, but it only raises a count, and libraries that are
/// careful about drops do it.
#[test]
fn a_waker_is_dropped_with_no_lock_held() {
    // The channel drops A's waker because a newer one replaces it, or because the receiver is dropped.
    for replaced in [true, false] {
        once(
            || run!(),
            Blame {
                mistake: Some("dropped-under-lock"),
                sentence: "The channel dropped a waker that was the last owner of a task, and the task's destructor dropped the sender. The \
                           sender's destructor needs the lock that the channel holds around the drop, and never gets it.",
            },
            Blame::BUSY,
            move |run| {
                let (sender, receiver) = channel::<u32>();
                let mut receiver = spy(run, "receiver", receiver);
                let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
                let _pending = a.poll(Pin::new(&mut receiver));
                let recorder = run.recorder().clone();
                a.on_drop(move || {
                    let call =
                        recorder.enters("A", "its last waker is dropped, and it drops the sender");
                    drop(sender);
                    call.returns("done");
                });
                let pending = replaced && b.poll(Pin::new(&mut receiver)).is_pending();
                if pending && b.wakes() == 0 {
                    run.departs(
                        "The sender was dropped in the middle of B's poll. B's poll returned Pending, and B was not woken.",
                    );
                }
                run.recorder().says("receiver", "is dropped");
                drop(receiver);
            },
        );
    }
}

#[test]
fn a_value_is_dropped_with_no_lock_held() {
    explore(
        || run!(),
        Blame {
            mistake: Some("dropped-under-lock"),
            sentence: "The receiver was dropped, and with it the value that was sent. The value's destructor waits for the sender's thread, and \
                       that thread waits for the lock that the receiver holds around the drop: neither can go on.",
        },
        Blame::BUSY,
        |run| {
            let (sender, receiver) = channel();
            let done: Done = Arc::default();
            let (theirs, recorder) = (Arc::clone(&done), run.recorder().clone());
            let other = thread::spawn(move || {
                let value = WaitsForItsSender {
                    sender: thread::current().id(),
                    done: Arc::clone(&theirs),
                };
                let call = recorder.enters("sender", "send(value)");
                let result = sender.send(value);
                call.returns(if result.is_ok() { "Ok" } else { "Err" });
                drop(result);
                *theirs.0.lock().expect("no panic happens under this lock") = true;
                theirs.1.notify_all();
            });
            thread::yield_now();
            let call = run.recorder().enters("receiver", "is dropped");
            drop(receiver);
            call.returns("done");
            other.join().expect("sending does not panic");
        },
    );
}

#[test]
fn neither_a_poll_nor_dropping_the_receiver_wakes_a_task() {
    alone(
        || run!(),
        |run| {
            let Wait { future, event } = sent();
            let mut receiver = spy(run, "receiver", future);
            let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
            for task in [&a, &b, &a] {
                let _pending = task.poll(Pin::new(&mut receiver));
            }
            if a.wakes() + b.wakes() > 0 {
                run.diagnose(
                    "woken-for-nothing",
                    "A polled, B polled, A polled again, and a task was woken. No value was sent, and the sender is there.",
                );
            }
            run.recorder().says("receiver", "is dropped");
            drop(receiver);
            if a.wakes() + b.wakes() > 0 {
                run.diagnose(
                    "woken-for-nothing",
                    "The receiver was dropped, and the task that had polled it was woken. It has nothing left to poll.",
                );
            }
            // Sending has tests of its own.
            std::mem::forget(event);
        },
    );
}

#[test]
fn a_value_that_is_sent_in_the_middle_of_a_poll_is_received() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let Wait { future, event } = sent();
            let mut receiver = spy(run, "receiver", future);
            let a = poller(run.recorder(), "A");
            let recorder = run.recorder().clone();
            let other = thread::spawn(move || {
                let call = recorder.enters("sender", "send(7)");
                event();
                call.returns("Ok, and the sender is dropped");
            });
            let mut polled = a.poll(Pin::new(&mut receiver));
            other.join().expect("sending does not panic");
            if polled.is_pending() {
                polled = a.poll(Pin::new(&mut receiver));
            }
            match polled {
                Poll::Ready(Err(Closed)) => run.diagnose(
                    "closed-over-the-value",
                    "The value was sent during the poll, and the receiver got `Closed`. The sender was dropped after it had sent.",
                ),
                Poll::Ready(received) => expect(run, received, Ok(7)),
                Poll::Pending => run.departs("The value had been sent, and the receiver is pending."),
            }
        },
    );
}

#[test]
fn every_short_run_is_as_expected() {
    use Step::{DropReceiver, DropSender, IsClosed, Send};
    let alphabet = [
        Step::Poll(0),
        Step::Poll(1),
        Send,
        DropSender,
        DropReceiver,
        IsClosed,
    ];
    let search = Search::of(&alphabet)
        .up_to(4)
        .and_random(50, 8, 6)
        .leaving_no_memory()
        .naming(&KNOWN);
    compare(search, || run!(), Yours::new, Reference::new);
}
