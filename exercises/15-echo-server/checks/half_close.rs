//! 15.3 half-close: an echo that completes.

#[path = "half_close/hostile.rs"]
mod hostile;
#[path = "half_close/served.rs"]
mod served;

use std::io::ErrorKind;
use std::time::Duration;

use hostile::{TEXT, answered};
use served::{ROOM, served, served_at, served_to_the_end};

use probe::{run, snapshot};
use probe_io::hostile::{Answer, Script};
use probe_io::stream::End;

#[test]
fn each_message_comes_back_before_the_peers_end() {
    let seen = served(run!("two_messages"), |_, peer| {
        peer.sends(b"one ");
        peer.sends(b"two ");
        peer.sends(b"three");
    });
    if seen.result.is_some() && seen.peer.received().len() < 13 {
        seen.run.diagnose(
            "done-after-the-first",
            "The echo returned after the first message, and the peer had not sent its end.",
        );
    }
    seen.came_back(b"one two three");
    if seen.result.is_some() {
        seen.run
            .departs("The peer has not sent its end, and the echo returned.");
    }
    snapshot!(seen.run);
}

#[test]
fn after_the_peers_end_the_stream_is_closed() {
    let seen = served_to_the_end(run!("the_end"), |_, peer| {
        peer.sends(b"hello");
        peer.ends();
    });
    seen.came_back(b"hello");
    seen.ended_well();
    snapshot!(seen.run);
}

#[test]
fn the_last_bytes_come_back_if_the_end_arrives_with_them() {
    let seen = served_to_the_end(run!("one_segment"), |_, peer| {
        peer.sends_with_the_end(b"bye")
    });
    seen.came_back(b"bye");
    seen.ended_well();
    snapshot!(seen.run);
}

#[test]
fn a_slow_peer_receives_every_byte_before_the_end() {
    let seen = served_to_the_end(run!("slow"), |_, peer| {
        peer.takes(3);
        peer.sends(b"good bye");
        peer.sends_with_the_end(b" for now");
    });
    seen.came_back(b"good bye for now");
    seen.ended_well();
    snapshot!(seen.run);
}

#[test]
fn bytes_in_the_streams_buffer_reach_the_peer_before_the_end() {
    let seen = served_to_the_end(run!(), |_, peer| {
        peer.gets_it_when_flushed();
        peer.sends_with_the_end(b"bye");
    });
    seen.ended_well();
    seen.came_back(b"bye");
}

#[test]
fn bytes_that_the_peer_takes_at_once_are_noted_as_activity() {
    let seen = served(run!(), |sim, peer| {
        let peer = peer.clone();
        sim.at(Duration::from_secs(10), move || peer.sends(b"hello"));
    });
    seen.came_back(b"hello");
    if seen.last.is_some_and(|last| last < Duration::from_secs(10)) {
        (seen.run.recorder()).says("activity", "nothing is noted since the start");
        seen.run.diagnose(
            "busy-taken-for-idle",
            "At 10 s \"hello\" arrived and went out, and the echo noted no activity. A busy client that takes everything at once would be closed as \
             idle.",
        );
    }
}

#[test]
fn a_write_of_zero_bytes_ends_the_echo_with_an_error() {
    let seen = served_at(
        run!(),
        Some("zero-write-spins"),
        "A write took 0 bytes, and the echo repeated it without end.",
        |_, peer| {
            peer.takes_nothing();
            peer.sends(b"hello");
        },
    );
    if !matches!(seen.result, Some(Err(_))) {
        seen.run.diagnose(
            "error-swallowed",
            "A write took 0 bytes, and the echo returned no error.",
        );
    }
}

#[test]
fn while_bytes_are_unsent_no_more_are_read() {
    let seen = served_to_the_end(run!(), |sim, peer| {
        peer.stops_taking();
        for _ in 0..100 {
            peer.sends(b"12345678");
        }
        let again = peer.clone();
        sim.at(Duration::from_secs(1), move || again.takes_again());
        peer.ends();
    });
    seen.came_back(&b"12345678".repeat(100));
    seen.ended_well();
}

#[test]
fn a_broken_connection_is_an_error_and_is_not_closed() {
    let seen = served(run!("broken"), |_, peer| {
        peer.sends(b"hello");
        peer.breaks(ErrorKind::ConnectionReset);
    });
    if !matches!(seen.result, Some(Err(_))) {
        seen.run.diagnose(
            "error-swallowed",
            "The read failed with ConnectionReset, and the echo returned no error. The server would count the connection as completed.",
        );
    }
    if seen.peer.sees_the_end() == End::Closed {
        seen.run.diagnose(
            "used-after-an-error",
            "The read failed with ConnectionReset, and the echo closed the stream after that. Expected: the stream is dropped.",
        );
    }
    snapshot!(seen.run);
}

#[test]
fn every_short_script_of_the_stream_has_the_right_outcome() {
    let run = run!();
    for script in [Script::of_all(3), Script::of_kinds(), Script::of_parts(9)].concat() {
        answered(&run, &script, TEXT, ROOM);
    }
}

#[test]
fn a_stream_that_is_often_pending_has_the_right_outcome() {
    let run = run!();
    let answers = [
        Answer::Part(100),
        Answer::Pending,
        Answer::Part(1),
        Answer::Interrupted,
    ];
    let script = Script {
        reads: answers.repeat(20),
        writes: [&answers[1..], &answers[..]].concat().repeat(20),
        ..Script::default()
    };
    for room in [1, 8, 255, 65_537] {
        let bytes: Vec<u8> = (0..=255).cycle().take(2_000).collect();
        answered(&run, &script, &bytes, room);
    }
}

#[test]
fn the_echo_goes_on_for_seventy_thousand_messages() {
    let run = run!();
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    answered(&run, &Script::default(), &bytes, 1);
}
