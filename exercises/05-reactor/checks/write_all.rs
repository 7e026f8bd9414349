//! 5.7 write-all: until every byte is written.

use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::Poll;

use super::subject::write_all;
use probe::{Run, run, snapshot};
use probe_futures::{Poller, Sim, poller};
use probe_io::hostile::{Broken, Script, hostile};
use probe_io::stream::show;
use probe_io::{Peer, Stream, stream};

const TEXT: &[u8] = b"all of these bytes";

/// A stream and its peer.
fn begin(run: &Run) -> (Sim, Stream, Peer) {
    let sim = Sim::new(run);
    let (stream, peer) = stream(run, &sim);
    (sim, stream, peer)
}

/// What a poll that does not return means: a mistake's code, if that is sure, and a sentence.
type Meaning = (Option<&'static str>, &'static str);

const ALL_IS_TAKEN: Meaning = (
    None,
    "The peer accepts every byte at once, and this poll did not return. Bytes that were accepted are no longer to be written.",
);
const IT_IS_PENDING: Meaning = (
    Some("polled-in-a-loop"),
    "This poll did not return. The peer accepts some bytes, and then the writer is pending until there is room. A poll that asks the \
     writer again in a loop gets the same answer each time: the peer makes room after the poll has returned.",
);
const IT_FAILS: Meaning = (
    None,
    "The writer returned an error, and this poll did not return.",
);

/// Writes the text, and drives it to the end.
#[track_caller]
fn written(
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
fn arrived(run: &Run, peer: &Peer) {
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

#[test]
fn bytes_that_are_accepted_at_once_are_written() {
    let run = run!("at_once");
    let (sim, mut stream, peer) = begin(&run);
    if let Err(error) = written(&run, &sim, (&mut stream, &peer), ALL_IS_TAKEN) {
        run.departs(format!(
            "The future returned an error that the writer had not returned: {error}."
        ));
    }
    arrived(&run, &peer);
    snapshot!(run);
}

#[test]
fn nothing_is_written_before_the_first_poll() {
    let run = run!();
    let (_sim, mut stream, peer) = begin(&run);
    drop(write_all(&mut stream, TEXT));
    if peer.writes() > 0 {
        run.diagnose(
            "eager-start",
            "The call of `write_all` wrote bytes, before the first poll of its future.",
        );
    }
}

#[test]
fn an_empty_write_is_ready_at_once() {
    let run = run!();
    let (_sim, mut stream, peer) = begin(&run);
    peer.takes_nothing();
    let call = run.recorder().enters("writer", "writes \"\"");
    let write = pin!(write_all(&mut stream, b""));
    match poller(run.recorder(), "task").poll(write) {
        Poll::Ready(Ok(())) => call.returns("done"),
        Poll::Ready(Err(error)) => {
            call.returns(format!("{:?}", error.kind()));
            run.departs("There was nothing to write, and the future returned an error.");
        }
        Poll::Pending => {
            call.returns("pending");
            run.departs("There was nothing to write, and the future was pending.");
        }
    }
}

#[test]
fn a_short_write_is_followed_by_the_rest() {
    let run = run!("short_writes");
    let (sim, mut stream, peer) = begin(&run);
    peer.takes(7);
    if let Err(error) = written(&run, &sim, (&mut stream, &peer), IT_IS_PENDING) {
        run.departs(format!(
            "The future returned an error that the writer had not returned: {error}."
        ));
    }
    arrived(&run, &peer);
    snapshot!(run);
}

#[test]
fn write_all_does_not_flush() {
    let run = run!();
    let (sim, mut stream, peer) = begin(&run);
    peer.gets_it_when_flushed();
    if let Err(error) = written(&run, &sim, (&mut stream, &peer), ALL_IS_TAKEN) {
        run.departs(format!(
            "The future returned an error that the writer had not returned: {error}."
        ));
    }
    if !peer.received().is_empty() {
        run.departs(
            "`write_all` flushed the stream. The caller decides when to flush, so that several small writes can be sent as one.",
        );
    }
}

#[test]
fn every_byte_arrives_also_one_at_a_time() {
    let run = run!();
    let (sim, mut stream, peer) = begin(&run);
    peer.takes(1);
    if let Err(error) = written(&run, &sim, (&mut stream, &peer), IT_IS_PENDING) {
        run.departs(format!(
            "The future returned an error that the writer had not returned: {error}."
        ));
    }
    arrived(&run, &peer);
}

#[test]
fn a_poll_does_not_wake_its_task_while_the_peer_accepts_nothing() {
    let run = run!();
    let (_sim, mut stream, peer) = begin(&run);
    peer.takes(7);
    let task = poller(run.recorder(), "task");
    let mut write = pin!(write_all(&mut stream, TEXT));
    for _ in 0..100 {
        let (before, wakes) = (peer.received().len(), task.wakes());
        let call = run.recorder().enters("writer", "polled");
        let poll = task.poll(Pin::new(&mut write));
        call.returns(if poll.is_ready() { "ready" } else { "pending" });
        if poll.is_ready() {
            arrived(&run, &peer);
            return;
        }
        if task.wakes() > wakes && peer.received().len() == before {
            run.diagnose(
                "busy-poll",
                "The peer accepted no byte, and the poll woke its own task. The executor polls it again at once, without end. The writer keeps \
                 the waker, and calls it when there is room.",
            );
        }
        if task.wakes() == wakes {
            return;
        }
    }
}

#[test]
fn a_write_of_0_bytes_is_the_error_writezero() {
    let run = run!("takes_nothing");
    let (_sim, mut stream, peer) = begin(&run);
    peer.takes_nothing();
    let call = run
        .recorder()
        .enters("writer", format!("writes {}", show(TEXT)));
    let task = poller(run.recorder(), "task");
    let mut write = pin!(write_all(&mut stream, TEXT));
    let polled = run.risk(
        Some("zero-write-spins"),
        "A write returned 0 bytes, and the poll wrote again in a loop without end.",
        || task.poll(Pin::new(&mut write)),
    );
    match polled {
        Poll::Ready(Err(error)) if error.kind() == ErrorKind::WriteZero => {
            call.returns("WriteZero")
        }
        Poll::Ready(Ok(())) => {
            call.returns("done");
            run.diagnose(
                "short-write-ignored",
                "A write returned 0 bytes, and the future returned `Ok`.",
            );
        }
        Poll::Ready(Err(error)) => {
            call.returns(format!("{:?}", error.kind()));
            run.departs("The error should be of the kind `WriteZero`.");
        }
        Poll::Pending => {
            call.returns("pending");
            run.diagnose(
                "zero-write-waits",
                "A write returned 0 bytes, and the future was pending. The writer was not pending, so it keeps no waker and wakes no \
                 task.",
            );
        }
    }
    snapshot!(run);
}

#[test]
fn the_error_of_the_writer_is_returned() {
    let run = run!();
    let (sim, mut stream, peer) = begin(&run);
    peer.refuses(ErrorKind::BrokenPipe);
    match written(&run, &sim, (&mut stream, &peer), IT_FAILS) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        Err(_) => {
            run.departs("The write failed with BrokenPipe, and the future returned another error.")
        }
        Ok(()) => run.diagnose(
            "error-swallowed",
            "The write failed with BrokenPipe, and the future returned `Ok`.",
        ),
    }
}

#[test]
fn every_short_script_of_writes_has_the_right_outcome() {
    let run = run!();
    for script in Script::of_writes(4) {
        let (mut stream, witness) = hostile(&run, &script, b"");
        let ended = witness.drive(pin!(write_all(&mut stream, TEXT)), || {});
        witness.judge(ended, TEXT, name);
    }
}

fn name(broken: Broken) -> Option<&'static str> {
    match broken {
        Broken::ErrorHidden(_) => Some("error-swallowed"),
        _ => None,
    }
}
