//! Every short run: what the kernel answers, and what the contract says to it.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, ErrorKind};

use super::super::subject::{Door, Next};
use super::server::{EMFILE, ENFILE};
use probe::runs::{Machine, Operation, Step};

/// What arrives in the kernel's queue, and the event that reports it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Move {
    Client,
    Gone(ErrorKind),
    NoDescriptors(i32),
    Broken(ErrorKind),
    Event,
}

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Event => "server".into(),
            _ => "kernel".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Client => "queues a client".into(),
            Move::Gone(kind) | Move::Broken(kind) => format!("will return {kind:?}").into(),
            Move::NoDescriptors(code) => format!("will return the error {code}").into(),
            Move::Event => "on_event".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Client => "a client arrived".into(),
            Move::Gone(kind) | Move::Broken(kind) => {
                format!("`accept` failed with {kind:?}").into()
            }
            Move::NoDescriptors(_) => "no descriptor was left".into(),
            Move::Event => "the kernel reported an event".into(),
        }
    }
}

pub(super) const MOVES: [Move; 8] = [
    Move::Client,
    Move::Event,
    Move::Gone(ErrorKind::ConnectionAborted),
    Move::Gone(ErrorKind::PermissionDenied),
    Move::NoDescriptors(EMFILE),
    Move::NoDescriptors(ENFILE),
    Move::Broken(ErrorKind::InvalidInput),
    Move::Broken(ErrorKind::NotConnected),
];

/// The kernel's queue, in which each error happens once.
#[derive(Default)]
pub(super) struct Queue {
    moves: VecDeque<Move>,
    arrived: usize,
    pub(super) attempts: usize,
}

impl Door for Queue {
    type Client = usize;

    fn accept(&mut self) -> io::Result<usize> {
        self.attempts += 1;
        assert!(self.attempts < 1_000, "`accept` is called without end");
        match self.moves.pop_front() {
            None | Some(Move::Event) => Err(ErrorKind::WouldBlock.into()),
            Some(Move::Client) => {
                self.arrived += 1;
                Ok(self.arrived)
            }
            Some(Move::Gone(kind) | Move::Broken(kind)) => Err(kind.into()),
            Some(Move::NoDescriptors(code)) => Err(io::Error::from_raw_os_error(code)),
        }
    }
}

/// A queue, and the clients that one of the two implementations has accepted.
pub(super) struct Accepting {
    pub(super) queue: Queue,
    pub(super) clients: Vec<usize>,
    pub(super) on_event: fn(&mut Queue, &mut Vec<usize>) -> io::Result<Next>,
}

/// The contract, in the words of the kernel's queue.
pub(super) fn expected(queue: &mut Queue, clients: &mut Vec<usize>) -> io::Result<Next> {
    while let Some(next) = queue.moves.pop_front() {
        match next {
            Move::Client => {
                queue.arrived += 1;
                clients.push(queue.arrived);
            }
            Move::NoDescriptors(_) => return Ok(Next::EventOrAfter(super::super::subject::PAUSE)),
            Move::Broken(kind) => return Err(kind.into()),
            Move::Gone(_) | Move::Event => {}
        }
    }
    Ok(Next::Event)
}

impl Accepting {
    fn event(&mut self) -> Step {
        self.queue.attempts = 0;
        let outcome = match (self.on_event)(&mut self.queue, &mut self.clients) {
            Ok(Next::Event) => "waits for an event".to_owned(),
            Ok(Next::EventOrAfter(_)) => "waits for an event, or for a pause".to_owned(),
            Err(error) => format!("ends with {:?}", error.kind()),
        };
        Step::of(outcome)
            .fact("server", format!("has accepted {:?}", self.clients))
            .fact(
                "kernel",
                format!("has {} in its queue", self.queue.moves.len()),
            )
    }
}

impl Machine for Accepting {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Step> {
        match operation {
            Move::Event => Some(self.event()),
            queued => {
                self.queue.moves.push_back(*queued);
                Some(Step::of(""))
            }
        }
    }

    fn end(mut self) -> Step {
        self.event()
    }
}
