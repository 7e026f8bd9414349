//! One call of `write_all`, and what its writer took.

use std::io;
use std::pin::pin;
use std::task::Poll;

use super::super::subject::write_all;
use probe::{Run, run};
use probe_futures::{Poller, Sim, poller};
use probe_io::hostile::Broken;
use probe_io::stream::show;
use probe_io::{Peer, Stream, stream};

pub(super) const TEXT: &[u8] = b"all of these bytes";

/// A stream and its peer.
pub(super) fn begin(run: &Run) -> (Sim, Stream, Peer) {
    let sim = Sim::new(run);
    let (stream, peer) = stream(run, &sim);
    (sim, stream, peer)
}

/// What a poll that does not return means: a mistake's code, if that is sure, and a sentence.
pub(super) type Meaning = (Option<&'static str>, &'static str);

pub(super) const ALL_IS_TAKEN: Meaning = (
    None,
    "The peer accepts every byte at once, and this poll did not return. Bytes that were accepted are no longer to be written.",
);
pub(super) const IT_IS_PENDING: Meaning = (
    Some("polled-in-a-loop"),
    "This poll did not return. The peer accepts some bytes, and then the writer is pending until there is room. A poll that asks the \
     writer again in a loop gets the same answer each time: the peer makes room after the poll has returned.",
);
pub(super) const IT_FAILS: Meaning = (
    None,
    "The writer returned an error, and this poll did not return.",
);

/// Writes the text, and drives it to the end.
#[track_caller]
pub(super) fn written(
    run: &Run,
    sim: &Sim,
    (stream, peer): (&mut Stream, &Peer),
    (mistake, sentence): Meaning,
) -> io::Result<()> {
    let mut write = pin!(write_all(stream, TEXT));
    // Its wakes are not shown: a right answer may wake its task after each part, or not.
    let task = poller(run!().recorder(), "task");
    let call = run
        .recorder()
        .enters("writer", format!("writes {}", show(TEXT)));
    for _ in 0..100 {
        let wakes = task.wakes();
        let polled = run.risk(mistake, sentence, || task.poll(write.as_mut()));
        match polled {
            Poll::Pending => {}
            Poll::Ready(Ok(())) => {
                call.returns("done");
                return Ok(());
            }
            Poll::Ready(Err(error)) => {
                call.returns(format!("{:?}", error.kind()));
                return Err(error);
            }
        }
        while task.wakes() == wakes {
            if !sim.advance() {
                call.returns("pending, and no waker is called");
                refuse_to_wait(run, &task, peer);
            }
        }
    }
    call.returns("pending, and pending again");
    if peer.received().len() < TEXT.len() {
        run.diagnose(
            "busy-poll",
            "The poll woke its own task 100 times, and the peer accepted no byte in between. The writer keeps the waker, and calls it when \
             there is room.",
        );
    }
    arrived(run, peer);
    run.departs("Every byte has arrived, and the future is still pending.")
}

#[track_caller]
fn refuse_to_wait(run: &Run, task: &Poller, peer: &Peer) -> ! {
    if task.counts().alive == 0 {
        run.diagnose(
            "pending-without-a-wake",
            "The future was pending, and no waker of the task is kept. A writer keeps the waker only when it is pending itself: after a \
             write that accepted bytes it wakes no task.",
        );
    }
    run.departs(format!(
        "The future is pending, and no event is left. The peer has received {}.",
        show(&peer.received())
    ))
}

#[track_caller]
pub(super) fn arrived(run: &Run, peer: &Peer) {
    let received = peer.received();
    let shown = match received.get(..60) {
        Some(begin) => format!("{} and {} bytes more", show(begin), received.len() - 60),
        None => show(&received),
    };
    (run.recorder()).says("peer", format!("has received {shown}"));
    if received == TEXT {
        return;
    }
    if received.len() < TEXT.len() && TEXT.starts_with(&received) {
        run.diagnose(
            "short-write-ignored",
            format!(
                "{} of {} bytes have arrived, and the future was ready. A write returns how many bytes were accepted; the others are still to \
                 be written.",
                received.len(),
                TEXT.len()
            ),
        );
    }
    if received.len() > TEXT.len() {
        run.diagnose(
            "begun-again",
            "Bytes arrived a second time. After a pending poll the next one wrote from the beginning: the future has to store how many \
             bytes were accepted.",
        );
    }
    run.departs("The peer received other bytes than those that were to be written.")
}

pub(super) fn name(broken: Broken) -> Option<&'static str> {
    match broken {
        Broken::ErrorHidden(_) => Some("error-swallowed"),
        Broken::EarlierWoken => Some("first-waker-only"),
        Broken::CalledAfterFailure(_) => Some("called-after-failure"),
        _ => None,
    }
}
