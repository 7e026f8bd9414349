//! Wakers and destructors that call the channel, and large numbers.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::super::subject::{Sender, TryRecvError, channel};
use super::world::{
    caught, full, inside_drop, inside_wake, ready, sent, takes, task, unborrowed, watched,
};
use probe::Run;

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

/// A value whose destructor uses the channel.
struct Uses(ManuallyDrop<Option<Sender<Uses>>>);

impl Drop for Uses {
    fn drop(&mut self) {
        if let Some(sender) = &*self.0 {
            caught(|| drop(sender.try_send(Uses(ManuallyDrop::new(None)))));
        }
    }
}
