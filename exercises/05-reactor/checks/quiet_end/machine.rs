//! The machine that takes the reports in, and the contract that it is compared with.

use std::io;

use super::super::subject::{Echo, Progress};
use super::moves::Move;
use super::served::World;
use probe::runs::{Machine, Step as Seen};
use probe_io::marked;

/// The echo under test, and its socket.
pub(super) struct Yours {
    pub(super) echo: Echo,
    world: World,
    arrived: Vec<u8>,
    over: bool,
}

impl Yours {
    pub(super) fn new() -> Yours {
        Yours {
            echo: Echo::new(),
            world: World::new(),
            arrived: Vec::new(),
            over: false,
        }
    }

    pub(super) fn outcome(&self, went: &io::Result<Progress>) -> String {
        let world = &self.world;
        match went {
            Ok(Progress::Waits) => "Waits".to_owned(),
            Ok(Progress::Done) if !world.unread.is_empty() => {
                format!("Done, with {} bytes unread", world.unread.len())
            }
            Ok(Progress::Done) if world.sent.len() < self.arrived.len() => {
                format!(
                    "Done, with {} bytes not sent",
                    self.arrived.len() - world.sent.len()
                )
            }
            Ok(Progress::Done) if !world.ended => "Done, before the end".to_owned(),
            Ok(Progress::Done) => "Done".to_owned(),
            Err(error) if marked::mark(error).is_none() => {
                format!("Err(a new {:?}, not the socket's)", error.kind())
            }
            Err(error) => format!("Err({:?})", error.kind()),
        }
    }
}

impl Machine for Yours {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Seen> {
        if self.over || self.world.ended && operation.arrives > 0 {
            return None;
        }
        for _ in 0..operation.arrives {
            let byte = self.arrived.len() as u8;
            self.arrived.push(byte);
            self.world.unread.push(byte);
        }
        self.world.ended |= operation.ends;
        self.world.broken |= operation.breaks;
        self.world.room += operation.room;
        self.world.interrupts += usize::from(operation.interrupts);
        self.world.calls = 0;
        let went = self.echo.on_event(&mut self.world, operation.says);
        self.over = !matches!(went, Ok(Progress::Waits));
        let sent = &self.world.sent;
        let received = match self.arrived.starts_with(sent) {
            true => format!("has received {} bytes", sent.len()),
            false => "has received other bytes than it sent".to_owned(),
        };
        Some(Seen::of(self.outcome(&went)).fact("peer", received))
    }

    fn end(self) -> Seen {
        Seen::of("dropped")
    }
}

/// The contract: every byte that arrived goes back as far as there is room, and the echo is done when all of them have.
#[derive(Default)]
pub(super) struct Contract {
    arrived: usize,
    pub(super) room: usize,
    pub(super) sent: usize,
    pub(super) ended: bool,
    over: bool,
}

impl Machine for Contract {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Seen> {
        if self.over || self.ended && operation.arrives > 0 {
            return None;
        }
        self.arrived += operation.arrives;
        self.room += operation.room;
        self.ended |= operation.ends;
        if !operation.breaks {
            let count = self.room.min(self.arrived - self.sent);
            self.sent += count;
            self.room -= count;
        }
        let done = self.ended && self.sent == self.arrived;
        self.over = done || operation.breaks;
        let outcome = match operation.breaks {
            true => "Err(ConnectionReset)",
            false if done => "Done",
            false => "Waits",
        };
        Some(Seen::of(outcome).fact("peer", format!("has received {} bytes", self.sent)))
    }

    fn end(self) -> Seen {
        Seen::of("dropped")
    }
}

pub(super) const SEED: u64 = 0x0506;
