//! 16.x night_feed: pings beside a listener, on one socket.

#[path = "night_feed/model.rs"]
mod model;
#[path = "night_feed/night.rs"]
mod night;
#[path = "night_feed/socket.rs"]
mod socket;

// The tests below come first, and then those of these modules, in this order.
#[path = "night_feed/ends.rs"]
mod ends;

use night::Night;
use probe::{run, snapshot};
use socket::{End, Returned, Script};

const EVERY: u64 = 20;
const UNTIL: u64 = 300;

/// A server that answers pings, and sends nothing else.
const QUIET: Script = Script {
    texts: &[],
    pings: &[],
    answers: true,
    hangs_up: Some(60),
    end: Some((147, End::Closes)),
    no_room: None,
    buffers: false,
    refuses: None,
};

#[test]
fn a_quiet_connection_is_pinged_once_an_interval() {
    let night = Night::new(run!("quiet"), QUIET);
    if night.pings().is_empty()
        && night.returned() == Some((60, Returned::Lost))
        && night.seen.unflushed == 0
    {
        night.run.diagnose(
            "pings-between-messages",
            "The server sent no text. It got no ping in 60 s, although one was due each 20 s, and it hung up. A quiet connection is the one that \
             needs them.",
        );
    }
    if night.pings().starts_with(&[0, 20]) {
        night.run.diagnose(
            "first-ping-at-once",
            "The first ping was sent at once. It is due one interval after the call, at 20 s.",
        );
    }
    if night.pings().starts_with(&[20, 41]) {
        night.run.diagnose(
            "timer-restarted",
            "A pong came at 21 s, and the next ping at 41 s: what arrives began the interval of 20 s again.",
        );
    }
    if night.pings() == [20] && night.returned() == Some((40, Returned::Silent)) {
        night.run.diagnose(
            "text-alone-counts",
            "The server answered the ping of 20 s, and the client took it for silent at 40 s: the pong that arrived at 21 s is a sign of life.",
        );
    }
    night.expect_pings(&[20, 40, 60, 80, 100, 120, 140]);
    night.expect_an_answer();
    night.expect_return(147, Returned::Closed);
    snapshot!(night.run);
}

#[test]
fn texts_do_not_put_off_the_pings() {
    let script = Script {
        texts: &[13, 28, 43, 58, 73, 88, 103],
        ..QUIET
    };
    let night = Night::new(run!("busy"), script);
    if night.pings().is_empty() && night.seen.unflushed == 0 {
        night.run.diagnose(
            "timer-restarted",
            "A text came each 15 s, and there was no ping: each text began the interval of 20 s again.",
        );
    }
    night.expect_texts(script.texts);
    night.expect_pings(&[20, 40, 60, 80, 100, 120, 140]);
    snapshot!(night.run);
}

#[test]
fn a_ping_that_waits_for_room_holds_up_no_text_and_is_sent() {
    let script = Script {
        texts: &[31, 47, 63],
        no_room: Some((15, 55)),
        hangs_up: None,
        ..QUIET
    };
    let night = Night::new(run!("no_room"), script);
    if night.texts().len() == 3 && night.texts()[0] > 31 {
        night.run.diagnose(
            "listener-waits-for-ping",
            format!(
                "The sink had no room from 15 s to 55 s, and a ping waited for it. Texts arrived at 31 s, 47 s and 63 s, and were passed on at \
                 {:?} s.",
                night.texts()
            ),
        );
    }
    night.expect_texts(script.texts);
    if !night.pings().contains(&55) {
        night.run.diagnose(
            "ping-given-up",
            format!(
                "A ping was due at 20 s and waited for room. There was room at 55 s, and no ping: the pings were at {:?} s. Its send was dropped \
                 when a text arrived.",
                night.pings()
            ),
        );
    }
    if night.pings().starts_with(&[55, 55]) || night.pings().starts_with(&[55, 60]) {
        night.run.diagnose(
            "interval-from-the-due-time",
            format!(
                "The ping of 20 s waited for room until 55 s. The next one is due an interval of 20 s after it was flushed, at 75 s. The pings were \
                 at {:?} s.",
                night.pings()
            ),
        );
    }
    night.expect_pings(&[55, 75, 95, 115, 135]);
    snapshot!(night.run);
}

#[test]
fn a_ping_that_is_not_flushed_yet_holds_up_no_text() {
    let script = Script {
        texts: &[31, 47, 63],
        no_room: Some((15, 55)),
        buffers: true,
        hangs_up: None,
        ..QUIET
    };
    let night = Night::new(run!(), script);
    if night.texts().len() == 3 && night.texts()[0] > 31 {
        night.run.diagnose(
            "listener-waits-for-ping",
            format!(
                "The sink took the ping of 20 s, and its flush was pending until 55 s. Texts arrived at 31 s, 47 s and 63 s, and were passed on \
                 at {:?} s.",
                night.texts()
            ),
        );
    }
    night.expect_texts(script.texts);
    night.expect_pings(&[55, 75, 95, 115, 135]);
}
