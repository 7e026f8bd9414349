//! Senders that wait for a slot.

use std::task::{Context, Poll, Waker};

use super::super::subject::{Closed, SendError, TrySendError, channel};
use super::world::{
    Named, SLOT, cancelled, full, naming, permit, ready, takes, task, try_send, waits, watched,
    woken,
};
use probe::{Run, run};

/// The channel is full, and one sender waits.
pub(super) fn one_waits(run: Run) -> Run {
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
    run
}

/// Two senders wait, and the first polls again.
pub(super) fn in_line(run: Run) -> Run {
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
    run
}

/// A sender was woken for the slot, and `try_send` comes before its poll.
pub(super) fn overtaken(run: Run) -> Run {
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
    run
}

/// A sender was woken for the slot, and is cancelled before its poll.
pub(super) fn cancelled_with_a_slot(run: Run) -> Run {
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
    run
}

/// Two senders wait, and the first is cancelled.
pub(super) fn cancelled_in_line(run: Run) -> Run {
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
    run
}

/// Four senders wait, and each of them in turn is the one that is cancelled.
pub(super) fn one_of_four_is_cancelled() {
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

/// A permit is used, and another one is dropped.
pub(super) fn permits(run: Run) -> Run {
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
    run
}

/// `reserve` waits before a sender, and the channel is closed.
pub(super) fn reserve(run: &Run) {
    let (sender, mut receiver) = full(run);
    let [a, b] = ["A", "B"].map(|name| task(run, name));
    let mut reserve = watched(run, "reserve", naming(sender.reserve()));
    if a.poll(reserve.as_mut()).is_ready() {
        run.diagnose(
            "no-backpressure",
            "No slot was free, and `reserve` was ready.",
        );
    }
    let mut send = watched(run, "send(1)", sender.send(1));
    waits(run, &b, &mut send);
    takes(run, &mut receiver, 0);
    woken(
        run,
        &a,
        "A's `reserve` had waited longest, and a slot became free",
    );
    let Poll::Ready(Named(Ok(permit))) = a.poll(reserve.as_mut()) else {
        run.departs("A slot was handed to `reserve`, and its poll returned no permit.");
    };
    receiver.close();
    let refused = watched(run, "reserve", naming(sender.reserve()))
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
