//! Every short run of the two limits.

use std::borrow::Cow;
use std::future::Future;
use std::io::ErrorKind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use cancellation::Source;
use echo_server::figures::{Figures, Tally};
use probe::runs::{Machine, Operation, Step};
use probe_futures::{Poller, Sim};
use probe_io::Peer;
use probe_io::stream::{End as Wire, show};

/// What can happen to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Sends,
    Ends,
    Breaks,
    StopsTaking,
    TakesAgain,
    Order,
    Passes(u64),
}

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Order => "server".into(),
            Move::Passes(_) => "clock".into(),
            _ => "peer".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Sends => "sends \"hello world\"".into(),
            Move::Ends => "ends".into(),
            Move::Breaks => "breaks: ConnectionReset".into(),
            Move::StopsTaking => "takes no more bytes".into(),
            Move::TakesAgain => "takes bytes again".into(),
            Move::Order => "is told to finish".into(),
            Move::Passes(seconds) => format!("{seconds} s pass").into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Sends => "the peer sent 11 bytes".into(),
            Move::Ends => "the peer sent its end".into(),
            Move::Breaks => "the connection broke".into(),
            Move::StopsTaking => "the peer stopped taking bytes".into(),
            Move::TakesAgain => "the peer took bytes again".into(),
            Move::Order => "the server was told to finish".into(),
            Move::Passes(seconds) => format!("{seconds} s passed").into(),
        }
    }
}

pub(super) const MOVES: [Move; 8] = [
    Move::Sends,
    Move::Ends,
    Move::Breaks,
    Move::StopsTaking,
    Move::TakesAgain,
    Move::Order,
    Move::Passes(7),
    Move::Passes(14),
];

/// One connection, and how it has ended.
pub(super) struct Served {
    pub(super) sim: Sim,
    pub(super) peer: Peer,
    pub(super) drain: Source,
    pub(super) tally: Rc<Tally>,
    pub(super) task: Poller,
    pub(super) life: Option<Pin<Box<dyn Future<Output = String>>>>,
    pub(super) end: Option<String>,
    pub(super) sent_its_end: bool,
}

impl Served {
    pub(super) fn poll(&mut self) {
        let Some(life) = &mut self.life else {
            return;
        };
        if let Poll::Ready(end) = self.task.poll(life.as_mut()) {
            self.end = Some(end);
            self.life = None;
        }
    }

    /// Lets this time pass. Polls the connection whenever it is woken.
    fn pass(&mut self, time: Duration) {
        let until = self.sim.now() + time;
        let mut polled = 0;
        for _ in 0..1_000 {
            let wakes = self.task.wakes();
            if wakes > polled {
                polled = wakes;
                self.poll();
            } else if self.sim.next_event().is_some_and(|next| next <= until) {
                self.sim.advance();
            } else {
                break;
            }
        }
        self.sim.advance_to(until);
    }

    fn step(&self) -> Step {
        let outcome = self.end.clone().unwrap_or_else(|| "still open".to_owned());
        let Figures {
            bytes_in,
            bytes_out,
            ..
        } = self.tally.figures();
        let wire = match self.peer.sees_the_end() {
            Wire::Closed => "sees the end",
            Wire::Dropped => "sees the connection dropped",
            Wire::Open => "sees no end",
        };
        let received = show(&self.peer.received());
        Step::of(outcome)
            .fact("peer", format!("has received {received}, {wire}"))
            .fact(
                "figures",
                format!("{bytes_in} bytes in, {bytes_out} bytes out"),
            )
    }
}

impl Machine for Served {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Step> {
        self.life.as_ref()?;
        let sends = matches!(operation, Move::Sends | Move::Ends | Move::Breaks);
        if sends && self.sent_its_end {
            return None;
        }
        self.sent_its_end |= matches!(operation, Move::Ends | Move::Breaks);
        let mut time = Duration::from_millis(1);
        match operation {
            Move::Sends => self.peer.sends(b"hello world"),
            Move::Ends => self.peer.ends(),
            Move::Breaks => self.peer.breaks(ErrorKind::ConnectionReset),
            Move::StopsTaking => self.peer.stops_taking(),
            Move::TakesAgain => self.peer.takes_again(),
            Move::Order => drop(self.drain.cancel()),
            Move::Passes(seconds) => time = Duration::from_secs(*seconds),
        }
        self.pass(time);
        Some(self.step())
    }

    fn end(mut self) -> Step {
        self.pass(Duration::from_secs(100));
        self.step()
    }
}
