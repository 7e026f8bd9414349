//! file-body: a body that is read from a file while it is sent.

#[path = "file_body/bodies.rs"]
mod bodies;

// The tests below come first, and then those of these modules, in this order.
#[path = "file_body/lengths.rs"]
mod lengths;

#[path = "file_body/scripts.rs"]
mod scripts;

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::subject::{CHUNK, FileBody};
use bodies::{Counted, frame};
use hyper::body::Body;
use probe::{run, snapshot};
use probe_futures::{Sim, poller};
use probe_io::stream::stream;

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
