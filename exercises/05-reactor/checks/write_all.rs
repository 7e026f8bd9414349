//! 5.7 write-all: until every byte is written.

#[path = "write_all/writing.rs"]
mod writing;

use std::io::ErrorKind;
use std::pin::{Pin, pin};
use std::task::Poll;

use super::subject::write_all;
use probe::{Recorder, run, snapshot};
use probe_futures::poller;
use probe_io::hostile::{Answer, Script, hostile};
use probe_io::stream::show;
use writing::{ALL_IS_TAKEN, IT_FAILS, IT_IS_PENDING, TEXT, arrived, begin, name, written};

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
    for script in [
        Script::of_writes(4),
        Script::of_kinds(),
        Script::of_retries(),
    ]
    .concat()
    {
        let (mut stream, witness) = hostile(&run, &script, b"");
        let ended = witness.drive(pin!(write_all(&mut stream, TEXT)), || {});
        witness.judge(ended, TEXT, name);
    }
}

#[test]
fn large_and_odd_numbers_of_bytes_are_written() {
    let run = run!();
    for size in [255, 256, 65_535, 65_536, 65_537, 3 << 20] {
        let bytes: Vec<u8> = (0..=250).cycle().take(size).collect();
        for part in [usize::MAX, 65_536, 40_000] {
            let script = Script {
                writes: vec![Answer::Part(part); size / part.min(size) + 1],
                ..Script::default()
            };
            let (mut stream, witness) = hostile(&run, &script, b"");
            let task = poller(&Recorder::default(), "task");
            let mut future = pin!(write_all(&mut stream, &bytes));
            // The writer is never pending, so a pending future is polled again only if it woke its own task.
            let is_ready = (0..200).map_while(|_| {
                let wakes = task.wakes();
                let polled = task.poll(future.as_mut());
                (polled.is_ready() || task.wakes() > wakes).then_some(polled.is_ready())
            });
            let is_ready = is_ready.last() == Some(true);
            let written = witness.written();
            if is_ready && written == bytes {
                continue;
            }
            (run.recorder()).says(
                "stream",
                format!("takes {} bytes at most in a write", part.min(size)),
            );
            (run.recorder()).says(
                "task",
                format!("has written {} of {size} bytes", written.len()),
            );
            let sentence = format!(
                "{size} bytes were to be written, {} at most in a write. {} of them were written, and the future was {}.",
                part.min(size),
                written.len(),
                if is_ready { "ready" } else { "pending" }
            );
            if is_ready && bytes.starts_with(&written) {
                run.diagnose("short-write-ignored", sentence);
            }
            if !is_ready && task.wakes() == 0 && bytes.starts_with(&written) {
                run.diagnose(
                    "pending-without-a-wake",
                    format!("{sentence} The writer was never pending, and the task was not woken: no waker is kept, and no poll follows."),
                );
            }
            run.departs(sentence);
        }
    }
}
