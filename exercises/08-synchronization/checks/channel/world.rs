//! Calls of the channel that are recorded, and the code that runs inside of a wake.

use std::cell::RefCell;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use super::super::subject::{
    Closed, Permit, Receiver, SendError, Sender, TryRecvError, TrySendError, channel,
};
use probe::panics::Caught;
use probe::{Run, panics};
use probe_futures::{Poller, Spy, poller, spy};

/// A channel of one slot in which a value waits: 0.
pub(super) fn full(run: &Run) -> (Sender<u32>, Receiver<u32>) {
    let (sender, receiver) = channel(1);
    sent(run, &sender, 0);
    (sender, receiver)
}

/// A task of this name.
pub(super) fn task(run: &Run, name: &str) -> Poller {
    poller(run.recorder(), name)
}

/// A future under observation, in a track that says what it is.
pub(super) fn watched<F: Future>(run: &Run, track: &str, future: F) -> Pin<Box<Spy<F>>> {
    Box::pin(spy(run, track, future))
}

/// What senders wait for, in the rows with which a stuck run ends.
pub(super) const SLOT: &str = "a slot";

/// A value has a slot until it is received.
fn value_in(value: u32) -> String {
    format!("value {value}")
}

/// The task drops its future.
pub(super) fn cancelled(run: &Run, name: &str) {
    run.recorder().says(name, "is cancelled");
    run.recorder().stops_waiting(name);
}

/// Polls `send` once. A slot is free, so it sends.
#[track_caller]
pub(super) fn sent(run: &Run, sender: &Sender<u32>, value: u32) {
    let mut send = watched(run, &format!("send({value})"), sender.send(value));
    match task(run, "sender").poll(send.as_mut()) {
        Poll::Ready(Ok(())) => run.recorder().holds(&value_in(value), SLOT),
        Poll::Ready(Err(_)) => run.departs("The channel is open, and `send` returned the value."),
        Poll::Pending => run.departs("A slot was free, and `send` is pending."),
    }
}

/// Polls `send` once. No slot is free, so it waits.
#[track_caller]
pub(super) fn waits<F>(run: &Run, by: &Poller, send: &mut Pin<Box<Spy<F>>>)
where
    F: Future<Output = Result<(), SendError<u32>>>,
{
    let before = by.wakes();
    match by.poll(send.as_mut()) {
        Poll::Pending if by.wakes() > before => run.diagnose(
            "busy-poll",
            "`send` waits for a slot, and woke its own task in the poll.",
        ),
        Poll::Pending => run.recorder().waits_for(by.name(), SLOT),
        Poll::Ready(Ok(())) => run.diagnose(
            "no-backpressure",
            "The channel had no free slot, and `send` was ready with `Ok`: there are more values than slots.",
        ),
        Poll::Ready(Err(_)) => {
            run.departs("The channel is open, and `send` returned the value.")
        }
    }
}

/// Polls a future that has to be ready with this.
#[track_caller]
pub(super) fn ready<F>(run: &Run, by: &Poller, future: &mut Pin<Box<Spy<F>>>, expected: F::Output)
where
    F: Future<Output: Debug + PartialEq>,
{
    match by.poll(future.as_mut()) {
        Poll::Ready(output) if output == expected => {}
        Poll::Ready(output) => run.departs(format!(
            "Expected: Ready({expected:?}). It was Ready({output:?})."
        )),
        Poll::Pending => run.departs(format!("Expected: Ready({expected:?}). It is pending.")),
    }
}

/// This task has to be woken by now.
#[track_caller]
pub(super) fn woken(run: &Run, task: &Poller, why: &str) {
    if task.wakes() == 0 {
        run.recorder().lacks(task.name(), "is not woken");
        let (code, kept) = match task.counts().alive {
            0 => ("never-registered", "no waker of it was kept"),
            _ => ("forgot-to-wake", "its waker was kept and not called"),
        };
        let name = task.name();
        run.diagnose(code, format!("{why}, and {name} was not woken: {kept}."));
    }
}

/// `try_send`, recorded.
pub(super) fn try_send(
    run: &Run,
    sender: &Sender<u32>,
    value: u32,
) -> Result<(), TrySendError<u32>> {
    let call = run
        .recorder()
        .enters("sender", format!("try_send({value})"));
    let result = sender.try_send(value);
    call.returns(match &result {
        Ok(()) => "Ok",
        Err(TrySendError::Full(_)) => "Err(Full)",
        Err(TrySendError::Closed(_)) => "Err(Closed)",
    });
    result
}

/// `try_recv`, recorded.
pub(super) fn try_recv(run: &Run, receiver: &mut Receiver<u32>) -> Result<u32, TryRecvError> {
    let call = run.recorder().enters("receiver", "try_recv()");
    let result = receiver.try_recv();
    call.returns(format!("{result:?}"));
    result
}

/// Takes this value out.
#[track_caller]
pub(super) fn takes(run: &Run, receiver: &mut Receiver<u32>, expected: u32) {
    let received = try_recv(run, receiver);
    if received != Ok(expected) {
        run.departs(format!(
            "Expected: `try_recv` returns Ok({expected}). It returned {received:?}."
        ));
    }
    run.recorder().returns(&value_in(expected), SLOT);
}

/// A permit of a channel that has a free slot.
#[track_caller]
pub(super) fn permit<'a>(run: &Run, sender: &'a Sender<u32>) -> Permit<'a, u32> {
    let mut reserve = watched(run, "reserve", naming(sender.reserve()));
    match task(run, "sender").poll(reserve.as_mut()) {
        Poll::Ready(Named(Ok(permit))) => {
            run.recorder().holds("permit", SLOT);
            permit
        }
        Poll::Ready(Named(Err(Closed))) => {
            run.departs("The channel is open, and `reserve` said that it is closed.")
        }
        Poll::Pending => run.departs("A slot was free, and `reserve` is pending."),
    }
}

/// An output that is shown without the permit in it.
pub(super) struct Named<T>(pub(super) Result<T, Closed>);

impl<T> Debug for Named<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self.0 {
            Ok(_) => "permit",
            Err(Closed) => "Closed",
        })
    }
}

/// A future whose output is [`Named`].
pub(super) async fn naming<T>(future: impl Future<Output = Result<T, Closed>>) -> Named<T> {
    Named(future.await)
}

thread_local! {
    static CAUGHT: RefCell<Option<Caught>> = const { RefCell::new(None) };
}

/// Runs this inside the next wake of the task.
pub(super) fn inside_wake(task: &Poller, code: impl FnOnce() + 'static) {
    task.on_wake_local(|| caught(code));
}

/// The same when one of the task's wakers is dropped.
pub(super) fn inside_drop(task: &Poller, code: impl FnOnce() + 'static) {
    task.on_drop_local(|| caught(code));
}

/// Catches a panic where it starts: if it unwound through a destructor of the channel, that one would panic too, and end the process.
pub(super) fn caught(code: impl FnOnce()) {
    if let Err(panic) = panics::expected(code) {
        CAUGHT.set(Some(panic));
    }
}

/// Carries out a step in which the channel calls or drops something of its caller, which uses the channel.
#[track_caller]
pub(super) fn unborrowed(run: &Run, mistake: &str, seen: &str, step: impl FnOnce()) {
    let sentence = format!("{seen} used the channel, and it panicked");
    run.risk(Some(mistake), &format!("{sentence}."), || caught(step));
    if let Some(panic) = CAUGHT.take() {
        let known = panic.message.contains("borrowed");
        let sentence = format!("{sentence}: {}.", panic.message);
        match known {
            true => run.diagnose(mistake, sentence),
            false => run.departs(sentence),
        }
    }
}
