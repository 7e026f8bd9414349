//! file-body: a body that is read from a file while it is sent.

use std::cell::Cell;
use std::io::ErrorKind;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use super::subject::{CHUNK, FileBody};
use hyper::body::Body;
use probe::{run, snapshot};
use probe_futures::{Sim, poller};
use probe_io::hostile::{Broken, Ended, Script, hostile};
use probe_io::stream::stream;

#[path = "file_body/bodies.rs"]
mod bodies;

use bodies::{Counted, collected, frame, served};

#[test]
fn one_chunk_at_a_time_is_in_memory() {
    let run = run!();
    let taken = Rc::new(Cell::new(0));
    let file = Counted {
        run: run.clone(),
        taken: Rc::clone(&taken),
        left: u64::MAX,
    };
    let mut body = FileBody::new(file, 10_000_000_000);
    let task = poller(run.recorder(), "task");
    for number in 1..=3 {
        let polled = task.lend(|waker| {
            let mut context = std::task::Context::from_waker(waker);
            Pin::new(&mut body).poll_frame(&mut context)
        });
        let length = match &polled {
            Poll::Ready(Some(Ok(frame))) => frame.data_ref().map_or(0, |data| data.len()),
            _ => run.departs("The file has bytes, and the poll returned no frame."),
        };
        if length > CHUNK || taken.get() > number * CHUNK {
            run.diagnose(
                "whole-file-in-memory",
                format!(
                    "hyper has asked for {number} frames, and {} bytes were read from the file. At most {CHUNK} for each frame: the rest of the \
                     file is read when the client has taken this one.",
                    taken.get()
                ),
            );
        }
    }
}

#[test]
fn a_body_may_be_longer_than_four_gigabytes() {
    for length in [1 << 32, 1 << 48, u64::MAX] {
        let run = run!();
        let file = Counted {
            run: run.clone(),
            taken: Rc::default(),
            left: u64::MAX,
        };
        let mut body = FileBody::new(file, length);
        run.recorder()
            .says("hyper", format!("takes a body of {length} bytes"));
        match bodies::polled_silently(&mut body) {
            Poll::Ready(Some(Ok(bytes))) if bytes > 0 => {}
            _ => run.diagnose(
                "number-cut-short",
                format!("The body has {length} bytes and so has its file, and the first poll returned no bytes."),
            ),
        }
    }
}

#[test]
fn what_a_read_returns_is_a_frame() {
    let run = run!("frames");
    let sim = Sim::new(&run);
    let (file, peer) = stream(&run, &sim);
    let mut body = FileBody::new(file, 14);
    let task = poller(run.recorder(), "task");
    peer.sends(b"Welcome ");
    peer.sends(b"home!\n");
    frame(&run, &task, &mut body, Poll::Pending);
    if task.wakes() > 0 {
        run.diagnose(
            "busy-poll",
            "The file had no bytes yet, and your poll woke its own task.",
        );
    }
    sim.advance();
    if task.wakes() == 0 {
        run.diagnose(
            "never-registered",
            "The file has bytes now, and the task whose poll was pending was not woken: the file was not given its waker.",
        );
    }
    let first = bodies::polled(&run, &task, &mut body);
    if first.is_pending() && peer.taken() > 0 {
        sim.advance();
        let next = bodies::polled(&run, &task, &mut body);
        let whole = matches!(&next, Poll::Ready(Some(Ok(bytes))) if bytes.starts_with(b"Welcome "));
        let sentence = "Your poll read 8 bytes from the file and returned `Pending`";
        if !whole {
            run.diagnose(
                "lost-on-pending",
                format!("{sentence}. The next frame does not begin with them: they are lost."),
            );
        }
        run.diagnose(
            "waits-for-a-full-chunk",
            format!("{sentence}, to wait for more. What a read has returned is a frame: the client may wait for it."),
        );
    }
    bodies::is(&run, &first, Poll::Ready(Some(b"Welcome ")));
    let woken = task.wakes();
    sim.advance();
    if task.wakes() > woken {
        run.diagnose(
            "reads-more-than-once",
            "Your poll returned a frame of 8 bytes. It had read a second time: that read was pending and kept the waker, so the task is woken \
             once more.",
        );
    }
    frame(&run, &task, &mut body, Poll::Ready(Some(b"home!\n")));
    frame(&run, &task, &mut body, Poll::Ready(None));
    snapshot!(run);
}

#[test]
fn the_length_of_what_is_left_is_known() {
    let run = run!();
    let sim = Sim::new(&run);
    let (file, peer) = stream(&run, &sim);
    let mut body = FileBody::new(file, 14);
    let task = poller(run.recorder(), "task");
    peer.sends(b"Welcome ");
    sim.advance();
    let left = |body: &FileBody<_>, expected: u64| {
        let hint = body.size_hint();
        run.recorder()
            .says("hyper", format!("size_hint → {:?}", hint.exact()));
        if hint.exact() != Some(expected) {
            run.diagnose(
                "length-not-announced",
                format!(
                    "{expected} bytes of the body are left, and `size_hint` is {hint:?}. With an exact hint hyper sends `Content-Length`; without \
                     one the client does not know how long the file is."
                ),
            );
        }
    };
    left(&body, 14);
    frame(&run, &task, &mut body, Poll::Ready(Some(b"Welcome ")));
    left(&body, 6);
}

#[test]
fn a_file_that_has_grown_is_sent_up_to_the_length_that_was_announced() {
    let run = run!("grown");
    let sim = Sim::new(&run);
    let (file, peer) = stream(&run, &sim);
    let mut body = FileBody::new(file, 8);
    let task = poller(run.recorder(), "task");
    peer.sends(b"Welcome home!\n");
    sim.advance();
    frame(&run, &task, &mut body, Poll::Ready(Some(b"Welcome ")));
    if peer.taken() > 8 {
        run.recorder()
            .says("file", format!("{} bytes were read", peer.taken()));
        run.diagnose(
            "read-past-the-length",
            format!(
                "8 bytes of the file belong to the body, and {} were read.",
                peer.taken()
            ),
        );
    }
    frame(&run, &task, &mut body, Poll::Ready(None));
    snapshot!(run);
}

#[test]
fn a_file_that_has_shrunk_is_an_error() {
    let run = run!("shrunk");
    let sim = Sim::new(&run);
    let (file, peer) = stream(&run, &sim);
    let mut body = FileBody::new(file, 14);
    let task = poller(run.recorder(), "task");
    peer.sends_with_the_end(b"Welcome ");
    sim.advance();
    frame(&run, &task, &mut body, Poll::Ready(Some(b"Welcome ")));
    match bodies::polled(&run, &task, &mut body) {
        Poll::Ready(Some(Err(error))) if error.kind() == ErrorKind::UnexpectedEof => {}
        Poll::Ready(None) => run.diagnose(
            "truncation-unnoticed",
            "14 bytes were announced, the file ended after 8, and your body ended as if it were complete. Only an error tells hyper to cut the \
             connection off.",
        ),
        other => run.departs(format!(
            "14 bytes were announced, and the file ended after 8. Expected: the error UnexpectedEof. The poll returned {}.",
            bodies::shown(&other)
        )),
    }
    let after = bodies::polled(&run, &task, &mut body);
    if matches!(after, Poll::Ready(Some(Err(_)))) {
        run.diagnose(
            "called-after-failure",
            "The file had ended too early, and at the next poll your body read again. A caller that takes frames until the end never comes to \
             it.",
        );
    }
    bodies::is(&run, &after, Poll::Ready(None));
    snapshot!(run);
}

#[test]
fn an_error_of_the_file_is_the_last_thing() {
    let run = run!();
    let sim = Sim::new(&run);
    let (file, peer) = stream(&run, &sim);
    let mut body = FileBody::new(file, 14);
    let task = poller(run.recorder(), "task");
    peer.breaks(ErrorKind::PermissionDenied);
    sim.advance();
    match bodies::polled(&run, &task, &mut body) {
        Poll::Ready(Some(Err(error))) if error.kind() == ErrorKind::PermissionDenied => {}
        Poll::Ready(None) => run.diagnose(
            "error-swallowed",
            "A read failed with PermissionDenied, and your body ended as if it were complete.",
        ),
        other => run.departs(format!(
            "A read failed with PermissionDenied, and the poll returned {}.",
            bodies::shown(&other)
        )),
    }
    match bodies::polled(&run, &task, &mut body) {
        Poll::Ready(None) => {}
        Poll::Ready(Some(Err(_))) => run.diagnose(
            "called-after-failure",
            "A read failed, and at the next poll your body read again. A caller that takes frames until the end never comes to it.",
        ),
        _ => run.departs("After an error the body was polled again, and was not at its end."),
    }
    if !body.is_end_stream() {
        run.departs("After an error the body is at its end, and `is_end_stream` returned false.");
    }
}

#[test]
fn an_empty_body_is_at_its_end_and_reads_nothing() {
    let run = run!();
    let sim = Sim::new(&run);
    let (file, peer) = stream(&run, &sim);
    let mut body = FileBody::new(file, 0);
    let task = poller(run.recorder(), "task");
    peer.sends(b"Welcome ");
    sim.advance();
    if !body.is_end_stream() {
        run.departs("A body of 0 bytes is at its end, and `is_end_stream` returned false.");
    }
    frame(&run, &task, &mut body, Poll::Ready(None));
    if peer.taken() > 0 {
        run.diagnose(
            "read-past-the-length",
            "A body of 0 bytes read from its file.",
        );
    }
}

#[test]
fn every_length_arrives_whole() {
    let run = run!();
    for length in [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 200_000] {
        let file: Vec<u8> = (0..length).map(|number| (number / 3) as u8).collect();
        let mut body = FileBody::new(&file[..], length as u64);
        let task = poller(run.recorder(), "task");
        let mut all = Vec::new();
        while let Poll::Ready(Some(Ok(data))) = bodies::polled(&run, &task, &mut body) {
            all.extend(data);
            run.recorder().clear();
        }
        if all != file {
            run.departs(format!(
                "A file of {length} bytes was sent, and what arrived are {} bytes or others.",
                all.len()
            ));
        }
    }
}

#[test]
fn every_short_script_of_reads_has_the_right_outcome() {
    const FILE: &[u8] = b"twelve bytes";
    let run = run!();
    for length in [12, 7, 15] {
        for script in Script::of_reads(4) {
            let (file, witness) = hostile(&run, &script, FILE);
            let all = Rc::default();
            let ended = witness.drive(pin!(collected(FileBody::new(file, length), &all)), || {});
            if let Some(broken @ Broken::CalledAfterFailure(_)) = witness.verdict(&ended, b"") {
                witness.report(broken, FILE, Some("called-after-failure"));
            }
            let result = match ended {
                Ended::Ready(result) => result,
                Ended::Not(broken) => witness.report(broken, FILE, bodies::name(broken)),
            };
            let arrived = all.take();
            if !FILE.starts_with(&arrived) {
                run.diagnose(
                    "lost-on-pending",
                    format!(
                        "Of the file {FILE:?} arrived {:?}.",
                        String::from_utf8_lossy(&arrived)
                    ),
                );
            }
            let expected = match witness.failure() {
                Some((_, kind)) => Err(kind),
                None if (arrived.len() as u64) < length => Err(ErrorKind::UnexpectedEof),
                None => Ok(()),
            };
            let result = result.map_err(|error| error.kind());
            if result != expected {
                run.departs(format!(
                    "{length} bytes were announced, and {} arrived. The body ended with {result:?}. Expected: {expected:?}.",
                    arrived.len()
                ));
            }
        }
    }
}

#[test]
fn hyper_announces_the_length_and_cuts_a_body_off_that_is_too_short() {
    let run = run!("served");
    served(&run, b"Welcome home!\n");
    served(&run, b"Welcome ");
    snapshot!(run);
}
