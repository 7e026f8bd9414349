//! 16.x night_feed: pings beside a listener, on one socket.

use night::{Night, listened};
use probe::{Run, run, snapshot};
use socket::{End, Happened, Returned, Script};

#[path = "night_feed/model.rs"]
mod model;
#[path = "night_feed/night.rs"]
mod night;
#[path = "night_feed/socket.rs"]
mod socket;

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

#[test]
fn a_server_from_which_nothing_arrives_between_two_pings_is_silent() {
    let script = Script {
        answers: false,
        hangs_up: None,
        end: None,
        ..QUIET
    };
    let night = Night::new(run!("silent"), script);
    if night.returned().is_none() {
        night.run.diagnose(
            "never-times-out",
            "The server answered no ping and sent nothing for 300 s, and the client still listens.",
        );
    }
    if night.pings() == [20, 40] && night.returned() == Some((40, Returned::Silent)) {
        night.run.diagnose(
            "pings-the-silent",
            "Nothing had arrived since the ping of 20 s was due. At 40 s the client returned `Silent`, and sent one more ping before it did.",
        );
    }
    if night.is_sink_closed() && night.returned() == Some((40, Returned::Silent)) {
        night.run.diagnose(
            "closes-the-silent",
            "The client returned `Silent`, and closed the sink before it did. A server that is silent may never take the close: the socket is \
             dropped as it is.",
        );
    }
    night.expect_pings(&[20]);
    night.expect_return(40, Returned::Silent);
    snapshot!(night.run);
    let texts = Script {
        texts: &[33, 53],
        ..script
    };
    let night = Night::new(run!("texts_count"), texts);
    if night.returned() == Some((40, Returned::Silent)) {
        night.run.diagnose(
            "pong-alone-counts",
            "A text arrived at 33 s, between two pings, and the client took the server for silent at 40 s. The server is busy, or its pong waits behind a \
             long text: a text is a sign of life, too.",
        );
    }
    night.expect_pings(&[20, 40, 60]);
    night.expect_return(80, Returned::Silent);
    snapshot!(night.run);
    let pings = Script {
        pings: &[33, 53],
        ..script
    };
    let night = Night::new(run!(), pings);
    if night.returned() == Some((40, Returned::Silent)) {
        night.run.diagnose(
            "server-ping-not-counted",
            "A ping of the server arrived at 33 s, between two pings of the client, and the client took the server for silent at 40 s.",
        );
    }
    night.expect_return(80, Returned::Silent);
}

#[test]
fn what_arrives_while_a_ping_waits_for_room_is_a_sign_of_life() {
    let script = Script {
        texts: &[31],
        no_room: Some((15, 55)),
        answers: false,
        hangs_up: None,
        end: None,
        ..QUIET
    };
    let night = Night::new(run!(), script);
    if night.returned() == Some((75, Returned::Silent)) {
        night.run.diagnose(
            "sign-of-life-forgotten",
            "A ping was due at 20 s and waited for room until 55 s. A text arrived at 31 s. At 75 s the next ping was due, and the client took the \
             server for silent.",
        );
    }
    night.expect_pings(&[55, 75]);
    night.expect_return(95, Returned::Silent);
}

#[test]
fn a_close_of_the_server_is_answered() {
    let night = Night::new(
        run!("closed"),
        Script {
            texts: &[13],
            ..QUIET
        },
    );
    night.expect_an_answer();
    night.expect_return(147, Returned::Closed);
    snapshot!(night.run);
    // The answer waits for room: until there is some, or for one interval.
    for (room, at) in [(155, 155), (290, 167)] {
        let script = Script {
            no_room: Some((145, room)),
            ..QUIET
        };
        let night = Night::new(run!(), script);
        if night.returned().is_none_or(|(when, _)| when > 167) {
            night.run.diagnose(
                "close-not-limited",
                "The server closed at 147 s, and the sink had no room for the answer until 290 s. One interval after the close, at 167 s, the result \
                 is due, and the client still waited.",
            );
        }
        night.expect_return(at, Returned::Closed);
    }
    // The answer fails.
    let script = Script {
        refuses: Some(145),
        ..QUIET
    };
    let night = Night::new(run!(), script);
    if night.returned() == Some((147, Returned::Lost)) {
        night.run.diagnose(
            "close-error-is-lost",
            "The server closed the connection, and closing the sink failed. The client returned `Lost`. The server has ended the connection in \
             order: the result is `Closed`, however the answer ends.",
        );
    }
    night.expect_return(147, Returned::Closed);
}

#[test]
fn the_end_without_a_close_is_a_loss() {
    for end in [End::Vanishes, End::Fails] {
        let script = Script {
            end: Some((33, end)),
            ..QUIET
        };
        let night = Night::new(run!(), script);
        if night.returned() == Some((33, Returned::Closed)) {
            night.run.diagnose(
                "truncation-unnoticed",
                "The stream ended at 33 s, and the server had sent no close. The client returned `Closed`, as if the server had finished.",
            );
        }
        if night.returned().is_none_or(|(at, _)| at > 33) {
            night.run.diagnose(
                "end-noticed-late",
                "The stream ended at 33 s, and the client listened on.",
            );
        }
        night.expect_return(33, Returned::Lost);
    }
}

#[test]
fn a_ping_that_fails_is_the_end() {
    let script = Script {
        refuses: Some(50),
        hangs_up: None,
        end: None,
        ..QUIET
    };
    let night = Night::new(run!(), script);
    if night.returned().is_none_or(|(at, _)| at > 60) {
        night.run.diagnose(
            "ping-error-ignored",
            "The ping at 60 s failed: the connection is lost. The stream did not tell, and the client still listened.",
        );
    }
    night.expect_return(60, Returned::Lost);
}

#[test]
fn every_script_is_followed_as_expected() {
    let run = run!();
    let mut tried = 0;
    for texts in [&[][..], &[7], &[13, 33, 53, 73], &[1, 2, 3]] {
        for answers in [true, false] {
            for hangs_up in [None, Some(60)] {
                for end in [
                    None,
                    Some(End::Closes),
                    Some(End::Vanishes),
                    Some(End::Fails),
                ] {
                    for no_room in [None, Some((15, 35)), Some((15, 255)), Some((50, 74))] {
                        let at = 129 + 20 * tried % 60;
                        let end = end.map(|end| (at, end));
                        for buffers in [false, true] {
                            let script = Script {
                                texts,
                                pings: &[],
                                answers,
                                hangs_up,
                                end,
                                no_room,
                                buffers,
                                refuses: None,
                            };
                            compare(&run, script, 2 * tried + u64::from(buffers));
                        }
                        tried += 1;
                    }
                }
            }
        }
    }
}

/// Follows a script here and in the model. What a right client sends behind a close is left open.
fn compare(run: &Run, script: Script, tried: u64) {
    run.recorder().clear();
    let (mut log, _) = listened(run, run.recorder(), script);
    let mut expected = model::log(&script, EVERY, UNTIL);
    if let Some((at, End::Closes)) = script.end {
        for log in [&mut log, &mut expected] {
            log.retain(|(when, happened)| *when < at || *happened != Happened::Ping);
        }
    }
    log.sort_unstable();
    expected.sort_unstable();
    if log != expected {
        run.departs(format!(
            "The server: {script:?}. What happened, with the seconds: {log:?}. Expected: {expected:?}. Found by trying {tried} servers."
        ));
    }
}
