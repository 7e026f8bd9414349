//! 5.11 half-made: an error at the wrong call.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::task::Poll;

use super::subject::Session;
use probe::{Run, run, snapshot};
use probe_futures::{Sim, poller};
use probe_io::hostile::{Broken, Ended, Operation, Script, hostile};
use probe_io::stream::{End, show};
use probe_io::{Peer, Stream, stream};

const GREETING: &[u8] = b"name?\n";
const WELCOME: &[u8] = b"name?\nwelcome\n";
const REFUSAL: &[u8] = b"name?\nno\n";

/// A client, and the service whose part the check plays.
struct Trial {
    run: Run,
    sim: Sim,
    stream: Cell<Option<Stream>>,
    peer: Peer,
    /// What the service sends, one piece a millisecond.
    pieces: Vec<Vec<u8>>,
}

impl Trial {
    fn new(run: &Run, pieces: &[&[u8]]) -> Trial {
        let sim = Sim::new(run);
        let (stream, peer) = stream(run, &sim);
        peer.bounds_reads_of_the_end();
        for piece in pieces {
            peer.sends(piece);
        }
        Trial {
            run: run.clone(),
            sim,
            stream: Cell::new(Some(stream)),
            peer,
            pieces: pieces.iter().map(|piece| piece.to_vec()).collect(),
        }
    }

    /// What the service has sent so far.
    fn said(&self) -> Vec<u8> {
        let pieces = usize::try_from(self.sim.now().as_millis()).unwrap();
        self.pieces[..pieces.min(self.pieces.len())].concat()
    }

    /// `open`, watched at each of its polls.
    fn opening(&self) -> impl Future<Output = io::Result<Session<Stream>>> {
        let stream = self.stream.take().expect("one session a trial");
        async move {
            let mut open = pin!(Session::open(stream, "ada"));
            poll_fn(|context| {
                let polled = open.as_mut().poll(context);
                self.judge(&polled);
                polled
            })
            .await
        }
    }

    fn judge(&self, polled: &Poll<io::Result<Session<Stream>>>) {
        let (said, heard) = (self.said(), self.peer.received());
        if !heard.is_empty() && !said.contains(&b'\n') {
            self.recorder_says_heard(&heard);
            self.run.diagnose(
                "spoke-before-greeting",
                format!(
                    "`open` sent {} before the service had said `name?`. The service speaks first.",
                    show(&heard)
                ),
            );
        }
        let Poll::Ready(Ok(_)) = polled else { return };
        self.run.recorder().says("client", "open → Ok(session)");
        let words = match said.len() {
            0 => "nothing yet".to_owned(),
            _ => show(&said),
        };
        if said.starts_with(REFUSAL) {
            self.run.diagnose(
                "opened-though-refused",
                "The service had said `no`, and `open` returned a session. The error of a handshake is the error of `open`.",
            );
        }
        if WELCOME.starts_with(&said) && said != WELCOME {
            self.run.diagnose(
                "opened-half-made",
                format!(
                    "`open` returned a session when the service had said {words}. A session exists only after `welcome`."
                ),
            );
        }
        if !said.starts_with(WELCOME) {
            self.run.departs(format!(
                "The service said {words}, and `open` returned a session."
            ));
        }
    }

    fn recorder_says_heard(&self, heard: &[u8]) {
        (self.run.recorder()).says("peer", format!("has heard {}", show(heard)));
    }

    /// The outcome of `open`; `None` if it waits and nothing will wake it.
    fn open(&self) -> Option<io::Result<Session<Stream>>> {
        let outcome = self.sim.run("client", pin!(self.opening())).ok();
        match &outcome {
            None => (self.run.recorder()).says("client", "open waits, and nothing else will come"),
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                (self.run.recorder()).says("client", format!("open → Err({:?})", error.kind()));
            }
        }
        outcome
    }

    /// The session that `open` has to return after this script.
    #[track_caller]
    fn session(&self) -> Session<Stream> {
        match self.open() {
            Some(Ok(session)) => session,
            Some(Err(error)) => self.run.departs(format!(
                "The service said `name?` and `welcome`, and `open` returned the error {:?}.",
                error.kind()
            )),
            None => self
                .run
                .departs("The service said `name?` and `welcome`, and `open` still waits."),
        }
    }

    /// `open` has to return this error.
    #[track_caller]
    fn refuses(&self, right: ErrorKind, because: &str) {
        match self.open() {
            Some(Err(error)) if error.kind() == right => {}
            Some(Err(error)) => self.run.departs(format!(
                "{because}, and `open` returned {:?}. It should be {right:?}.",
                error.kind()
            )),
            Some(Ok(_)) => self
                .run
                .departs(format!("{because}, and `open` returned a session.")),
            None => self
                .run
                .departs(format!("{because}, and `open` still waits.")),
        }
    }

    /// The outcome of a question; `None` if it waits and nothing will wake it.
    fn ask(&self, session: &mut Session<Stream>, question: &str) -> Option<io::Result<String>> {
        let outcome = self.sim.run("client", pin!(session.ask(question))).ok();
        let text = match &outcome {
            None => "waits, and nothing else will come".to_owned(),
            Some(Ok(answer)) => format!("→ {answer:?}"),
            Some(Err(error)) => format!("→ Err({:?})", error.kind()),
        };
        (self.run.recorder()).says("client", format!("ask {question:?} {text}"));
        outcome
    }

    /// What has reached the service has to be this.
    #[track_caller]
    fn heard(&self, right: &[u8]) {
        let heard = self.peer.received();
        if heard != right {
            self.recorder_says_heard(&heard);
            self.run.departs(format!(
                "The service has heard {}. It should have heard {}.",
                show(&heard),
                show(right)
            ));
        }
    }
}

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
        let pieces: Vec<&[u8]> = pieces
            .into_iter()
            .filter(|piece| !piece.is_empty())
            .collect();
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
        let text = &WELCOME[..said];
        let trial = Trial::new(
            &run,
            if said == 0 {
                &[]
            } else {
                std::slice::from_ref(&text)
            },
        );
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
        let text = &WELCOME[..said];
        let trial = Trial::new(
            &run,
            if said == 0 {
                &[]
            } else {
                std::slice::from_ref(&text)
            },
        );
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
        let pieces = [&all[..cut], &all[cut..]];
        let pieces: Vec<&[u8]> = pieces
            .into_iter()
            .filter(|piece| !piece.is_empty())
            .collect();
        let trial = Trial::new(&run, &pieces);
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

/// Drops `open` after `polls` polls, unless it is ready before.
fn is_opened_within(polls: usize) -> bool {
    let run = run!();
    let trial = Trial::new(&run, &WELCOME.chunks(1).collect::<Vec<_>>());
    trial.peer.takes(1);
    let task = poller(run.recorder(), "client");
    {
        let mut open = pin!(trial.opening());
        for _ in 0..polls {
            if task.poll(open.as_mut()).is_ready() {
                return true;
            }
            if !trial.sim.advance() {
                run.departs("The service said `name?` and `welcome`, and `open` still waits.");
            }
        }
    }
    run.recorder().says("client", "open is dropped");
    if trial.peer.sees_the_end() == End::Open {
        run.departs("The future of `open` was dropped, and the stream is still open.");
    }
    false
}

/// The service, which answers each question with the same words.
struct Service<'a> {
    trial: &'a Trial,
    answered: usize,
}

impl Service<'_> {
    /// Answers the questions that have come since the last call, byte by byte.
    fn answers(&mut self) {
        let heard = self.trial.peer.received();
        let lines = heard.split_inclusive(|byte| *byte == b'\n').skip(1);
        let questions: Vec<_> = lines.filter(|line| line.ends_with(b"\n")).collect();
        for question in &questions[self.answered..] {
            self.trial
                .peer
                .sends_byte_by_byte(&[b"re ", *question].concat());
        }
        self.answered = questions.len();
    }

    /// Polls a question at most `times` times.
    fn polls(
        &mut self,
        session: &mut Session<Stream>,
        question: &str,
        times: usize,
    ) -> Option<io::Result<String>> {
        let task = poller(self.trial.run.recorder(), "client");
        let mut ask = pin!(session.ask(question));
        for _ in 0..times {
            if let Poll::Ready(outcome) = task.poll(ask.as_mut()) {
                return Some(outcome);
            }
            self.answers();
            if !self.trial.sim.advance() {
                return None;
            }
        }
        None
    }
}

#[test]
fn after_a_dropped_question_the_next_one_gets_its_own_answer() {
    let mut polls = 1;
    while !is_answered_within(polls) {
        polls += 1;
    }
}

/// Drops a question after `polls` polls, unless it is answered before, and asks another one.
fn is_answered_within(polls: usize) -> bool {
    let run = run!();
    let trial = Trial::new(&run, &[GREETING, b"welcome\n"]);
    let mut session = trial.session();
    trial.peer.takes(1);
    let mut service = Service {
        trial: &trial,
        answered: 0,
    };
    if service.polls(&mut session, "one", polls).is_some() {
        return true;
    }
    run.recorder().says("client", "ask \"one\" is dropped");
    let answer = service.polls(&mut session, "two", 1_000);
    let text = match &answer {
        None => "waits, and nothing else will come".to_owned(),
        Some(Ok(answer)) => format!("→ {answer:?}"),
        Some(Err(error)) => format!("→ Err({:?})", error.kind()),
    };
    run.recorder().says("client", format!("ask \"two\" {text}"));
    match answer {
        Some(Ok(answer)) if answer == "re two" => false,
        Some(Ok(answer)) if answer == "re one" => run.diagnose(
            "stale-answer",
            "`ask(\"one\")` was dropped, and `ask(\"two\")` returned `re one`, the answer to the first question.",
        ),
        _ => {
            trial.recorder_says_heard(&trial.peer.received());
            run.diagnose(
                "lost-on-cancel",
                "`ask(\"one\")` was dropped, and `ask(\"two\")` did not return `re two`. A dropped `ask` leaves no half line behind, neither \
                 in the stream nor in its future.",
            );
        }
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
    for script in Script::of_all(3) {
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

fn name(broken: Broken) -> Option<&'static str> {
    match broken {
        Broken::ErrorHidden(_) => Some("error-swallowed"),
        Broken::CalledAfterFailure(_) => Some("called-after-failure"),
        Broken::Spins => Some("spins-at-the-end"),
        _ => None,
    }
}
