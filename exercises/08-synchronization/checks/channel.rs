//! 8.7 channel: back-pressure, and the end of a channel.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::subject::{Closed, SendError, Sender, TryRecvError, TrySendError, channel};
use probe::detect::{DropCounter, Token};
use probe::{run, snapshot};

#[path = "channel/machine.rs"]
mod machine;
#[path = "channel/world.rs"]
mod world;

use world::{
    Named, SLOT, cancelled, caught, full, inside_drop, inside_wake, naming, permit, ready, sent,
    takes, task, try_recv, try_send, unborrowed, waits, watched, woken,
};

#[test]
fn values_are_received_in_the_order_in_which_they_were_sent() {
    let run = run!("in_order");
    let (sender, mut receiver) = channel(2);
    sent(&run, &sender, 1);
    sent(&run, &sender, 2);
    takes(&run, &mut receiver, 1);
    takes(&run, &mut receiver, 2);
    if try_recv(&run, &mut receiver) != Err(TryRecvError::Empty) {
        run.departs("Both values were received, and a sender is there: the channel is empty.");
    }
    snapshot!(run);
}

#[test]
fn a_value_wakes_the_task_that_polled_the_receiver_last() {
    let run = run!("two_tasks");
    let (sender, mut receiver) = channel(1);
    let [a, b] = ["A", "B"].map(|name| task(&run, name));
    let mut recv = watched(&run, "recv", receiver.recv());
    if a.poll(recv.as_mut()).is_ready() || b.poll(recv.as_mut()).is_ready() {
        run.diagnose(
            "ready-too-early",
            "The channel is empty, and `recv` was ready.",
        );
    }
    if a.wakes() + b.wakes() > 0 {
        run.diagnose(
            "busy-poll",
            "The channel is empty, and `recv` woke its own task.",
        );
    }
    sent(&run, &sender, 1);
    if b.wakes() == 0 && a.wakes() > 0 {
        run.recorder().lacks("B", "is not woken");
        run.diagnose(
            "first-waker-only",
            "B polled `recv` last, and a value woke A.",
        );
    }
    woken(&run, &b, "A value was sent");
    ready(&run, &b, &mut recv, Some(1));
    snapshot!(run);
}

#[test]
fn a_sender_waits_while_no_slot_is_free() {
    let run = run!("full");
    let (sender, mut receiver) = full(&run);
    let a = task(&run, "A");
    let mut send = watched(&run, "send(1)", sender.send(1));
    waits(&run, &a, &mut send);
    takes(&run, &mut receiver, 0);
    woken(
        &run,
        &a,
        "A's `send` waited for a slot, and one became free",
    );
    ready(&run, &a, &mut send, Ok(()));
    takes(&run, &mut receiver, 1);
    snapshot!(run);
}

#[test]
fn a_free_slot_goes_to_the_sender_that_has_waited_longest() {
    let run = run!("in_line");
    let (sender, mut receiver) = full(&run);
    let [a, b] = ["A", "B"].map(|name| task(&run, name));
    let mut first = watched(&run, "send(1)", sender.send(1));
    let mut second = watched(&run, "send(2)", sender.send(2));
    waits(&run, &a, &mut first);
    waits(&run, &b, &mut second);
    waits(&run, &a, &mut first);
    takes(&run, &mut receiver, 0);
    woken(&run, &a, "A had waited longest, and a slot became free");
    if b.wakes() > 0 {
        run.diagnose(
            "thundering-herd",
            "One slot became free, and two tasks were woken.",
        );
    }
    if b.poll(second.as_mut()).is_ready() {
        run.diagnose(
            "barging",
            "A was woken for the slot. B polled first, and took it.",
        );
    }
    ready(&run, &a, &mut first, Ok(()));
    takes(&run, &mut receiver, 1);
    woken(&run, &b, "B was next in line, and a slot became free");
    ready(&run, &b, &mut second, Ok(()));
    snapshot!(run);
}

#[test]
fn try_send_takes_no_slot_from_a_sender_in_line() {
    let run = run!("try_send");
    let (sender, mut receiver) = full(&run);
    let a = task(&run, "A");
    let mut send = watched(&run, "send(1)", sender.send(1));
    waits(&run, &a, &mut send);
    takes(&run, &mut receiver, 0);
    match try_send(&run, &sender, 2) {
        Err(TrySendError::Full(2)) => {}
        Ok(()) => run.diagnose(
            "overtaken-by-try",
            "A had waited for the slot, and was woken for it. `try_send` took it before A ran.",
        ),
        Err(_) => run.departs("Expected: `try_send` returns Full with its value."),
    }
    ready(&run, &a, &mut send, Ok(()));
    snapshot!(run);
}

#[test]
fn a_sender_that_is_cancelled_with_a_slot_passes_it_on() {
    let run = run!("passed_on");
    let (sender, mut receiver) = full(&run);
    let [a, b] = ["A", "B"].map(|name| task(&run, name));
    let mut first = watched(&run, "send(1)", sender.send(1));
    let mut second = watched(&run, "send(2)", sender.send(2));
    waits(&run, &a, &mut first);
    waits(&run, &b, &mut second);
    takes(&run, &mut receiver, 0);
    cancelled(&run, "A");
    drop(first);
    if b.wakes() == 0 {
        run.recorder().lacks("B", "is not woken");
        run.diagnose(
            "turn-not-passed-on",
            "A was woken for the free slot, and cancelled before it ran. B was not woken: the slot stays empty, and B waits.",
        );
    }
    ready(&run, &b, &mut second, Ok(()));
    takes(&run, &mut receiver, 2);
    snapshot!(run);
}

#[test]
fn a_sender_that_is_cancelled_in_line_leaves_the_line() {
    let run = run!("left_the_line");
    let (sender, mut receiver) = full(&run);
    let [a, b] = ["A", "B"].map(|name| task(&run, name));
    let mut first = watched(&run, "send(1)", sender.send(1));
    let mut second = watched(&run, "send(2)", sender.send(2));
    waits(&run, &a, &mut first);
    waits(&run, &b, &mut second);
    cancelled(&run, "A");
    drop(first);
    if a.counts().alive > 0 {
        run.diagnose(
            "waker-kept",
            "A was cancelled, and the channel still has its waker.",
        );
    }
    takes(&run, &mut receiver, 0);
    if b.wakes() == 0 {
        run.recorder().lacks("B", "is not woken");
        run.diagnose(
            "waiter-leaked",
            "A was cancelled, and B was the only sender in line. A slot became free, and B was not woken.",
        );
    }
    ready(&run, &b, &mut second, Ok(()));
    snapshot!(run);
}

#[test]
fn when_a_sender_in_line_is_cancelled_the_others_keep_their_order() {
    for cancelled in 0..4 {
        let run = run!();
        let (sender, mut receiver) = full(&run);
        let mut line: Vec<_> = (1..=4)
            .map(|value| {
                (
                    value,
                    watched(&run, &format!("send({value})"), sender.send(value)),
                )
            })
            .collect();
        let a = task(&run, "A");
        for (_, send) in &mut line {
            waits(&run, &a, send);
        }
        let (value, gone) = line.remove(cancelled);
        run.recorder().says(&format!("send({value})"), "is dropped");
        drop(gone);
        let mut expected = 0;
        for (value, send) in &mut line {
            takes(&run, &mut receiver, expected);
            if a.poll(send.as_mut()).is_pending() {
                run.diagnose("order-lost-on-cancel", format!("A sender in line was cancelled. send({value}) is next, a slot became free, and it is pending."));
            }
            expected = *value;
        }
    }
}

#[test]
fn a_permit_takes_a_slot_until_it_is_used_or_dropped() {
    let run = run!("permit");
    let (sender, mut receiver) = channel(1);
    let used = permit(&run, &sender);
    if try_send(&run, &sender, 1).is_ok() {
        run.diagnose(
            "no-backpressure",
            "A permit had the only slot, and `try_send` returned `Ok`.",
        );
    }
    let call = run.recorder().enters("permit", "send(2)");
    let done = used.send(2);
    call.returns(format!("{done:?}"));
    takes(&run, &mut receiver, 2);
    let dropped = permit(&run, &sender);
    let a = task(&run, "A");
    let mut send = watched(&run, "send(3)", sender.send(3));
    waits(&run, &a, &mut send);
    run.recorder().says("permit", "is dropped");
    run.recorder().returns("permit", SLOT);
    drop(dropped);
    if a.wakes() == 0 {
        run.recorder().lacks("A", "is not woken");
        run.diagnose(
            "permit-lost",
            "A permit was dropped unused. Its slot is free, and A, which waits for one, was not woken.",
        );
    }
    ready(&run, &a, &mut send, Ok(()));
    snapshot!(run);
}

#[test]
fn a_slot_is_handed_over_while_a_permit_has_another() {
    let run = run!("beside_a_permit");
    let (sender, mut receiver) = channel(2);
    let other = permit(&run, &sender);
    sent(&run, &sender, 1);
    let a = task(&run, "A");
    let mut send = watched(&run, "send(2)", sender.send(2));
    waits(&run, &a, &mut send);
    takes(&run, &mut receiver, 1);
    woken(
        &run,
        &a,
        "A permit has one of two slots, A waits for the other, and it became free",
    );
    ready(&run, &a, &mut send, Ok(()));
    drop(other);
    snapshot!(run);
}

#[test]
fn a_cancelled_recv_loses_no_value_and_keeps_no_waker() {
    let run = run!("recv_dropped");
    let (sender, mut receiver) = channel(1);
    let a = task(&run, "A");
    let mut recv = watched(&run, "recv", receiver.recv());
    let _pending = a.poll(recv.as_mut());
    sent(&run, &sender, 1);
    run.recorder().says("recv", "is dropped");
    drop(recv);
    takes(&run, &mut receiver, 1);
    let mut recv = watched(&run, "recv", receiver.recv());
    let _pending = a.poll(recv.as_mut());
    run.recorder().says("recv", "is dropped");
    drop(recv);
    if a.counts().alive > 0 {
        run.diagnose(
            "waker-kept",
            "`recv` was dropped, and the channel still has A's waker.",
        );
    }
    snapshot!(run);
}

#[test]
fn after_the_last_sender_the_receiver_gets_what_was_sent() {
    let run = run!("last_sender");
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
    snapshot!(run);
}

#[test]
fn dropping_the_last_sender_wakes_the_receiver() {
    let run = run!("woken_by_the_end");
    let (sender, mut receiver) = channel::<u32>(1);
    let a = task(&run, "A");
    let mut recv = watched(&run, "recv", receiver.recv());
    let _pending = a.poll(recv.as_mut());
    run.recorder().says("sender", "is dropped");
    drop(sender);
    if a.wakes() == 0 {
        run.recorder().lacks("A", "is not woken");
        run.diagnose(
            "closed-without-a-wake",
            "The last sender was dropped, and A, which waits in `recv`, was not woken.",
        );
    }
    ready(&run, &a, &mut recv, None);
    snapshot!(run);
}

#[test]
fn close_gives_the_values_of_senders_in_line_back() {
    let run = run!("closed");
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
    snapshot!(run);
}

#[test]
fn a_permit_still_sends_after_close() {
    let run = run!("permits_at_the_close");
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
    snapshot!(run);
}

#[test]
fn a_dropped_receiver_returns_every_value_that_is_not_received() {
    let run = run!();
    let values = DropCounter::new();
    let (sender, mut receiver) = channel::<Token>(2);
    let a = task(&run, "A");
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
}

#[test]
fn a_woken_task_may_use_the_channel_inside_wake() {
    let run = run!();
    let (sender, mut receiver) = channel(2);
    let a = task(&run, "A");
    let mut recv = watched(&run, "recv", receiver.recv());
    let _pending = a.poll(recv.as_mut());
    let inside = ManuallyDrop::new(sender.clone());
    inside_wake(&a, move || {
        assert!(inside.try_send(2).is_ok(), "it refused a value")
    });
    let seen = "A value woke A, which, inside `wake`,";
    unborrowed(&run, "borrowed-across-wake", seen, || {
        sent(&run, &sender, 1)
    });
    ready(&run, &a, &mut recv, Some(1));
    drop(recv);
    takes(&run, &mut receiver, 2);

    let (sender, mut receiver) = full(&run);
    let [b, c] = ["B", "C"].map(|name| task(&run, name));
    let send = ManuallyDrop::new(Rc::new(RefCell::new(Box::pin(async move {
        sender.send(1).await.is_ok()
    }))));
    let _pending = b.poll(send.borrow_mut().as_mut());
    let inside = ManuallyDrop::new(Rc::clone(&send));
    inside_wake(&b, move || {
        let _ready = c.poll(inside.borrow_mut().as_mut());
    });
    let seen = "A free slot woke B, whose `send`, polled inside `wake`,";
    unborrowed(&run, "borrowed-across-wake", seen, || {
        let _received = receiver.try_recv();
    });
    takes(&run, &mut receiver, 1);
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

#[test]
fn wakers_and_values_are_dropped_while_nothing_is_borrowed() {
    let run = run!();
    let (sender, mut receiver) = channel::<u32>(1);
    let [a, b] = ["A", "B"].map(|name| task(&run, name));
    for replaced in [true, false] {
        let mut recv = watched(&run, "recv", receiver.recv());
        let _pending = a.poll(recv.as_mut());
        let inside = ManuallyDrop::new(sender.clone());
        inside_drop(&a, move || {
            let _full = inside.try_send(1);
        });
        let seen = "A's last waker was dropped, and its destructor";
        unborrowed(&run, "borrowed-when-dropped", seen, || {
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
    unborrowed(&run, "borrowed-when-dropped", seen, || drop(receiver));
}

#[test]
fn a_channel_of_any_size_works() {
    let run = run!();
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

#[test]
fn the_channel_is_open_with_any_number_of_senders() {
    let run = run!();
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

#[test]
fn reserve_waits_in_the_same_line_and_fails_when_closed() {
    let run = run!();
    let (sender, mut receiver) = full(&run);
    let [a, b] = ["A", "B"].map(|name| task(&run, name));
    let mut reserve = watched(&run, "reserve", naming(sender.reserve()));
    if a.poll(reserve.as_mut()).is_ready() {
        run.diagnose(
            "no-backpressure",
            "No slot was free, and `reserve` was ready.",
        );
    }
    let mut send = watched(&run, "send(1)", sender.send(1));
    waits(&run, &b, &mut send);
    takes(&run, &mut receiver, 0);
    woken(
        &run,
        &a,
        "A's `reserve` had waited longest, and a slot became free",
    );
    let Poll::Ready(Named(Ok(permit))) = a.poll(reserve.as_mut()) else {
        run.departs("A slot was handed to `reserve`, and its poll returned no permit.");
    };
    receiver.close();
    let refused = watched(&run, "reserve", naming(sender.reserve()))
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    if !matches!(refused, Poll::Ready(Named(Err(Closed)))) {
        run.departs("The channel is closed. Expected: `reserve` returns Err(Closed).");
    }
    drop(receiver);
    if permit.send(2) != Err(SendError(2)) {
        run.diagnose(
            "value-lost",
            "The receiver was dropped, and a permit's `send` returned `Ok`.",
        );
    }
}

#[test]
fn every_short_run_is_as_expected() {
    machine::compare(&run!());
}
