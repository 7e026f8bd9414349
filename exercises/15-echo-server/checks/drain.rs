//! 15.6 drain: the bytes that have arrived come back, and then the end.

#[path = "drain/drained.rs"]
mod drained;
#[path = "drain/hostile.rs"]
mod hostile;

use std::io::ErrorKind;

use drained::{BOUND, LAST, ROOM, drained};
use hostile::{SMALL, TEXT, answered};

use probe::{run, snapshot};
use probe_io::hostile::Script;

#[test]
fn bytes_that_have_arrived_come_back_before_the_end() {
    let seen = drained(run!("comes_back"), 2, |peer| peer.sends(b"hello"));
    seen.came_back(b"hello");
    seen.ended();
    snapshot!(seen.run);
}

#[test]
fn if_no_byte_has_arrived_the_stream_is_closed_at_once() {
    let seen = drained(run!("nothing_there"), 2, |_| {});
    seen.ended();
    snapshot!(seen.run);
}

#[test]
fn every_byte_comes_back_if_that_takes_many_reads() {
    let long = b"0123456789".repeat(30_000);
    let seen = drained(run!(), 2, |peer| peer.sends(&long));
    seen.came_back(&long);
    seen.ended();
    // More reads than of a full buffer would reach the bound.
    let parts: Vec<Vec<u8>> = (0..=255_u8).map(|part| vec![part; 10]).collect();
    let seen = drained(run!(), 2, |peer| {
        for part in &parts {
            peer.sends(part);
        }
    });
    seen.came_back(&parts.concat());
    seen.ended();
}

#[test]
fn a_slow_peer_receives_every_byte_before_the_end() {
    let seen = drained(run!("slow"), 2, |peer| {
        peer.takes(3);
        peer.sends(b"good bye");
    });
    seen.came_back(b"good bye");
    seen.ended();
    snapshot!(seen.run);
}

#[test]
fn each_attempt_to_read_has_an_iteration_of_its_own() {
    for budget in [0, 1] {
        let parts: Vec<Vec<u8>> = (0..5_u8).map(|part| vec![b'0' + part; 3]).collect();
        let seen = drained(run!(), budget, |peer| {
            for part in &parts {
                peer.sends(part);
            }
        });
        seen.came_back(&parts.concat());
        seen.ended();
    }
}

#[test]
fn after_the_peers_end_the_stream_is_closed() {
    let seen = drained(run!("ended_too"), 2, |peer| peer.sends_with_the_end(b"bye"));
    seen.came_back(b"bye");
    seen.ended();
    snapshot!(seen.run);
}

#[test]
fn at_most_8_mib_are_read_from_a_peer_that_never_stops_sending() {
    for _ in 0..3 {
        reads_at_most_8_mib();
    }
}

/// What one connection has read counts for that connection alone: the runs of one test share what is `static`.
#[track_caller]
fn reads_at_most_8_mib() {
    let run = run!();
    let seen = drained(run, 2, |peer| {
        let piece = vec![b'x'; ROOM];
        for _ in 0..400 {
            peer.sends_quietly(&piece);
        }
    });
    if seen.peer.taken() > BOUND {
        seen.run.diagnose(
            "drains-for-ever",
            format!(
                "`drain` read {} MiB, and the bound is 8. A client that never stops sending keeps the server from ending.",
                seen.peer.taken() >> 20
            ),
        );
    }
    if seen.peer.taken() > LAST {
        seen.run.departs(format!(
            "`drain` read {} KiB more after it had read 8 MiB. Expected: the attempt that reaches the bound is the last.",
            (seen.peer.taken() - LAST) >> 10
        ));
    }
    if seen.peer.taken() < LAST {
        seen.run.departs(
            "`drain` read less than 8 MiB, and more bytes were there: the kernel may hold that much for a connection.",
        );
    }
    let right = vec![b'x'; seen.peer.taken()];
    seen.came_back(&right);
    seen.ended();
}

#[test]
fn the_rest_of_the_last_read_is_sent_before_the_end() {
    let seen = drained(run!(), 2, |peer| {
        // All but a byte at once, so that each step leaves a rest.
        peer.takes(ROOM - 1);
        let piece = vec![b'x'; ROOM];
        for _ in 0..200 {
            peer.sends_quietly(&piece);
        }
    });
    let right = vec![b'x'; seen.peer.taken()];
    seen.came_back(&right);
    seen.ended();
}

#[test]
fn an_error_of_the_connection_is_returned() {
    let seen = drained(run!(), 2, |peer| {
        peer.sends(b"hello");
        peer.breaks(ErrorKind::ConnectionReset);
    });
    if !matches!(seen.result, Some(Err(_))) {
        seen.run.diagnose(
            "error-swallowed",
            "The read failed with ConnectionReset, and `drain` returned no error. The server would count the connection as completed.",
        );
    }
}

#[test]
fn every_short_script_of_the_stream_has_the_right_outcome() {
    let run = run!();
    for script in [Script::of_all(3), Script::of_kinds(), Script::of_parts(9)].concat() {
        answered(&run, &script, TEXT, SMALL);
    }
}

#[test]
fn five_thousand_messages_come_back() {
    let run = run!();
    let bytes: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    answered(&run, &Script::default(), &bytes, 1);
}
