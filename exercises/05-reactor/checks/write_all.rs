//! 5.7 write-all: until everything is written.

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

/// A stream, and the peer to whom it goes.
fn begin(run: &Run) -> (Sim, Stream, Peer) {
    let sim = Sim::new(run);
    let (stream, peer) = stream(run, &sim);
    (sim, stream, peer)
}

/// What it means if a poll does not come back: a mistake's name, if that is sure, and a sentence.
type Meaning = (Option<&'static str>, &'static str);

const ALL_IS_TAKEN: Meaning = (
    None,
    "The peer takes all that it is given at once, and this poll did not come back. What was taken is no longer left to be written.",
);
const IT_IS_PENDING: Meaning = (
    Some("polled-in-a-loop"),
    "This poll did not come back. The peer takes some bytes, and then the writer is pending until there is room. Whoever asks it again \
     in a loop is told so for ever, for nothing else happens meanwhile.",
);
const IT_FAILS: Meaning = (
    None,
    "The writer gave an error, and this poll did not come back.",
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
    // Its wakes are not shown: whether it takes a turn of its own for each part is a matter of style.
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
                call.returns("pending for ever");
                refuse_to_wait(run, &task, peer);
            }
        }
    }
    call.returns("pending, and pending again");
    if peer.received().len() < TEXT.len() {
        run.diagnose(
            "busy-poll",
            "It woke the task again and again, and the peer took nothing in between. The writer has the waker, and calls it when there is \
             room.",
        );
    }
    arrived(run, peer);
    run.departs("All has arrived, and it goes on.")
}

#[track_caller]
fn refuse_to_wait(run: &Run, task: &Poller, peer: &Peer) -> ! {
    if task.counts().alive == 0 {
        run.diagnose(
            "pending-without-a-wake",
            "It was pending, and nobody holds a waker of the task. The writer keeps one only if it was pending itself: a write that was \
             taken, in part or as a whole, tells nobody of anything.",
        );
    }
    run.departs(format!(
        "It does not come to an end. The peer has {}.",
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
                "{} of {} bytes have arrived, and it was ready. A write says how many bytes were taken; the others are still to be \
                 written.",
                received.len(),
                TEXT.len()
            ),
        );
    }
    if received.len() > TEXT.len() {
        run.diagnose(
            "begun-again",
            "Bytes arrived a second time. After it had been pending, it wrote from the beginning: what was taken before has to be \
             remembered from one poll to the next.",
        );
    }
    run.departs("What arrived is not what was written.")
}

#[test]
fn what_is_taken_at_once_is_written() {
    let run = run!("at_once");
    let (sim, mut stream, peer) = begin(&run);
    if let Err(error) = written(&run, &sim, (&mut stream, &peer), ALL_IS_TAKEN) {
        run.departs(format!(
            "Writing gave an error, and nothing was wrong: {error}."
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
            "`write_all` was called, and wrote. Nobody had polled the future yet.",
        );
    }
}

#[test]
fn nothing_to_write_is_done_at_once() {
    let run = run!();
    let (_sim, mut stream, peer) = begin(&run);
    peer.takes_nothing();
    let call = run.recorder().enters("writer", "writes \"\"");
    let write = pin!(write_all(&mut stream, b""));
    match poller(run.recorder(), "task").poll(write) {
        Poll::Ready(Ok(())) => call.returns("done"),
        Poll::Ready(Err(error)) => {
            call.returns(format!("{:?}", error.kind()));
            run.departs("Writing nothing gave an error.");
        }
        Poll::Pending => {
            call.returns("pending");
            run.departs("There was nothing to write, and it was pending.");
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
            "Writing gave an error, and nothing was wrong: {error}."
        ));
    }
    arrived(&run, &peer);
    snapshot!(run);
}

#[test]
fn it_does_not_flush() {
    let run = run!();
    let (sim, mut stream, peer) = begin(&run);
    peer.gets_it_when_flushed();
    if let Err(error) = written(&run, &sim, (&mut stream, &peer), ALL_IS_TAKEN) {
        run.departs(format!(
            "Writing gave an error, and nothing was wrong: {error}."
        ));
    }
    if !peer.received().is_empty() {
        run.departs(
            "The stream has a buffer, and was told to flush it. That is for whoever writes to say: several small writes may go out as one.",
        );
    }
}

#[test]
fn one_byte_at_a_time_arrives_as_well() {
    let run = run!();
    let (sim, mut stream, peer) = begin(&run);
    peer.takes(1);
    if let Err(error) = written(&run, &sim, (&mut stream, &peer), IT_IS_PENDING) {
        run.departs(format!(
            "Writing gave an error, and nothing was wrong: {error}."
        ));
    }
    arrived(&run, &peer);
}

#[test]
fn while_the_peer_takes_nothing_it_does_not_wake_itself() {
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
                "Nothing was taken, and it woke the task itself. So it is polled again at once, and without end. The writer has the \
                 waker, and calls it when there is room.",
            );
        }
        if task.wakes() == wakes {
            return;
        }
    }
}

#[test]
fn a_writer_that_takes_nothing_and_says_so_is_an_error() {
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
        "The writer takes no bytes and says so, and it tries again in a loop that never ends.",
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
                "The writer took no bytes and said so, and it was ready as if all had been written.",
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
                "The writer took no bytes and said so, and it waits for better times. This writer was not pending, so it wakes nobody; \
                 it takes nothing any more.",
            );
        }
    }
    snapshot!(run);
}

#[test]
fn the_writer_s_error_comes_out() {
    let run = run!();
    let (sim, mut stream, peer) = begin(&run);
    peer.refuses(ErrorKind::BrokenPipe);
    match written(&run, &sim, (&mut stream, &peer), IT_FAILS) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        Err(_) => run.departs("The peer was gone, and another error came out."),
        Ok(()) => run.diagnose(
            "error-swallowed",
            "The peer was gone, and it was ready as if all had been written.",
        ),
    }
}

#[test]
fn whatever_the_writer_answers_the_outcome_is_right() {
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
