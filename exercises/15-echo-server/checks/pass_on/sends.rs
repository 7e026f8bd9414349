//! What `send` does with the rest; and every short script.

use std::io::ErrorKind;
use std::pin::pin;
use std::time::Duration;

use super::super::subject::send;
use super::hostile::{TEXT, echoed};
use super::world::{ROOM, World, last, sent, slow_and_watched};
use echo_server::{Activity, Limits};
use event_loop::Time;
use event_loop::Timer;
use probe::{Recorder, run};
use probe_futures::poller;
use probe_io::hostile::{Answer, Script};

#[test]
fn send_writes_the_whole_rest_in_order() {
    for piece in [1, 2, 100] {
        let mut world = World::new(run!());
        world.peer.takes(piece);
        let activity = Activity::begin(world.clock.now());
        if let Err(error) = sent(&mut world, b"hello", &activity) {
            world.run.departs(format!(
                "No operation of the stream failed, and your code returned an error: {error}."
            ));
        }
        let received = world.peer.received();
        if received.len() < 5 && b"hello".starts_with(&received[..]) {
            world.run.diagnose(
                "short-write-ignored",
                format!(
                    "The peer takes {piece} bytes at a time, and `send` returned `Ok` after {} of 5 bytes.",
                    received.len()
                ),
            );
        }
        if received.len() > 5 {
            world.run.diagnose(
                "written-twice",
                "The peer took a part of the rest, and received it again with the next write.",
            );
        }
        world.received(b"hello");
        world.counted(0, 5);
    }
}

#[test]
fn a_write_of_zero_bytes_ends_send_with_write_zero() {
    let mut world = World::new(run!());
    world.peer.takes_nothing();
    let activity = Activity::begin(world.clock.now());
    let run = world.run.clone();
    let result = run.risk(
        Some("zero-write-spins"),
        "A write took 0 bytes, and `send` repeated it without end.",
        || sent(&mut world, b"hello", &activity),
    );
    match result {
        Err(error) if error.kind() == ErrorKind::WriteZero => {}
        Err(error) => run.departs(format!(
            "A write took 0 bytes, and `send` returned {:?}. Expected: WriteZero.",
            error.kind()
        )),
        Ok(()) => run.diagnose(
            "error-swallowed",
            "A write took 0 bytes, and `send` returned `Ok`. Expected: WriteZero.",
        ),
    }
}

#[test]
fn send_notes_activity_whenever_the_peer_takes_bytes() {
    let mut world = World::new(run!());
    world.peer.takes(1);
    let began = world.clock.now();
    let activity = Activity::begin(began);
    // How long ago was the last note, when the last byte is out?
    let _ = sent(&mut world, b"slowly but surely", &activity);
    let now = world.clock.now();
    let idle_since = last(&activity, &world);
    let quiet = now.saturating_since(idle_since);
    slow_and_watched();
    if quiet > Duration::from_millis(1) {
        world.run.recorder().says(
            "activity",
            format!("the last note is {} ms old", quiet.as_millis()),
        );
        world.run.diagnose(
            "slow-taken-for-idle",
            "The peer takes 1 byte each millisecond, and `send` did not note that. The server would close a slow peer as idle.",
        );
    }
}

#[test]
fn send_notes_activity_before_it_waits_for_the_first_write() {
    let mut world = World::new(run!());
    world.peer.stops_taking();
    let activity = Activity::begin(world.clock.now());
    world.sim.advance_to(Duration::from_secs(10));
    {
        let limits = Limits {
            timer: &world.clock,
            idle_timeout: Duration::from_secs(60),
            drain: &world.drain,
            buffer: &world.buffer,
            tally: &world.tally,
        };
        let sending = send(&mut world.stream, b"hello".to_vec(), &limits, &activity);
        if poller(&Recorder::new(), "echo")
            .poll(pin!(sending))
            .is_ready()
        {
            world
                .run
                .departs("The peer takes nothing, and `send` returned.");
        }
    }
    if last(&activity, &world) < Time::after_start(Duration::from_secs(10)) {
        (world.run.recorder()).says("echo", "send(\"hello\") waits for the peer");
        (world.run.recorder()).says("activity", "nothing is noted: the last note is 10 s old");
        world.run.diagnose(
            "slow-taken-for-idle",
            "The server has read bytes and called `send` with the rest. `send` waits for the peer, and has noted nothing. The connection would be \
             closed as idle too early.",
        );
    }
}

#[test]
fn every_short_script_of_the_stream_has_the_right_outcome() {
    let run = run!();
    for script in [Script::of_all(3), Script::of_kinds(), Script::of_parts(9)].concat() {
        echoed(&run, &script, TEXT, ROOM);
    }
}

#[test]
fn buffers_and_messages_of_every_size_pass_through() {
    let run = run!();
    let letters: Vec<u8> = (0..=255).collect();
    for (room, much) in [(1, 300), (255, 70_000), (65_537, 200_000)] {
        let text: Vec<u8> = letters.iter().copied().cycle().take(much).collect();
        echoed(&run, &Script::default(), &text, room);
        let answers = [
            Answer::Part(100),
            Answer::Pending,
            Answer::Part(1),
            Answer::Interrupted,
        ];
        let parts = Script {
            reads: answers.repeat(20),
            writes: [&answers[1..], &answers[..]].concat().repeat(20),
            ..Script::default()
        };
        echoed(&run, &parts, &text, room);
    }
}
