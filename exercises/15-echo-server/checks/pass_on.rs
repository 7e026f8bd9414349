//! 15.2 pass-on: the step that an echo consists of.

#[path = "pass_on/hostile.rs"]
mod hostile;
#[path = "pass_on/world.rs"]
mod world;

use std::io::ErrorKind;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use super::subject::{Passed, send};
use echo_server::{Activity, Limits};
use event_loop::{Time, Timer};
use hostile::{TEXT, echoed};
use probe::{Recorder, run, snapshot};
use probe_futures::poller;
use probe_io::hostile::{Answer, Script};
use probe_io::stream::show;
use world::{ROOM, World, last, sent, slow_and_watched};

#[test]
fn bytes_that_are_there_are_written_back_at_once() {
    let mut world = World::arrived(run!("all_at_once"), b"hello");
    let rest = world.passed(5);
    if rest == b"hello" && world.peer.received() == b"hello" {
        world.run.diagnose_at(
            world.returned,
            "written-twice",
            "The peer has taken all 5 bytes, and the rest holds them again: `send` will write them a second time.",
        );
    }
    if !rest.is_empty() && world.peer.received() == b"hello" {
        world.run.departs_at(
            world.returned,
            format!(
                "The peer has taken every byte, and the rest is {}. Expected: an empty rest.",
                show(&rest)
            ),
        );
    }
    world.received(b"hello");
    if rest.capacity() > 0 {
        world.run.diagnose(
            "allocated-for-nothing",
            "The peer took all 5 bytes at once, and the empty rest owns allocated memory. The server would pay for that with each message.",
        );
    }
    snapshot!(world.run);
}

#[test]
fn pending_while_nothing_is_there_and_woken_when_bytes_arrive() {
    let mut world = World::new(run!("nothing_there"));
    if world.step().is_ready() {
        world
            .run
            .departs("The peer has sent no byte and no end, and the step returned `Ready`. Expected: `Pending`.");
    }
    world.peer.sends(b"hi");
    world.sim.advance();
    let rest = world.passed(2);
    world.received(b"hi");
    assert!(rest.is_empty());
    snapshot!(world.run);
}

#[test]
fn bytes_that_the_peer_does_not_take_are_the_rest() {
    let mut world = World::arrived(run!("a_part"), b"hello");
    world.peer.takes(2);
    let rest = world.passed(5);
    match &rest[..] {
        b"llo" => {}
        b"" => world.run.diagnose_at(
            world.returned,
            "short-write-ignored",
            "The peer took 2 of 5 bytes, and the rest is empty: the other 3 are lost.",
        ),
        b"hello" => world.run.diagnose_at(
            world.returned,
            "written-twice",
            "The peer took \"he\", and the rest is \"hello\": `send` will write \"he\" a second time.",
        ),
        rest => world.run.departs_at(
            world.returned,
            format!("The peer took \"he\", and the rest is {}. Expected: \"llo\".", show(rest)),
        ),
    }
    world.received(b"he");
    snapshot!(world.run);
}

#[test]
fn if_the_write_is_pending_every_byte_is_the_rest() {
    let mut world = World::arrived(run!("stalled"), b"hello");
    world.peer.stops_taking();
    let rest = world.passed(5);
    if rest != b"hello" {
        world.run.diagnose_at(
            world.returned,
            "lost-on-pending",
            format!(
                "The write was pending, and the rest has {} of the 5 bytes that were read. The others are lost: the next read overwrites the \
                 shared buffer.",
                rest.len()
            ),
        );
    }
    snapshot!(world.run);
}

#[test]
fn a_step_reads_no_more_than_the_shared_buffer_holds() {
    let mut world = World::arrived(run!(), b"twenty bytes, or so..");
    world.peer.stops_taking();
    let _rest = world.step();
    if world.peer.taken() > ROOM {
        world.run.diagnose(
            "no-backpressure",
            format!(
                "One step read {} bytes while the peer took none, and the shared buffer holds {ROOM}. A connection may not hold more than that.",
                world.peer.taken()
            ),
        );
    }
    let mut world = World::arrived(run!(), b"twenty bytes, or so..");
    for part in [&b"twenty b"[..], b"ytes, or", b" so.."] {
        let before = world.peer.received();
        let _ = world.passed(part.len());
        world.received(&[&before[..], part].concat());
    }
}

#[test]
fn a_read_of_zero_bytes_is_the_peers_end() {
    let mut world = World::new(run!("the_end"));
    world.peer.sends_with_the_end(b"bye");
    world.sim.advance();
    world.passed(3);
    match world.step() {
        Poll::Ready(Ok(Passed::End)) => {}
        Poll::Ready(Ok(Passed::Some { count: 0, .. })) => world.run.diagnose(
            "end-taken-for-a-message",
            "The read returned 0 bytes, which is the peer's end, and the step returned a message of 0 bytes. An echo would call it without end.",
        ),
        Poll::Pending => world.run.diagnose(
            "end-taken-for-wouldblock",
            "The read returned 0 bytes, which is the peer's end, and the step returned `Pending`. No waker is stored, so the task is never \
             woken.",
        ),
        _ => world
            .run
            .departs("The peer has sent its end, and the step did not return `End`."),
    }
    snapshot!(world.run);
}

#[test]
fn an_error_of_the_read_or_the_write_is_returned() {
    let mut world = World::new(run!());
    world.peer.breaks(ErrorKind::ConnectionReset);
    world.sim.advance();
    if !matches!(world.step(), Poll::Ready(Err(_))) {
        world.run.diagnose(
            "error-swallowed",
            "The read failed with ConnectionReset, and the step did not return an error.",
        );
    }
    let mut world = World::arrived(run!(), b"hello");
    world.peer.refuses(ErrorKind::BrokenPipe);
    if !matches!(world.step(), Poll::Ready(Err(_))) {
        world.run.diagnose(
            "error-swallowed",
            "The write failed with BrokenPipe, and the step did not return an error.",
        );
    }
}

#[test]
fn bytes_read_and_bytes_taken_are_counted() {
    let mut world = World::arrived(run!(), b"hello");
    world.passed(5);
    world.counted(5, 5);
    let mut world = World::arrived(run!(), b"hello");
    world.peer.takes(2);
    world.passed(5);
    world.counted(5, 2);
    let mut world = World::arrived(run!(), b"hello");
    world.peer.stops_taking();
    world.passed(5);
    world.counted(5, 0);
}

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
