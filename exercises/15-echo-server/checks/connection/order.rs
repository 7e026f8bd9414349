//! The order to finish, and time-outs while a connection ends.

use std::time::Duration;

use super::super::subject::End;
use super::served::{Arrives, Closes, at, in_words, served, served_as};
use probe::{run, snapshot};

#[test]
fn a_quiet_connection_ends_at_once_when_the_server_is_told_to_finish() {
    let order = Duration::from_secs(10);
    let seen = served(run!("order"), Some(order), |_, peer| peer.sends(b"one"));
    if seen.end == Some(End::TimedOut) {
        seen.run.diagnose(
            "drain-waits-for-the-idle",
            "The server was told to finish at 10 s, and the connection waited until it had been idle for 20 s.",
        );
    }
    seen.came_back(b"one");
    seen.completed();
    if seen.at != order {
        seen.run
            .departs("Expected: the connection ends at 10 s, when the server is told to finish. No byte was unsent.");
    }
    snapshot!(seen.run);
}

#[test]
fn a_rest_that_is_being_sent_is_sent_before_the_drain() {
    let seen = served(
        run!("sent_first"),
        Some(Duration::from_secs(5)),
        |sim, peer| {
            peer.stops_taking();
            peer.sends(b"12345678");
            peer.sends(b"the rest");
            at(sim, peer, 6_001, |peer| peer.takes_again());
        },
    );
    if seen.peer.received().len() < 16 && seen.end.is_some() {
        seen.run.diagnose(
            "dropped-in-flight",
            "When the server was told to finish, 8 bytes were unsent and 8 more had arrived. The connection ended before all 16 had come back.",
        );
    }
    seen.came_back(b"12345678the rest");
    seen.completed();
    snapshot!(seen.run);
}

#[test]
fn a_peer_that_does_not_take_the_rest_times_out_after_the_order_too() {
    let seen = served(run!(), Some(Duration::from_secs(5)), |_, peer| {
        peer.stops_taking();
        peer.sends(b"12345678");
    });
    match seen.end {
        Some(End::TimedOut) => {}
        None => seen.run.diagnose(
            "never-times-out",
            "The peer takes nothing, the server was told to finish, and the connection waits forever.",
        ),
        Some(end) => seen.run.departs(format!(
            "The peer took no byte for 20 s, and the connection is {}. Expected: timed out.",
            in_words(end)
        )),
    }
}

#[test]
fn a_peer_that_takes_nothing_times_out_while_the_connection_drains() {
    let order = Some(Duration::from_secs(5));
    let arrives = Arrives::AfterTheOrder;
    let seen = served_as(run!(), arrives, Closes::AtOnce, order, |_, peer| {
        peer.stops_taking();
        peer.sends(b"12345678");
    });
    match seen.end {
        Some(End::TimedOut) => {}
        None => seen.run.diagnose(
            "never-times-out",
            "The connection drains, the peer takes nothing, and the connection waits forever. Expected: it times out.",
        ),
        Some(End::Completed) if seen.peer.taken() == 0 => seen.run.diagnose(
            "dropped-in-flight",
            "8 bytes arrived together with the order to finish, and the connection was closed with them unread.",
        ),
        Some(end) => seen.run.departs(format!(
            "The peer took no byte for 20 s, and the connection is {}. Expected: timed out.",
            in_words(end)
        )),
    }
}

#[test]
fn a_close_that_stays_pending_times_out() {
    let order = Some(Duration::from_secs(5));
    for order in [None, order] {
        let seen = served_as(
            run!(),
            Arrives::AtOnce,
            Closes::Never,
            order,
            |_, peer| match order {
                None => peer.sends_with_the_end(b"one"),
                Some(_) => peer.sends(b"one"),
            },
        );
        (seen.run.recorder()).says("stream", "close stays pending");
        match seen.end {
            Some(End::TimedOut) => {}
            None => seen.run.diagnose(
                "never-times-out",
                "The close of the stream stays pending, and the connection waits for it forever. Expected: the idle time-out covers the close.",
            ),
            Some(end) => seen.run.departs(format!(
                "The close of the stream stays pending, and the connection is {}. Expected: timed out.",
                in_words(end)
            )),
        }
    }
}

#[test]
fn the_order_to_finish_does_not_postpone_the_time_out() {
    let order = Some(Duration::from_secs(5));
    let seen = served_as(
        run!(),
        Arrives::AtOnce,
        Closes::Never,
        order,
        |sim, peer| at(sim, peer, 3_000, |peer| peer.sends(b"one")),
    );
    seen.timed_out_at(23);
}
