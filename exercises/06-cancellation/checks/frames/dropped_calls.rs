//! Calls that are dropped before they are ready.

use super::world::{Next, POLLS, World, dropped_after, frame, pieces, show, stream};
use probe::{run, snapshot};

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
