//! A poll after the end, and what is dropped with the channel.

use std::pin::Pin;
use std::task::Poll;

use super::super::subject::channel;
use super::diagnoses::{Done, WaitsForItsSender, sent, use_one};
use probe::run;
use probe_futures::laws::waiting::Wait;
use probe_futures::{poller, spy};
use probe_model::sync::{Arc, thread};
use probe_model::{Blame, alone, explore, no_memory_is_left, once};

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
