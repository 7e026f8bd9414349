//! The end of the stream, and its errors.

use std::io::ErrorKind;

use super::world::{Next, POLLS, World, frame};
use probe::run;

#[test]
fn the_end_of_the_stream_is_returned_each_time() {
    let world = World::new(run!(), vec![]);
    world.run.recorder().says("stream", "is empty");
    for call in 1..=3 {
        match world.try_next(POLLS) {
            Ok(Next::End) => {}
            Err(panic) if call > 1 => world.run.diagnose(
                "end-returned-once",
                format!("`next` had returned `None`, and the next call panicked: {panic}. At the end each call returns `None`."),
            ),
            Ok(Next::Error(error)) if call > 1 => world.run.diagnose(
                "end-returned-once",
                format!("`next` had returned `None`, and the next call returned the error {error:?}. At the end each call returns `None`."),
            ),
            Err(panic) => world.run.departs(format!("`next` panicked: {panic}.")),
            Ok(Next::Error(error)) => world.run.departs(format!(
                "The stream ended before any message, and `next` returned {error:?}; expected: the end."
            )),
            Ok(other) => world
                .run
                .departs(format!("The stream is empty, and `next` returned {other:?}; expected: the end.")),
        }
    }
}

#[test]
fn the_end_of_the_stream_inside_a_message_is_an_error() {
    for (name, bytes) in [
        ("of a length", &b"\0"[..]),
        ("of a message", b"\0\x03on"),
        ("of a message, before its first byte", b"\0\x03"),
    ] {
        for dropped in [false, true] {
            let world = World::new(run!(), vec![bytes.to_vec()]);
            world
                .run
                .recorder()
                .says("stream", format!("ends in the middle {name}"));
            if dropped {
                world.next(2);
            }
            match world.next(POLLS) {
                Next::Error(ErrorKind::UnexpectedEof) => again(&world),
                Next::End if dropped => world.lost(),
                Next::End => world.run.diagnose(
                    "truncation-unnoticed",
                    "The stream ended inside a message, and `next` returned `None`, as if the stream had ended between two messages.",
                ),
                other => world.run.departs(format!("The stream ended inside a message, and `next` returned {other:?}; expected: UnexpectedEof.")),
            }
        }
    }
}

/// The stream is still at its end, inside the message.
#[track_caller]
fn again(world: &World) {
    match world.next(POLLS) {
        Next::Error(ErrorKind::UnexpectedEof) => {}
        Next::End => world.run.diagnose(
            "end-after-an-error",
            "The stream ended inside a message, and `next` returned the error UnexpectedEof. The next call returned `None`, as if the stream had \
             ended between two messages. By the contract it goes on in the same message: the stream is still at its end, and the error comes \
             again.",
        ),
        other => world.run.departs(format!(
            "The stream ended inside a message. The first call returned UnexpectedEof, and the next one {other:?}; expected: UnexpectedEof again."
        )),
    }
}

#[test]
fn an_error_of_the_stream_is_returned_as_it_is() {
    for (name, bytes) in [
        ("between two messages", vec![frame(b"one")]),
        (
            "in the middle of a message",
            vec![frame(b"one"), b"\0\x03on".to_vec()],
        ),
    ] {
        let broken = ErrorKind::ConnectionReset;
        let world = World::ending(run!(), bytes, Some(broken));
        world
            .run
            .recorder()
            .says("stream", format!("fails {name}: {broken:?}"));
        let first = world.next(POLLS);
        if first != Next::Message(b"one".to_vec()) {
            world.run.departs(format!(
                "All of the first message arrived before the error, and `next` returned {first:?}."
            ));
        }
        match world.next(POLLS) {
            Next::Error(error) if error == broken => {}
            Next::End => world.run.diagnose(
                "error-swallowed",
                "The stream failed, and `next` returned `None`, as if every message had arrived.",
            ),
            Next::Error(error) => world.run.departs(format!(
                "The stream failed with {broken:?}, and `next` returned {error:?}. The contract says: as it is."
            )),
            other => world.run.departs(format!(
                "The stream failed with {broken:?}, and `next` returned {other:?}."
            )),
        }
    }
}
