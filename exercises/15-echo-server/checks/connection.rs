//! 15.7 connection: one connection's life, from an empty function.

#[path = "connection/hostile.rs"]
mod hostile;
#[path = "connection/machine.rs"]
mod machine;
#[path = "connection/served.rs"]
mod served;

// The tests below come first, and then those of these modules, in this order.
#[path = "connection/order.rs"]
mod order;

#[path = "connection/scripts.rs"]
mod scripts;

use std::io::ErrorKind;
use std::time::Duration;

use super::subject::End;
use probe::{run, snapshot};
use probe_io::Peer;
use served::{Arrives, Closes, IDLE, ROOM, at, served, served_as};

#[test]
fn every_byte_comes_back_until_the_peers_end() {
    let seen = served(run!("echo"), None, |_, peer| {
        peer.sends(b"one ");
        peer.sends_with_the_end(b"two");
    });
    seen.came_back(b"one two");
    seen.completed();
    snapshot!(seen.run);
}

#[test]
fn a_slow_peer_receives_every_byte_and_no_more_is_read_meanwhile() {
    let seen = served(run!(), None, |_, peer| {
        peer.takes(3);
        for _ in 0..20 {
            peer.sends(b"12345678");
        }
        peer.ends();
    });
    let (taken, received) = (seen.peer.taken(), seen.peer.received().len());
    if seen.end == Some(End::Completed) && received < taken {
        seen.run.diagnose(
            "short-write-ignored",
            format!("The connection read {taken} bytes, sent {received}, and is completed. What the peer does not take at once is in `rest`."),
        );
    }
    if seen.peer.most_held() > ROOM {
        seen.run.diagnose(
            "no-backpressure",
            format!(
                "{} bytes were read and unsent at once, for a peer that takes 3 at a time. The shared buffer holds 8.",
                seen.peer.most_held()
            ),
        );
    }
    seen.came_back(&b"12345678".repeat(20));
    seen.completed();
}

#[test]
fn a_broken_connection_is_reset() {
    let seen = served(run!("broken"), None, |_, peer| {
        peer.sends(b"one");
        peer.breaks(ErrorKind::ConnectionReset);
    });
    if seen.end != Some(End::Reset) {
        seen.run.diagnose(
            "error-swallowed",
            "The read failed with ConnectionReset, and the connection is not Reset.",
        );
    }
    snapshot!(seen.run);
}

#[test]
fn an_idle_connection_times_out() {
    let seen = served(run!("idle"), None, |_, _| {});
    seen.timed_out_at(20);
    snapshot!(seen.run);
}

#[test]
fn the_idle_time_counts_from_the_opening_of_the_connection() {
    let seen = served(run!(), None, |sim, _| {
        sim.advance_to(Duration::from_secs(100));
    });
    if seen.end == Some(End::TimedOut) && seen.at < Duration::from_secs(120) {
        seen.run.diagnose(
            "idle-too-early",
            format!(
                "The connection was opened when the loop's clock showed 100 s, and it timed out at {} ms, less than 20 s later.",
                seen.at.as_millis()
            ),
        );
    }
    seen.timed_out_at(120);
}

#[test]
fn a_poll_in_which_no_byte_moves_does_not_postpone_the_time_out() {
    let seen = served_as(
        run!(),
        Arrives::WithSpuriousPolls,
        Closes::AtOnce,
        None,
        |_, _| {},
    );
    let is_late = seen.end.is_none() || seen.at > IDLE;
    if is_late {
        seen.run.diagnose(
            "noted-for-nothing",
            "The connection was polled every 7 s, and no byte was read or taken. It was not timed out after 20 s: a poll counted as activity.",
        );
    }
    seen.timed_out_at(20);
}

#[test]
fn each_byte_postpones_the_time_out() {
    let seen = served(run!("put_off"), None, |sim, peer| {
        at(sim, peer, 15_000, |peer| peer.sends(b"one"));
        at(sim, peer, 30_000, |peer| peer.sends(b"two"));
    });
    seen.timed_out_at(50);
    seen.came_back(b"onetwo");
    snapshot!(seen.run);
}

#[test]
fn a_peer_that_sends_and_never_reads_is_idle() {
    let seen = served(run!(), None, |sim, peer| {
        peer.stops_taking();
        for second in 1..100 {
            at(sim, peer, second * 1_000, |peer| peer.sends(b"12345678"));
        }
    });
    seen.timed_out_at(21);
}

#[test]
fn a_peer_that_takes_a_byte_every_15_seconds_is_not_idle() {
    let seen = served(run!(), None, |sim, peer| {
        peer.takes(1);
        peer.sends(b"12345678");
        peer.stops_taking();
        for step in 1..=8 {
            // It takes one byte.
            at(sim, peer, step * 15_000, |peer| peer.takes_again());
            at(sim, peer, step * 15_000 + 1, |peer| peer.stops_taking());
        }
        at(sim, peer, 130_000, Peer::ends);
        at(sim, peer, 131_000, |peer| peer.takes_again());
    });
    if seen.end == Some(End::TimedOut) {
        seen.run.diagnose(
            "slow-taken-for-idle",
            "The connection timed out after 20 s, and the peer took a byte every 15 s.",
        );
    }
    seen.came_back(b"12345678");
    seen.completed();
}
