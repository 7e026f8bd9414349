//! Every short run of a connection, and of the reference.

use std::borrow::Cow;

use super::connections::{Connection, expected, yours};
use probe::Run;
use probe::runs::{Difference, Known, Machine, Operation, Search, Step as Seen};

impl Connection {
    fn seen(&self) -> Seen {
        let state = match (&self.serving, self.failed) {
            (Some(_), _) => "open",
            (None, false) => "ended",
            (None, true) => "ended with an error",
        };
        Seen::of(format!("{state}, {} answers", self.answers()))
    }
}

/// What can happen.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    Request,
    Half,
    Rest,
    Ready,
    Closing,
    Silence,
    End,
}

const ALPHABET: [Step; 7] = [
    Step::Request,
    Step::Closing,
    Step::Ready,
    Step::Half,
    Step::Rest,
    Step::Silence,
    Step::End,
];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::Request | Step::Half | Step::Rest | Step::End => "client".into(),
            Step::Ready => "handler".into(),
            Step::Closing => "server".into(),
            Step::Silence => "clock".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Request => "sends a request".into(),
            Step::Half => "sends half a head".into(),
            Step::Rest => "sends the other half".into(),
            Step::End => "ends".into(),
            Step::Ready => "has the answer".into(),
            Step::Closing => "is told to finish".into(),
            Step::Silence => "shows half a minute more".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Request => "the client sent a request".into(),
            Step::Half => "the client sent half a head".into(),
            Step::Rest => "the client sent the other half".into(),
            Step::End => "the client ended the connection".into(),
            Step::Ready => "the handler had the answer".into(),
            Step::Closing => "the server was told to finish".into(),
            Step::Silence => "half a minute passed".into(),
        }
    }
}

impl Machine for Connection {
    type Operation = Step;

    fn apply(&mut self, step: &Step) -> Option<Seen> {
        match step {
            Step::Request => self.peer.sends_quietly(b"GET / HTTP/1.1\r\n\r\n"),
            Step::Half => self.peer.sends_quietly(b"GET / HT"),
            Step::Rest => self.peer.sends_quietly(b"TP/1.1\r\n\r\n"),
            Step::End => self.peer.ends(),
            Step::Ready => self.answer_is_ready(),
            Step::Closing => self.closing(),
            Step::Silence => self.passes(30_001),
        }
        self.passes(1);
        Some(self.seen())
    }

    fn end(self) -> Seen {
        self.seen()
    }
}

static KNOWN: [Known<Step>; 1] = [Known {
    mistake: "error-swallowed",
    sentence: "hyper returned an error, and your future returned `Ok`.",
    shows: |difference: &Difference<Step>| {
        let (yours, expected) = (difference.your_step(), difference.expected_step());
        expected.outcome() == yours.outcome().replacen("ended", "ended with an error", 1)
            && !yours.outcome().contains("error")
    },
}];

/// Every short run of your connection and of the reference.
pub(super) fn compared(run: &Run) {
    let quiet = Run::unnamed();
    let search = Search::of(&ALPHABET)
        .up_to(3)
        .and_random(300, 8, 16)
        .naming(&KNOWN);
    let begun = |serve: fn(_, _, _, _) -> _| {
        let mut connection = Connection::of(&quiet, serve);
        connection.first_poll();
        connection
    };
    search.compare(run, || begun(yours), || begun(expected));
}
