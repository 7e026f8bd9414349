//! 6.8 frames: a reader of messages whose calls are dropped.

#[path = "frames/judging.rs"]
mod judging;
#[path = "frames/reports.rs"]
mod reports;
#[path = "frames/scripts.rs"]
mod scripts;
#[path = "frames/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "frames/dropped_calls.rs"]
mod dropped_calls;

#[path = "frames/ends.rs"]
mod ends;

#[path = "frames/any_script.rs"]
mod any_script;

use probe::{run, snapshot};
use world::{MESSAGES, Next, POLLS, World, frame, pieces, show, stream};

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
