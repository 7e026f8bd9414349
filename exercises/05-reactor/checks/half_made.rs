//! 5.11 half-made: an error at the wrong call.

#[path = "half_made/trial.rs"]
mod trial;

use std::cell::Cell;
use std::io::ErrorKind;
use std::pin::pin;

use super::subject::Session;
use probe::{run, snapshot};
use probe_io::hostile::{Broken, Ended, Operation, Script, hostile};
use probe_io::stream::show;
use trial::{GREETING, Trial, WELCOME, is_answered_within, is_opened_within, name};

#[test]
fn open_waits_until_the_service_says_welcome() {
    let run = run!("accepted");
    let trial = Trial::new(&run, &[GREETING, b"welcome\n"]);
    let session = trial.session();
    trial.heard(b"ada\n");
    drop(session);
    snapshot!(run);
}

#[test]
fn a_refusal_is_the_error_of_open() {
    let run = run!("refused");
    let trial = Trial::new(&run, &[GREETING, b"no\n"]);
    trial.refuses(ErrorKind::PermissionDenied, "The service said `no`");
    trial.heard(b"ada\n");
    snapshot!(run);
}

#[test]
fn the_first_question_is_sent_without_a_second_handshake() {
    let run = run!("asked");
    let trial = Trial::new(&run, &[GREETING, b"welcome\n"]);
    let mut session = trial.session();
    trial.peer.sends(b"42\n");
    let outcome = trial.ask(&mut session, "how many?");
    let heard = trial.peer.received();
    let failed = !matches!(outcome, Some(Ok(_)));
    if heard == b"ada\n" && failed || heard.starts_with(b"ada\nada\n") {
        trial.recorder_says_heard(&heard);
        run.diagnose(
            "greets-again",
            format!(
                "`open` had returned a session. Then `ask` was to send its question, and the service has heard {}.",
                show(&heard)
            ),
        );
    }
    if !matches!(&outcome, Some(Ok(answer)) if answer == "42") {
        run.departs("The service answered `42`, and something else came out of `ask`.");
    }
    trial.heard(b"ada\nhow many?\n");
    snapshot!(run);
}

#[test]
fn each_question_gets_the_next_line() {
    let run = run!();
    let trial = Trial::new(&run, &[GREETING, b"welcome\n"]);
    let mut session = trial.session();
    for answer in ["1", "", "3"] {
        trial.peer.sends(format!("{answer}\n").as_bytes());
        match trial.ask(&mut session, "next?") {
            Some(Ok(line)) if line == answer => {}
            _ => run.departs(format!(
                "The service answered {answer:?}, and something else came out of `ask`."
            )),
        }
    }
}

#[test]
fn the_handshake_may_come_in_any_pieces() {
    let mut cuts = vec![(0..WELCOME.len()).collect::<Vec<_>>()];
    for first in 1..WELCOME.len() {
        cuts.extend((first..WELCOME.len()).map(|second| vec![0, first, second]));
    }
    for mut cut in cuts {
        cut.dedup();
        let ends = cut.iter().skip(1).copied().chain([WELCOME.len()]);
        let pieces: Vec<&[u8]> = (cut.iter().zip(ends))
            .map(|(from, to)| &WELCOME[*from..to])
            .collect();
        let run = run!();
        let trial = Trial::new(&run, &pieces);
        trial.peer.takes(1);
        let Some(Ok(_)) = trial.open() else {
            run.diagnose(
                "read-is-a-message",
                "The service said `name?` and `welcome`, in other pieces than before, and `open` did not return a session. A line ends \
                 where its `\\n` stands, and not where a read ends.",
            );
        };
        trial.heard(b"ada\n");
    }
}

#[test]
fn anything_else_than_the_expected_words_is_invalid_data() {
    for (pieces, heard) in [
        ([&b"hello\n"[..], b""], &b""[..]),
        ([b"\n", b""], b""),
        ([b"no\n", b""], b""),
        ([GREETING, b"maybe\n"], b"ada\n"),
        ([GREETING, b"welcome!\n"], b"ada\n"),
        ([GREETING, b"welcome \n"], b"ada\n"),
        ([GREETING, b"Welcome\n"], b"ada\n"),
        ([GREETING, b"NO\n"], b"ada\n"),
        ([b"name? \n", b""], b""),
        ([GREETING, b"\n"], b"ada\n"),
    ] {
        let run = run!();
        let trial = Trial::new(&run, &pieces);
        let said = show(&pieces.concat());
        trial.refuses(ErrorKind::InvalidData, &format!("The service said {said}"));
        trial.heard(heard);
    }
}

#[test]
fn an_end_at_any_place_of_the_handshake_is_the_error_of_open() {
    for said in 0..WELCOME.len() {
        let run = run!();
        let trial = Trial::new(&run, &[&WELCOME[..said]]);
        trial.peer.ends();
        run.risk(
            None,
            "The stream ended in the handshake, and `open` did not return: it polls the stream again and again.",
            || trial.refuses(ErrorKind::UnexpectedEof, "The stream ended in the handshake"),
        );
    }
}

#[test]
fn a_broken_stream_at_any_place_of_the_handshake_is_the_error_of_open() {
    for said in 0..WELCOME.len() {
        let run = run!();
        let trial = Trial::new(&run, &[&WELCOME[..said]]);
        trial.peer.breaks(ErrorKind::ConnectionReset);
        trial.refuses(
            ErrorKind::ConnectionReset,
            "The stream broke in the handshake",
        );
    }
    let run = run!();
    let trial = Trial::new(&run, &[WELCOME]);
    trial.peer.refuses(ErrorKind::BrokenPipe);
    trial.refuses(ErrorKind::BrokenPipe, "The stream refused the name");
}

#[test]
fn bytes_behind_the_welcome_belong_to_the_next_line() {
    let all = b"name?\nwelcome\n42\n";
    for cut in GREETING.len()..=all.len() {
        let run = run!();
        let trial = Trial::new(&run, &[&all[..cut], &all[cut..]]);
        let mut session = trial.session();
        if !matches!(trial.ask(&mut session, "how many?"), Some(Ok(answer)) if answer == "42") {
            run.diagnose(
                "rest-thrown-away",
                "The service said `name?`, `welcome` and `42`, and `ask` did not return `42`. A read may hold the end of one line and \
                 the beginning of the next.",
            );
        }
    }
}

#[test]
fn the_name_is_flushed_before_open_waits_for_the_verdict() {
    let run = run!();
    let trial = Trial::new(&run, &[GREETING]);
    trial.peer.gets_it_when_flushed();
    if trial.open().is_some() {
        run.departs(
            "The service said `name?` and nothing else, and `open` did not wait for its verdict.",
        );
    }
    if trial.peer.held_back() > 0 {
        run.diagnose(
            "waits-before-flush",
            format!(
                "`open` waits for the verdict, and {} bytes are still in the stream's buffer. The service has not heard the name.",
                trial.peer.held_back()
            ),
        );
    }
    trial.heard(b"ada\n");
}

#[test]
fn open_that_is_dropped_at_any_point_leaves_no_stream_behind() {
    let mut polls = 1;
    while !is_opened_within(polls) {
        polls += 1;
    }
}

#[test]
fn after_a_dropped_question_the_next_one_gets_its_own_answer() {
    let mut polls = 1;
    while !is_answered_within(polls) {
        polls += 1;
    }
}

#[test]
fn errors_of_the_stream_are_the_errors_of_ask() {
    for (breaks, right) in [
        (None, ErrorKind::UnexpectedEof),
        (Some(ErrorKind::ConnectionReset), ErrorKind::ConnectionReset),
    ] {
        let run = run!();
        let trial = Trial::new(&run, &[WELCOME]);
        let mut session = trial.session();
        trial.peer.sends(b"4");
        match breaks {
            None => trial.peer.ends(),
            Some(error) => trial.peer.breaks(error),
        }
        if !matches!(trial.ask(&mut session, "how many?"), Some(Err(error)) if error.kind() == right)
        {
            run.departs(format!(
                "The answer broke off, and `ask` should return {right:?}."
            ));
        }
    }
}

#[test]
fn every_short_script_of_the_stream_has_the_right_outcome() {
    let run = run!();
    let all = [WELCOME, b"42\n"].concat();
    for script in [Script::of_all(3), Script::of_kinds()].concat() {
        let (stream, witness) = hostile(&run, &script, &all);
        // The call whose outcome it is, and the outcome.
        let last = Cell::new("open");
        let session = async {
            let mut session = Session::open(stream, "ada").await?;
            last.set("ask");
            session.ask("how many?").await
        };
        let ended = witness.drive(pin!(session), || {});
        let right: &[u8] = b"ada\nhow many?\n";
        let opened = last.get() == "ask";
        if opened && witness.read() < WELCOME.len() {
            let words = show(&all[..witness.read()]);
            run.recorder().says("client", "open → Ok(session)");
            run.diagnose(
                "opened-half-made",
                format!("`open` returned a session when it had read {words}. A session exists only after `welcome`."),
            );
        }
        let was_cut = witness.input().len() < all.len();
        match (&ended, witness.verdict(&ended, right)) {
            // An end before the last answer is an error although no operation failed.
            (Ended::Ready(Err(error)), Some(Broken::ErrorFromNowhere))
                if was_cut && error.kind() == ErrorKind::UnexpectedEof => {}
            (Ended::Ready(Ok(_)), None) if was_cut => run.departs(format!(
                "The stream ended after {}, and `ask` returned an answer.",
                show(&witness.input())
            )),
            (Ended::Ready(Ok(answer)), None) if answer != "42" => run.departs(format!(
                "The service answered `42`, and `ask` returned {answer:?}."
            )),
            // A stream that has failed may be flushed and closed.
            (_, None | Some(Broken::CalledAfterFailure(Operation::Flush | Operation::Close))) => {}
            _ => {
                run.recorder()
                    .says("client", format!("the outcome is that of `{}`", last.get()));
                witness.judge(ended, right, name);
            }
        }
    }
}
