//! Files that are longer or shorter than announced, that fail, or are empty.

use std::io::ErrorKind;
use std::task::Poll;

use super::super::subject::FileBody;
use super::bodies;
use super::bodies::frame;
use hyper::body::Body;
use probe::{run, snapshot};
use probe_futures::{Sim, poller};
use probe_io::stream::stream;

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
