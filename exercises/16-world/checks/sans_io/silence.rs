//! Time: a peer that is silent, a driver that comes late, and a close that is not answered.

use probe::{run, snapshot};
use world::sans_io::frame::{Event, Opcode};

use super::end::{close, expect, server, text, whole};

#[test]
fn a_silent_peer_is_pinged_and_then_given_up() {
    let mut end = server(run!("silence"));
    let first = end.deadline();
    if first != Some(20) {
        end.run.departs(
            "Nothing has arrived since the connection was made at 0 s, and `patience` is 20 s.",
        );
    }
    end.clock(20);
    end.time_out();
    if end.sent.is_empty() && end.events == [Event::Lost] {
        end.run.diagnose_at(
            end.latest,
            "silence-is-the-end",
            "The peer was silent for 20 s, and the connection is lost. A peer may have nothing to say: it gets a ping first, and another 20 s.",
        );
    }
    expect(&mut end, &[], &[whole(Opcode::Ping, "")]);
    let second = end.deadline();
    if second.is_none_or(|second| second <= 20) {
        end.run.diagnose_at(
            end.latest,
            "deadline-not-moved",
            "At 20 s the deadline passed, a ping was sent, and the deadline is not behind 20 s now. The driver calls `handle_timeout` again and again \
             without sleeping.",
        );
    }
    if second != Some(40) {
        end.run
            .departs("A ping was sent at 20 s. The deadline is 40 s.");
    }
    end.clock(40);
    end.time_out();
    if end.events.is_empty() {
        end.run.diagnose_at(
            end.latest,
            "never-times-out",
            "A ping was sent at 20 s, and nothing arrived until 40 s. The connection is not lost: a peer without power is waited for forever.",
        );
    }
    expect(&mut end, &[Event::Lost], &[whole(Opcode::Ping, "")]);
    if end.deadline().is_some() {
        end.run
            .departs("The connection has ended. It has no deadline.");
    }
    snapshot!(end.run);
}

#[test]
fn each_byte_that_arrives_begins_the_silence_again() {
    let mut end = server(run!("a_byte"));
    end.clock(10);
    end.read(&[]);
    if end.deadline() != Some(20) {
        end.run.diagnose_at(
            end.latest,
            "empty-read-counts",
            "`receive` was called at 10 s without a byte, and moved the deadline. No byte has arrived yet: the ping is due at 20 s.",
        );
    }
    end.clock(15);
    let ping = end.bytes_of(&[whole(Opcode::Ping, "?")]);
    end.read(&ping[..1]);
    end.clock(20);
    end.time_out();
    if !end.sent.is_empty() || end.deadline() != Some(35) {
        end.run.diagnose_at(
            end.latest,
            "timer-not-restarted",
            "A byte arrived at 15 s. The peer is not silent: the ping is due at 35 s, and not before.",
        );
    }
    end.clock(35);
    end.time_out();
    expect(&mut end, &[], &[whole(Opcode::Ping, "")]);
    end.clock(40);
    end.read(&ping[1..]);
    if end.deadline() != Some(60) {
        end.run
            .departs("A byte arrived at 40 s, and answers the ping. The next one is due at 60 s.");
    }
    snapshot!(end.run);
}

#[test]
fn a_late_call_takes_one_step() {
    let mut end = server(run!());
    end.clock(500);
    end.time_out();
    if end.events == [Event::Lost] && end.sent.is_empty() {
        end.run.diagnose_at(
            end.latest,
            "silence-is-the-end",
            "The driver came late, at 500 s, and the connection is lost without a ping. The peer was never asked.",
        );
    }
    if end.events == [Event::Lost] {
        end.run.diagnose_at(
            end.latest,
            "two-steps-at-once",
            "The driver came late, at 500 s. One call sent the ping and took the connection for lost: the peer had no time to answer.",
        );
    }
    expect(&mut end, &[], &[whole(Opcode::Ping, "")]);
    if end.deadline() == Some(40) {
        end.run.diagnose_at(
            end.latest,
            "deadlines-added-up",
            "The ping was due at 20 s and was sent at 500 s, since the driver came late. The deadline is 40 s: the peer is given up before it can answer.",
        );
    }
    if end.deadline() != Some(520) {
        end.run.departs(
            "The ping was sent at 500 s, since the driver came late. The peer has until 520 s.",
        );
    }
}

#[test]
fn a_peer_that_does_not_answer_a_close_frame_is_given_up() {
    let mut end = server(run!("close_unanswered"));
    end.clock(5);
    end.close(1000);
    end.clock(10);
    end.arrive(&[whole(Opcode::Text, "on its way")]);
    let deadline = end.deadline();
    if deadline == Some(30) {
        end.run.diagnose_at(
            end.latest,
            "put-off-by-the-peer",
            "`close` was called at 5 s. A message arrived at 10 s, and moved the deadline from 25 s to 30 s: a peer that goes on sending keeps the \
             connection forever.",
        );
    }
    end.clock(25);
    end.time_out();
    if end.events.last() != Some(&Event::Lost) {
        end.run.diagnose_at(
            end.latest,
            "waits-for-a-close",
            "`close` was called at 5 s, and no close frame came until 25 s. The connection still waits: a peer that never closes keeps it.",
        );
    }
    expect(&mut end, &[text("on its way"), Event::Lost], &[close(1000)]);
    if deadline != Some(25) {
        end.run
            .departs("`close` was called at 5 s. The deadline is 25 s, also when bytes arrive.");
    }
    snapshot!(end.run);
}
