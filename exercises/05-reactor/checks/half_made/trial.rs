//! A connection that is being opened, its scripted service, and the calls that a test bounds.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::task::Poll;

use super::super::subject::Session;
use probe::{Run, run};
use probe_futures::{Sim, poller};
use probe_io::hostile::Broken;
use probe_io::stream::{End, show};
use probe_io::{Peer, Stream, stream};

pub(super) const GREETING: &[u8] = b"name?\n";
pub(super) const WELCOME: &[u8] = b"name?\nwelcome\n";
const REFUSAL: &[u8] = b"name?\nno\n";

/// A client, and the service whose part the check plays.
pub(super) struct Trial {
    run: Run,
    sim: Sim,
    stream: Cell<Option<Stream>>,
    pub(super) peer: Peer,
    /// What the service sends, one piece a millisecond.
    pieces: Vec<Vec<u8>>,
}

impl Trial {
    /// The service sends these pieces, one after the other. An empty one is left out.
    pub(super) fn new(run: &Run, pieces: &[&[u8]]) -> Trial {
        let sim = Sim::new(run);
        let (stream, peer) = stream(run, &sim);
        peer.bounds_reads_of_the_end();
        let pieces: Vec<Vec<u8>> = (pieces.iter())
            .filter(|piece| !piece.is_empty())
            .map(|piece| piece.to_vec())
            .collect();
        pieces.iter().for_each(|piece| peer.sends(piece));
        Trial {
            run: run.clone(),
            sim,
            stream: Cell::new(Some(stream)),
            peer,
            pieces,
        }
    }

    /// What the service has sent so far.
    pub(super) fn said(&self) -> Vec<u8> {
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

    pub(super) fn judge(&self, polled: &Poll<io::Result<Session<Stream>>>) {
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

    pub(super) fn recorder_says_heard(&self, heard: &[u8]) {
        (self.run.recorder()).says("peer", format!("has heard {}", show(heard)));
    }

    /// The outcome of `open`; `None` if it waits and nothing will wake it.
    pub(super) fn open(&self) -> Option<io::Result<Session<Stream>>> {
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
    pub(super) fn session(&self) -> Session<Stream> {
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
    pub(super) fn refuses(&self, right: ErrorKind, because: &str) {
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
    pub(super) fn ask(
        &self,
        session: &mut Session<Stream>,
        question: &str,
    ) -> Option<io::Result<String>> {
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
    pub(super) fn heard(&self, right: &[u8]) {
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

/// Drops `open` after `polls` polls, unless it is ready before.
pub(super) fn is_opened_within(polls: usize) -> bool {
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

/// Drops a question after `polls` polls, unless it is answered before, and asks another one.
pub(super) fn is_answered_within(polls: usize) -> bool {
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

pub(super) fn name(broken: Broken) -> Option<&'static str> {
    match broken {
        Broken::ErrorHidden(_) => Some("error-swallowed"),
        Broken::EarlierWoken => Some("first-waker-only"),
        Broken::CalledAfterFailure(_) => Some("called-after-failure"),
        Broken::Spins => Some("spins-at-the-end"),
        _ => None,
    }
}
