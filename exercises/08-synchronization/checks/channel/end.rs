//! The end of a channel.

use std::task::Poll;

use super::super::subject::{SendError, TryRecvError, TrySendError, channel};
use super::world::{
    SLOT, cancelled, full, permit, ready, sent, task, try_recv, try_send, waits, watched, woken,
};
use probe::Run;
use probe::detect::{DropCounter, Token};

/// Two senders are dropped, one after the other.
pub(super) fn last_sender(run: Run) -> Run {
    let (sender, mut receiver) = channel(2);
    let other = sender.clone();
    sent(&run, &sender, 1);
    run.recorder().says("sender", "is dropped");
    drop(sender);
    if try_recv(&run, &mut receiver) == Err(TryRecvError::Closed) {
        run.diagnose(
            "closed-over-the-buffer",
            "A value had been sent, and the receiver was told that the channel is closed.",
        );
    }
    let a = task(&run, "A");
    let mut recv = watched(&run, "recv", receiver.recv());
    if a.poll(recv.as_mut()).is_ready() {
        run.diagnose(
            "ended-by-one-sender",
            "One of two senders was dropped, and `recv` was ready with None.",
        );
    }
    drop(recv);
    sent(&run, &other, 2);
    run.recorder().says("other sender", "is dropped");
    drop(other);
    let mut recv = watched(&run, "recv", receiver.recv());
    match a.poll(recv.as_mut()) {
        Poll::Ready(Some(2)) => {}
        Poll::Ready(None) => run.diagnose(
            "closed-over-the-buffer",
            "A value had been sent before the last sender was dropped, and `recv` returned None: the value is lost.",
        ),
        _ => run.departs("Expected: Ready(Some(2)), which was sent."),
    }
    drop(recv);
    let mut recv = watched(&run, "recv", receiver.recv());
    if a.poll(recv.as_mut()).is_pending() {
        run.diagnose(
            "sender-gone-unnoticed",
            "All senders are dropped, the channel is empty, and `recv` is pending.",
        );
    }
    run
}

/// The receiver closes the channel while a sender waits.
pub(super) fn close_with_a_line(run: Run) -> Run {
    let (sender, mut receiver) = full(&run);
    let a = task(&run, "A");
    let mut send = watched(&run, "send(1)", sender.send(1));
    waits(&run, &a, &mut send);
    if sender.is_closed() {
        run.departs("The channel is full, and open. Expected: `is_closed` is false.");
    }
    run.recorder().says("receiver", "closes the channel");
    receiver.close();
    if a.wakes() == 0 {
        run.recorder().lacks("A", "is not woken");
        run.diagnose(
            "receiver-gone-unnoticed",
            "The channel was closed, and A, which waits for a slot, was not woken.",
        );
    }
    ready(&run, &a, &mut send, Err(SendError(1)));
    if try_send(&run, &sender, 2) != Err(TrySendError::Closed(2)) || !sender.is_closed() {
        run.departs(
            "The channel was closed. Expected: `try_send` returns Closed, and `is_closed` true.",
        );
    }
    if try_recv(&run, &mut receiver) != Ok(0) {
        run.diagnose(
            "closed-over-the-buffer",
            "0 had been sent before the channel was closed, and was not received.",
        );
    }
    if try_recv(&run, &mut receiver) != Err(TryRecvError::Closed) {
        run.departs(
            "The channel is closed and empty, and no permit is out: `try_recv` returns Closed.",
        );
    }
    run
}

/// The receiver closes the channel while two permits are there.
pub(super) fn close_with_permits(run: Run) -> Run {
    let (sender, mut receiver) = channel(2);
    let [first, second] = [(); 2].map(|()| permit(&run, &sender));
    run.recorder().says("receiver", "closes the channel");
    receiver.close();
    let a = task(&run, "A");
    let mut recv = watched(&run, "recv", receiver.recv());
    if a.poll(recv.as_mut()).is_ready() {
        run.diagnose(
            "closed-over-the-permits",
            "The channel was closed, two permits can still send, and `recv` was ready.",
        );
    }
    run.recorder().says("permit", "sends 1");
    if first.send(1).is_err() {
        run.departs("The receiver is there, and a permit's `send` returned the value.");
    }
    woken(&run, &a, "A permit sent a value");
    ready(&run, &a, &mut recv, Some(1));
    drop(recv);
    let b = task(&run, "B");
    let mut recv = watched(&run, "recv", receiver.recv());
    if b.poll(recv.as_mut()).is_ready() {
        run.diagnose(
            "closed-over-the-permits",
            "One permit can still send, and `recv` was ready.",
        );
    }
    run.recorder().says("permit", "is dropped");
    run.recorder().returns("permit", SLOT);
    drop(second);
    if b.wakes() == 0 {
        run.recorder().lacks("B", "is not woken");
        run.diagnose("closed-without-a-wake", "The last permit of a closed channel was dropped, and B, which waits in `recv`, was not woken.");
    }
    ready(&run, &b, &mut recv, None);
    run
}

/// The receiver is dropped: one sender has a slot, and another one waits.
pub(super) fn receiver_dropped(run: &Run) {
    let values = DropCounter::new();
    let (sender, mut receiver) = channel::<Token>(2);
    let a = task(run, "A");
    if sender.try_send(values.token()).is_err() || sender.try_send(values.token()).is_err() {
        run.departs("Two slots were free, and `try_send` returned the value.");
    }
    let mut handed = Box::pin(sender.send(values.token()));
    let mut in_line = Box::pin(sender.send(values.token()));
    if a.poll(handed.as_mut()).is_ready() || a.poll(in_line.as_mut()).is_ready() {
        run.diagnose("no-backpressure", "No slot was free, and `send` was ready.");
    }
    drop(receiver.try_recv());
    run.recorder().says(
        "receiver",
        "has handed a slot to one sender, and is dropped",
    );
    drop(receiver);
    if values.alive() != 2 {
        run.diagnose("value-kept", format!(
            "The receiver was dropped. Two senders still have their values, and {} values are alive.", values.alive()
        ));
    }
    for (name, send) in [("handed", &mut handed), ("in line", &mut in_line)] {
        match a.poll(send.as_mut()) {
            Poll::Ready(Err(SendError(_value))) => {}
            Poll::Ready(Ok(())) => run.diagnose(
                "value-lost",
                "The receiver was dropped, and a later poll of `send` returned `Ok`.",
            ),
            Poll::Pending => run.diagnose(
                "receiver-gone-unnoticed",
                format!("The receiver was dropped, and a sender ({name}) is pending."),
            ),
        }
    }
    if values.alive() > 0 {
        run.diagnose(
            "value-kept",
            "Every value was received or returned, and one is alive.",
        );
    }
    let refused = sender.try_send(values.token());
    let tried = match &refused {
        Ok(()) => "Ok",
        Err(TrySendError::Full(_)) => "Full",
        Err(TrySendError::Closed(_)) => "Closed",
    };
    let closed = sender.is_closed();
    run.recorder().says(
        "sender",
        format!("is_closed() → {closed}, try_send → {tried}"),
    );
    if !closed || tried != "Closed" {
        run.departs(format!(
            "The receiver was dropped. Expected: `is_closed` returns true, and `try_send` Closed. They returned {closed} and {tried}."
        ));
    }
}

/// A sender has a slot that it has not used when the channel is closed, and is cancelled.
pub(super) fn cancelled_after_the_close(run: &Run) {
    let (sender, mut receiver) = full(run);
    let [a, b] = ["A", "B"].map(|name| task(run, name));
    let mut send = watched(run, "send", sender.send(1));
    waits(run, &b, &mut send);
    let _freed = try_recv(run, &mut receiver);
    receiver.close();
    run.recorder()
        .says("receiver", "closes the channel: the free slot is B's");
    let mut recv = watched(run, "recv", receiver.recv());
    if a.poll(recv.as_mut()).is_ready() {
        run.diagnose(
            "closed-over-the-permits",
            "The channel was closed after B had been handed a slot, and `recv` is ready: B can still send.",
        );
    }
    cancelled(run, "B");
    drop(send);
    if a.wakes() == 0 {
        run.recorder().lacks("A", "is not woken");
        run.diagnose(
            "closed-without-a-wake",
            "The channel is closed, and B, which had the last slot that could still send, was cancelled. A waits in `recv`, and was not woken.",
        );
    }
    ready(run, &a, &mut recv, None);
}
