//! A connection in a simulated world, and its client.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use super::super::subject;
use cancellation::{Source, Token};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::{Request, Response};
use probe::Run;
use probe_futures::{Gate, Key, Poller, Sim, gate, poller};
use probe_io::stream::{End, Peer, Stream, stream};
use probe_loop::Clock;

/// How an answer ends.
pub(super) const DONE: &str = "done";

/// The body of an answer.
pub(super) struct Done(Option<Bytes>);

impl Body for Done {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

pub(super) type Serving = Pin<Box<dyn Future<Output = hyper::Result<()>>>>;
type Gates = Rc<RefCell<VecDeque<Gate<()>>>>;

/// The reference, on the same world.
#[path = "../../../../solutions/16-world/src/deployment.rs"]
#[allow(dead_code, unreachable_pub, clippy::duplicate_mod)]
mod reference;

fn answers(
    gates: Gates,
) -> impl Fn(Request<Incoming>) -> Pin<Box<dyn Future<Output = Response<Done>>>> {
    move |_request| {
        let gate = gates.borrow_mut().pop_front();
        Box::pin(async move {
            if let Some(gate) = gate {
                gate.await;
            }
            Response::new(Done(Some(Bytes::from_static(DONE.as_bytes()))))
        })
    }
}

pub(super) fn yours(stream: Stream, clock: Clock, gates: Gates, closing: Token) -> Serving {
    Box::pin(subject::serve(stream, clock, answers(gates), closing))
}

pub(super) fn expected(stream: Stream, clock: Clock, gates: Gates, closing: Token) -> Serving {
    Box::pin(reference::serve(stream, clock, answers(gates), closing))
}

/// See the methods: what can happen to it.
pub(super) struct Connection {
    run: Run,
    sim: Sim,
    pub(super) peer: Peer,
    task: Poller,
    pub(super) serving: Option<Serving>,
    pub(super) failed: bool,
    polls: usize,
    polled: bool,
    /// The wakes at the last poll.
    woken: usize,
    /// Whether the order to finish has woken the task.
    told: Option<bool>,
    closing: Source,
    keys: VecDeque<Key<()>>,
}

/// How many answers can be made.
const ANSWERS: usize = 8;

impl Connection {
    /// Your connection, polled once.
    pub(super) fn new(run: &Run) -> Connection {
        let mut connection = Connection::late(run);
        connection.first_poll();
        connection
    }

    /// The same, before its first poll.
    pub(super) fn late(run: &Run) -> Connection {
        Connection::of(run, yours)
    }

    pub(super) fn of(run: &Run, serve: fn(Stream, Clock, Gates, Token) -> Serving) -> Connection {
        let sim = Sim::new(run);
        let (stream, peer) = stream(run, &sim);
        let (keys, gates): (VecDeque<_>, VecDeque<_>) = (0..ANSWERS).map(|_| gate()).unzip();
        let closing = Source::new();
        let clock = Clock::new(run, &sim);
        let serving = serve(stream, clock, Rc::new(RefCell::new(gates)), closing.token());
        Connection {
            run: run.clone(),
            // The wakes of the task are a matter of style, and not shown.
            task: poller(&probe::Recorder::default(), "connection"),
            sim,
            peer,
            serving: Some(serving),
            failed: false,
            polls: 0,
            polled: false,
            woken: 0,
            told: None,
            closing,
            keys,
        }
    }

    pub(super) fn first_poll(&mut self) {
        self.poll();
        self.runs();
    }

    fn poll(&mut self) {
        self.polled = true;
        let Some(serving) = &mut self.serving else {
            return;
        };
        self.woken = self.task.wakes();
        self.polls += 1;
        if self.polls > 10_000 {
            self.run.diagnose(
                "busy-poll",
                "The future was woken 10,000 times, and nothing had happened in between.",
            );
        }
        if let Poll::Ready(ended) = self.task.poll(serving.as_mut()) {
            self.serving = None;
            self.failed = ended.is_err();
            let how = if ended.is_ok() {
                "ends"
            } else {
                "ends with an error"
            };
            self.run.recorder().says("server", how);
        }
    }

    /// Polls as long as the task is woken.
    fn runs(&mut self) {
        while self.polled && self.serving.is_some() && self.task.wakes() != self.woken {
            self.poll();
        }
        self.polls = 0;
    }

    /// A request arrives in the next millisecond.
    pub(super) fn requests(&mut self, path: &str) {
        self.peer
            .sends(format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes());
    }

    pub(super) fn client_ends(&mut self) {
        self.peer.ends();
    }

    pub(super) fn reads_slowly(&mut self) {
        self.peer.takes(10);
    }

    /// What is on its way arrives, and the task does not run yet.
    pub(super) fn arrives(&mut self) {
        self.sim
            .advance_to(self.sim.now() + Duration::from_millis(1));
    }

    /// The clock goes on, event by event.
    pub(super) fn passes(&mut self, millis: u64) {
        let end = self.sim.now() + Duration::from_millis(millis);
        self.runs();
        while let Some(next) = self.sim.next_event().filter(|next| *next <= end) {
            self.sim.advance_to(next);
            self.runs();
        }
        self.sim.advance_to(end);
        self.runs();
    }

    /// The answer that is being made is ready.
    pub(super) fn answer_is_ready(&mut self) {
        if let Some(key) = self.keys.pop_front() {
            self.run.recorder().says("handler", "has the answer");
            key.open(());
        }
        self.runs();
    }

    /// The order to finish.
    pub(super) fn closing(&mut self) {
        self.run.recorder().says("server", "is told to finish");
        let before = self.task.wakes();
        self.closing.cancel();
        self.told = Some(!self.polled || self.task.wakes() > before);
        self.runs();
    }

    pub(super) fn heard(&self) -> String {
        String::from_utf8_lossy(&self.peer.received()).into_owned()
    }

    pub(super) fn answers(&self) -> usize {
        self.heard().matches(&format!("\r\n\r\n{DONE}")).count()
    }

    pub(super) fn answer_was_dropped(&self) -> bool {
        self.keys.front().is_some_and(Key::is_gone)
    }

    pub(super) fn is_open(&self) {
        if self.serving.is_none() {
            self.run.diagnose(
                "keep-alive-given-up",
                "The connection has ended, and neither did the client end it nor was the server told to finish.",
            );
        }
    }

    pub(super) fn has(&self, answers: usize, sentence: &str) {
        self.run
            .recorder()
            .says("client", format!("answers received: {}", self.answers()));
        let heard = self.heard();
        let statuses = heard.lines().filter(|line| line.starts_with("HTTP/1.1 "));
        if let Some(other) = statuses.into_iter().find(|line| *line != "HTTP/1.1 200 OK") {
            self.run.diagnose(
                "answer-replaced",
                format!("{sentence} `answer` made a response with the status 200, and the client received {other:?}."),
            );
        }
        if self.answers() != answers {
            self.run.diagnose(
                "request-cut-off",
                format!("{sentence} The client received {} answers.", self.answers()),
            );
        }
    }

    pub(super) fn is_over(&self, sentence: &str) {
        if self.serving.is_some() {
            self.run.departs(sentence);
        }
    }

    pub(super) fn has_ended(&self, mistake: &str, sentence: &str) {
        if self.serving.is_some() || self.peer.sees_the_end() == End::Open {
            self.run.recorder().lacks("server", "has not ended");
            if self.told == Some(false) {
                self.run.diagnose(
                    "never-registered",
                    "The server was told to finish, and the task of the connection was not woken: `closing` has no waker of it.",
                );
            }
            self.run.diagnose(mistake, sentence);
        }
    }
}
