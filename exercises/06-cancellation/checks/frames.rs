//! 6.8 frames: a reader of messages whose calls are dropped.

#[path = "frames/scripts.rs"]
mod scripts;
#[path = "frames/world.rs"]
mod world;

use std::future::Future;
use std::io::ErrorKind;
use std::task::{Context, Poll, Waker};

use super::subject::Frames;
use probe::{run, snapshot};
use scripts::{READS, READS_WITH_ENDS, Read, judge_scripts};
use world::{MESSAGES, Next, POLLS, World, dropped_after, frame, pieces, show, stream};

#[test]
fn each_message_is_delivered_whole_and_in_order() {
    let world = World::new(
        run!("in_order"),
        MESSAGES.iter().map(|message| frame(message)).collect(),
    );
    let messages = world.read(false);
    world.judge(&messages, false);
    snapshot!(world.run);
}

#[test]
fn three_messages_in_one_read_are_all_delivered() {
    let world = World::new(run!(), vec![stream()]);
    world.run.recorder().says("stream", "comes in one piece");
    let messages = world.read(false);
    if messages.len() < MESSAGES.len()
        && MESSAGES
            .iter()
            .zip(&messages)
            .all(|(sent, came)| sent == came)
    {
        world.run.diagnose(
            "rest-of-the-read-lost",
            "One read brought three messages, and only the first was delivered: the bytes behind the end of a message were dropped.",
        );
    }
    world.judge(&messages, false);
}

#[test]
fn messages_are_delivered_whatever_the_sizes_of_the_reads() {
    let bytes = stream();
    for end in 1..bytes.len() {
        let world = World::new(run!(), pieces(&bytes, &[end]));
        world.run.recorder().says(
            "stream",
            format!(
                "comes in two pieces, of {end} and {} bytes",
                bytes.len() - end
            ),
        );
        let messages = world.read(false);
        world.judge(&messages, false);
    }
    let world = World::new(
        run!(),
        pieces(&bytes, &(1..bytes.len()).collect::<Vec<_>>()),
    );
    world.run.recorder().says("stream", "comes byte by byte");
    let messages = world.read(false);
    world.judge(&messages, false);
}

#[test]
fn an_empty_message_at_the_end_is_delivered() {
    let world = World::new(run!(), vec![frame(b"one"), frame(b"")]);
    world
        .run
        .recorder()
        .says("stream", "brings “one”, then an empty message, and ends");
    for expected in [&b"one"[..], b""] {
        match world.next(POLLS) {
            Next::Message(message) if message == expected => {}
            Next::Error(error) => world.run.departs(format!(
                "The stream has no error, and in place of the message {} `next` returned {error:?}.",
                show(expected)
            )),
            Next::End => world.run.departs(format!(
                "All of the message {} has arrived, and `next` returned `None`.",
                show(expected)
            )),
            other => world.run.departs(format!(
                "All of the message {} has arrived, and `next` returned {other:?}.",
                show(expected)
            )),
        }
    }
    let end = world.next(POLLS);
    if end != Next::End {
        world.run.departs(format!(
            "The stream has ended, and `next` returned {end:?}; expected: the end."
        ));
    }
}

#[test]
fn a_message_of_any_length_is_delivered() {
    for length in LENGTHS {
        let message: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let world = World::new(
            run!(),
            frame(&message).chunks(700).map(<[u8]>::to_vec).collect(),
        );
        let says = format!("brings a message of {length} bytes, at most 700 a read");
        world.run.recorder().says("stream", says);
        match world.long(1_000 * POLLS) {
            Some(Ok(Some(came))) if came == message => {}
            Some(Ok(Some(came))) if came.len() < message.len() && message.starts_with(&came) => world.run.diagnose(
                "length-cut",
                format!(
                    "A message of {length} bytes arrived, and `next` returned the first {} of them. Shorter messages came whole. A length is two \
                     bytes without a sign: 0 to 65,535.",
                    came.len()
                ),
            ),
            Some(Ok(Some(came))) => world.run.departs(format!(
                "The message has {length} bytes. `next` returned one of {} bytes, or with other bytes.",
                came.len()
            )),
            Some(Ok(None)) => world.run.departs("The message has arrived, and `next` returned the end."),
            Some(Err(error)) => world.run.departs(format!("The stream has no error, and `next` returned: {error}.")),
            None => world.run.departs("The message has arrived, and `next` is still pending."),
        }
    }
}

/// The edges of one byte, of usual buffers and of two bytes.
const LENGTHS: [u32; 16] = [
    0, 1, 2, 254, 255, 256, 257, 1_022, 1_024, 1_025, 8_192, 32_767, 32_768, 65_533, 65_534, 65_535,
];

#[test]
fn a_call_that_is_dropped_adds_no_byte() {
    let bytes = frame(b"one");
    for end in 1..bytes.len() {
        for polls in 1..4 {
            let world = World::new(run!(), pieces(&bytes, &[end]));
            let says = format!("brings {end} bytes of one message, then the rest");
            world.run.recorder().says("stream", says);
            world.next(polls);
            let came = world.next(POLLS);
            if matches!(&came, Next::Message(message) if message != b"one") {
                world.run.diagnose(
                    "changed-before-await",
                    format!(
                        "The stream holds one message, “one”. A call of `next` was dropped, and the call after it delivered {}: bytes that \
                         were never sent. The dropped call had changed `Frames` as if a read had returned, and the read had not.",
                        match &came {
                            Next::Message(message) => show(message),
                            _ => unreachable!("it is a message"),
                        }
                    ),
                );
            }
        }
    }
}

#[test]
fn a_call_that_is_dropped_loses_no_byte() {
    let bytes = stream();
    // In the middle of a length, and in the middle of a message.
    for (name, ends) in [("a length", [1]), ("a message", [4])] {
        let world = World::new(run!(), pieces(&bytes, &ends));
        world
            .run
            .recorder()
            .says("stream", format!("stops in the middle of {name}"));
        let dropped = world.next(2);
        if dropped != Next::Dropped {
            world
                .run
                .departs("`next` returned, and only a part of the message had arrived.");
        }
        let messages = world.read(true);
        world.judge(&messages, true);
    }
    let world = World::new(run!("dropped"), pieces(&bytes, &[1]));
    world.next(2);
    let messages = world.read(true);
    world.judge(&messages, true);
    snapshot!(world.run);
}

#[test]
fn calls_that_are_dropped_one_after_the_other_lose_no_byte() {
    let bytes = stream();
    let byte_by_byte: Vec<usize> = (1..bytes.len()).collect();
    for polls in 1..6 {
        let world = World::new(run!(), pieces(&bytes, &byte_by_byte));
        world.run.recorder().says("caller", dropped_after(polls));
        let mut messages = Vec::new();
        for _ in 0..POLLS {
            match world.next(polls) {
                Next::Message(message) => messages.push(message),
                Next::End => break,
                Next::Dropped => {}
                Next::Error(error) => world.refuse_error(error, true),
            }
        }
        world.judge(&messages, true);
    }
}

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

#[test]
fn a_hundred_thousand_messages_are_delivered_in_order() {
    const ALL: u32 = 100_000;
    let run = run!();
    run.recorder().says(
        "stream",
        format!("delivers {ALL} messages of four bytes in one piece"),
    );
    let mut frames = Frames::new(
        &*(0..ALL)
            .flat_map(|number| frame(&number.to_be_bytes()))
            .collect::<Vec<u8>>()
            .leak(),
    );
    for number in 0..=ALL {
        let mut context = Context::from_waker(Waker::noop());
        let next = Box::pin(frames.next()).as_mut().poll(&mut context);
        match next {
            Poll::Ready(Ok(Some(message))) if number < ALL && message == number.to_be_bytes() => {}
            Poll::Ready(Ok(None)) if number == ALL => {}
            other => run.departs(format!(
                "Call {} of `next` gave {other:?}; expected: {}.",
                number + 1,
                match number {
                    ALL => "the end".to_owned(),
                    number => format!("the message {:?}", number.to_be_bytes()),
                }
            )),
        }
    }
}

#[test]
fn an_error_of_any_kind_is_returned_once_and_as_it_is() {
    const SHORT: [Read; 3] = [Read::Fails, Read::Bytes(1), Read::Bytes(4)];
    for kind in [
        ErrorKind::Interrupted,
        ErrorKind::WouldBlock,
        ErrorKind::BrokenPipe,
        ErrorKind::Other,
    ] {
        judge_scripts(&SHORT, 3, kind);
    }
}

#[test]
fn after_an_error_the_next_call_goes_on_in_the_same_message() {
    judge_scripts(&READS_WITH_ENDS, 4, ErrorKind::TimedOut);
}

#[test]
fn every_short_script_of_reads_and_drops_delivers_every_message() {
    judge_scripts(&READS, 5, ErrorKind::TimedOut);
}

#[test]
fn two_readers_keep_their_bytes_apart() {
    let run = run!();
    let [first, second] = [&b"one"[..], b"three"].map(|message| {
        let bytes = frame(message);
        World::new(run.clone(), pieces(&bytes, &[1, 3]))
    });
    run.recorder()
        .says("streams", "each of two holds one message, in three pieces");
    let readers = [(first, &b"one"[..]), (second, b"three")];
    let mut came = [None, None];
    for _ in 0..10 {
        for ((world, _), came) in readers.iter().zip(&mut came) {
            if came.is_none() {
                *came = Some(world.next(2)).filter(|next| *next != Next::Dropped);
            }
        }
    }
    for ((_, message), came) in readers.iter().zip(&came) {
        if *came != Some(Next::Message(message.to_vec())) {
            run.diagnose(
                "state-not-in-the-struct",
                format!(
                    "Two readers read two streams in turn. The stream of one holds {}, and its reader returned {}. Alone it returns its message.",
                    show(message),
                    match came {
                        Some(Next::Message(other)) => show(other),
                        Some(other) => format!("{other:?}"),
                        None => "nothing".to_owned(),
                    }
                ),
            );
        }
    }
}
