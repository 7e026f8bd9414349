//! Wakers and destructors that call the channel, and large numbers.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::super::subject::{Sender, TryRecvError, channel};
use super::world::{
    caught, full, inside_drop, inside_wake, ready, sent, takes, task, unborrowed, watched,
};
use probe::{Run, leaks, run};
use probe_io::heap;

/// A task that is woken sends, and another one is polled.
pub(super) fn inside_of_a_wake(run: &Run) {
    let (sender, mut receiver) = channel(2);
    let a = task(run, "A");
    let mut recv = watched(run, "recv", receiver.recv());
    let _pending = a.poll(recv.as_mut());
    let inside = ManuallyDrop::new(sender.clone());
    inside_wake(&a, move || {
        assert!(inside.try_send(2).is_ok(), "it refused a value")
    });
    let seen = "A value woke A, which, inside `wake`,";
    unborrowed(run, "borrowed-across-wake", seen, || sent(run, &sender, 1));
    ready(run, &a, &mut recv, Some(1));
    drop(recv);
    takes(run, &mut receiver, 2);

    let (sender, mut receiver) = full(run);
    let [b, c] = ["B", "C"].map(|name| task(run, name));
    let send = ManuallyDrop::new(Rc::new(RefCell::new(Box::pin(async move {
        sender.send(1).await.is_ok()
    }))));
    let _pending = b.poll(send.borrow_mut().as_mut());
    let inside = ManuallyDrop::new(Rc::clone(&send));
    inside_wake(&b, move || {
        let _ready = c.poll(inside.borrow_mut().as_mut());
    });
    let seen = "A free slot woke B, whose `send`, polled inside `wake`,";
    unborrowed(run, "borrowed-across-wake", seen, || {
        let _received = receiver.try_recv();
    });
    takes(run, &mut receiver, 1);
}

/// The destructors of a waker and of a value send.
pub(super) fn inside_of_a_drop(run: &Run) {
    let (sender, mut receiver) = channel::<u32>(1);
    let [a, b] = ["A", "B"].map(|name| task(run, name));
    for replaced in [true, false] {
        let mut recv = watched(run, "recv", receiver.recv());
        let _pending = a.poll(recv.as_mut());
        let inside = ManuallyDrop::new(sender.clone());
        inside_drop(&a, move || {
            let _full = inside.try_send(1);
        });
        let seen = "A's last waker was dropped, and its destructor";
        unborrowed(run, "borrowed-when-dropped", seen, || {
            if replaced {
                let _pending = b.poll(recv.as_mut());
            }
            drop(recv);
        });
        let _received = receiver.try_recv();
    }

    let (sender, receiver) = channel(2);
    let value = Uses(ManuallyDrop::new(Some(sender.clone())));
    if sender.try_send(value).is_err() {
        run.departs("A slot was free, and `try_send` returned the value.");
    }
    run.recorder().says(
        "receiver",
        "is dropped, with a value whose destructor sends",
    );
    let seen = "A value was dropped, and its destructor";
    unborrowed(run, "borrowed-when-dropped", seen, || drop(receiver));
    if SENT_INSIDE.get() > 0 {
        run.diagnose(
            "value-kept",
            "The receiver was dropped, with a value whose destructor sends another one. That was accepted, and is still in the channel: no code \
             will receive it.",
        );
    }

    let (sender, receiver) = channel(2);
    if sender.try_send(Holds(Some(sender.clone()))).is_err() {
        run.departs("A slot was free, and `try_send` returned the value.");
    }
    drop(sender);
    run.recorder().says(
        "receiver",
        "is dropped, with a value that has the last sender of this channel",
    );
    let seen =
        "The receiver was dropped, and a value that had the last sender: the sender's destructor";
    unborrowed(run, "borrowed-when-dropped", seen, || drop(receiver));
}

/// A channel of `usize::MAX` slots, and one of 70,000 with twice as many senders.
pub(super) fn any_size(run: &Run) {
    let (sender, mut receiver) = channel(usize::MAX);
    for number in 0..100_000_u32 {
        if sender.try_send(number).is_err() {
            run.departs(format!(
                "A channel of usize::MAX slots refused its value {number}."
            ));
        }
    }
    for number in 0..100_000 {
        if receiver.try_recv() != Ok(number) {
            run.departs(format!(
                "Value {number} of 100,000 was not received in its order."
            ));
        }
    }
    let (sender, mut receiver) = channel(70_000);
    let mut context = Context::from_waker(Waker::noop());
    let mut sends: Vec<_> = (0..140_000_u32)
        .map(|number| Box::pin(sender.send(number)))
        .collect();
    let ready = sends
        .iter_mut()
        .filter_map(|send| match send.as_mut().poll(&mut context) {
            Poll::Ready(sent) => Some(sent),
            Poll::Pending => None,
        });
    let ready = ready.count();
    if ready != 70_000 {
        run.departs(format!(
            "A channel has 70,000 slots, and {ready} of 140,000 senders sent."
        ));
    }
    for number in 0..140_000 {
        if receiver.try_recv() != Ok(number) {
            run.departs(format!(
                "Value {number} of 140,000 was not received in its order."
            ));
        }
        if let Some(send) = sends.get_mut(70_000 + number as usize) {
            let _sent = send.as_mut().poll(&mut context);
        }
    }
}

/// The senders are as many as the edges of small integers.
pub(super) fn any_number_of_senders(run: &Run) {
    let (sender, mut receiver) = channel::<u32>(1);
    for count in [255, 256, 65_535, 65_536] {
        let mut clones: Vec<_> = (1..count).map(|_| sender.clone()).collect();
        if receiver.try_recv() != Err(TryRecvError::Empty) {
            run.departs(format!(
                "There are {count} senders, and the receiver was told that the channel is closed."
            ));
        }
        clones.truncate(1);
        if receiver.try_recv() != Err(TryRecvError::Empty) {
            run.departs(format!("There were {count} senders, two are left, and the receiver was told that the channel is closed."));
        }
    }
    drop(sender);
    if receiver.try_recv() != Err(TryRecvError::Closed) {
        run.diagnose(
            "sender-gone-unnoticed",
            "All senders are dropped, the channel is empty, and `try_recv` did not return Closed.",
        );
    }
}

/// A channel has a million slots, and one value.
pub(super) fn many_slots_are_free(run: &Run) {
    const SLOTS: usize = 1_000_000;
    let before = heap::in_use();
    let (sender, _receiver) = channel(SLOTS);
    let sent = sender.try_send(7_u64);
    let used = heap::in_use() - before;
    run.recorder().says(
        "channel",
        format!("{SLOTS} slots, 1 value: {used} bytes are in use"),
    );
    if sent.is_err() || used > 100_000 {
        run.departs(format!(
            "A channel of {SLOTS} slots has one value, and {used} bytes are in use for it. Memory is in use for the values, not for the slots."
        ));
    }
}

/// Many values that are large wait in a channel.
pub(super) fn many_large_values(run: &Run) {
    const MANY: usize = 60_000;
    let (sender, mut receiver) = channel(usize::MAX);
    for _ in 0..MANY {
        let _sent = sender.try_send([7_u64; 64]);
    }
    run.recorder()
        .says("channel", format!("{MANY} values of 512 bytes are in it"));
    let received = run.risk(
        None,
        "60,000 values of 512 bytes are in the channel, and they are received one by one. That takes too long: the cost of receiving one grows \
         with the number of those behind it.",
        || std::iter::from_fn(|| receiver.try_recv().ok()).count(),
    );
    if received != MANY {
        run.departs(format!(
            "{MANY} values were sent, and {received} were received."
        ));
    }
}

/// Senders and receivers come and go on a channel that lives on.
pub(super) fn nothing_is_kept() {
    let (sender, mut receiver) = channel(1);
    let mut context = Context::from_waker(Waker::noop());
    let did = "values were sent and received";
    leaks::nothing_is_kept(&run!(), "channel", did, || {
        let _sent = sender.try_send([7_u64; 4]);
        let _received = receiver.try_recv();
    });
    let did = "calls of `recv` waited and were dropped";
    leaks::nothing_is_kept(&run!(), "channel", did, || {
        let _pending = pin!(receiver.recv()).poll(&mut context);
    });
    let _full = sender.try_send([7; 4]);
    let did = "senders waited in line and were dropped";
    leaks::nothing_is_kept(&run!(), "channel", did, || {
        let _pending = pin!(sender.send([7; 4])).poll(&mut context);
    });
}

/// A value that has a sender of its own channel.
struct Holds(Option<Sender<Holds>>);

impl Drop for Holds {
    fn drop(&mut self) {
        caught(|| drop(self.0.take()));
    }
}

thread_local! {
    /// Values that a destructor has made to send them, and that are not dropped.
    static SENT_INSIDE: Cell<usize> = const { Cell::new(0) };
}

/// A value whose destructor uses the channel.
struct Uses(ManuallyDrop<Option<Sender<Uses>>>);

impl Drop for Uses {
    fn drop(&mut self) {
        if let Some(sender) = &*self.0 {
            SENT_INSIDE.set(SENT_INSIDE.get() + 1);
            caught(|| drop(sender.try_send(Uses(ManuallyDrop::new(None)))));
        } else {
            SENT_INSIDE.set(SENT_INSIDE.get() - 1);
        }
    }
}
