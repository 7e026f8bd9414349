//! What the hand-written tests do more than once, and what they say of it.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::Context;

use super::super::subject::{Closed, Receiver, channel};
use probe::detect::DropCounter;
use probe::{Recorder, Run};
use probe_futures::laws::waiting::Wait;
use probe_futures::{Poller, poller};
use probe_model::Blame;
use probe_model::sync::thread::{self, ThreadId};
use probe_model::sync::{Arc, Condvar, Mutex};

/// A receiver, and a value that is sent.
pub(super) fn sent() -> Wait<Receiver<u32>> {
    let (sender, receiver) = channel();
    Wait::new(receiver, move || {
        assert_eq!(
            sender.send(7),
            Ok(()),
            "`send` returned the value although the receiver was there"
        );
    })
}

/// A receiver, and a sender that is dropped.
pub(super) fn dropped() -> Wait<Receiver<u32>> {
    let (sender, receiver) = channel();
    Wait::new(receiver, move || drop(sender))
}

pub(super) const BLOCKED: Blame<'static> = Blame {
    mistake: Some("blocked-in-poll"),
    sentence: "The poll has not returned: it waits for the value inside. A poll says what is so now, and returns. The executor waits, for \
               all its tasks at once.",
};

/// Why a receiver got `Closed` although a value was sent: the same steps again, with a value that is counted.
pub(super) fn where_the_value_is() -> &'static str {
    let values = DropCounter::new();
    let (sender, receiver) = channel();
    let _given_back = sender.send(values.token());
    let replaced = values.alive() == 0;
    drop(receiver);
    if replaced {
        "What the destructor stored has replaced the value."
    } else {
        "The value is still there: the poll checks for a dropped sender before it checks for a value."
    }
}

pub(super) fn use_one() {
    let a = poller(&Recorder::default(), "A").waker();
    let (sender, receiver) = channel();
    let _sent = sender.send(7);
    let mut receiver = Box::pin(receiver);
    let _ready = receiver.as_mut().poll(&mut Context::from_waker(&a));
}

pub(super) type Done = Arc<(Mutex<bool>, Condvar)>;

/// A value whose destructor waits until `send` has returned on the sender's thread.
pub(super) struct WaitsForItsSender {
    pub(super) sender: ThreadId,
    pub(super) done: Done,
}

impl Drop for WaitsForItsSender {
    fn drop(&mut self) {
        if std::thread::panicking() || thread::current().id() == self.sender {
            return;
        }
        let mut done = self
            .done
            .0
            .lock()
            .expect("no panic happens under this lock");
        while !*done {
            done = self
                .done
                .1
                .wait(done)
                .expect("no panic happens under this lock");
        }
    }
}

#[track_caller]
pub(super) fn expect(run: &Run, received: Result<u32, Closed>, right: Result<u32, Closed>) {
    if received != right {
        run.departs(format!(
            "Expected: the receiver gets {right:?}. It got {received:?}."
        ));
    }
}

/// The waiting task polls from inside of its wake, as an executor on another thread may: what it was woken for is there.
pub(super) fn finds_it_inside_the_wake(run: &Run, what: &'static str, wait: Wait<Receiver<u32>>) {
    let receiver = Arc::new(std::sync::Mutex::new(Box::pin(wait.future)));
    let poll = |receiver: &std::sync::Mutex<Pin<Box<Receiver<u32>>>>, by: &Poller| {
        // A receiver that wakes its own task does so in the middle of a poll.
        let receiver = receiver.try_lock();
        receiver.is_ok_and(|mut receiver| by.poll(receiver.as_mut()).is_pending())
    };
    let a = poller(run.recorder(), "A");
    poll(&receiver, &a);
    let (inside, was_pending) = (a.clone(), Arc::new(AtomicBool::new(false)));
    let polled = Arc::clone(&receiver);
    let (seen, recorder) = (Arc::clone(&was_pending), run.recorder().clone());
    a.on_wake(move || {
        if !seen.load(Relaxed) && poll(&polled, &inside) {
            seen.store(true, Relaxed);
            recorder.lacks(
                "A",
                format!("polls inside of its wake: the {what} is not there"),
            );
        }
    });
    run.recorder().says("sender", format!("the {what} comes"));
    (wait.event)();
    drop(receiver);
    if was_pending.load(Relaxed) {
        run.diagnose(
            "woke-too-soon",
            format!(
                "A was woken, polled inside of the wake, and was pending: it was woken before the {what} could be seen. Change the state \
                 first, and wake after that."
            ),
        );
    }
}
