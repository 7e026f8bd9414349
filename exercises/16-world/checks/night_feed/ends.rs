//! How a connection ends: in silence, with a close, or with a loss; and every script.

use super::model;
use super::night::{Night, listened};
use super::socket::{End, Happened, Returned, Script};
use super::{EVERY, QUIET, UNTIL};
use probe::{Run, run, snapshot};

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
