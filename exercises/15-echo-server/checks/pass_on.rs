//! 15.2 pass-on: the step that an echo consists of.

#[path = "pass_on/hostile.rs"]
mod hostile;
#[path = "pass_on/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "pass_on/sends.rs"]
mod sends;

use std::io::ErrorKind;
use std::task::Poll;

use super::subject::Passed;
use probe::{run, snapshot};
use probe_io::stream::show;
use world::{ROOM, World};

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
