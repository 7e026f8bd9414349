//! Short runs: what a peer, the application and the clock can do, on a server with a limit of 4 bytes.

use std::borrow::Cow;
use std::time::Duration;

use event_loop::Time;
use probe::panics;
use probe::runs::{Machine, Operation, Step};
use world::sans_io::frame::{Frame, FrameReader, FrameWriter, Message, Opcode, Role};

use super::core::Core;
use super::end::{CLIENT, at, close, part, settings, show, whole};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Move {
    Arrives(usize),
    /// The first byte of a ping. The rest comes with what arrives next.
    ByteArrives,
    StreamEnds,
    TimesOut,
    /// A call of `handle_timeout` although nothing is due.
    CallsEarly,
    Waits,
    Sends,
    Closes,
}

const FRAMES: usize = 10;

fn frame(number: usize) -> Frame {
    match number {
        0 => whole(Opcode::Text, "é"),
        1 => part(Opcode::Text, &"é".as_bytes()[..1]),
        2 => whole(Opcode::Continuation, &"é".as_bytes()[1..]),
        3 => part(Opcode::Continuation, [0; 3]),
        4 => whole(Opcode::Binary, [1, 2, 3]),
        5 => whole(Opcode::Ping, "p"),
        6 => whole(Opcode::Pong, ""),
        7 => close(1000),
        8 => whole(Opcode::Close, ""),
        _ => close(1005),
    }
}

pub(super) fn alphabet() -> Vec<Move> {
    let mut moves: Vec<Move> = (0..FRAMES).map(Move::Arrives).collect();
    moves.extend([
        Move::ByteArrives,
        Move::StreamEnds,
        Move::TimesOut,
        Move::CallsEarly,
        Move::Waits,
        Move::Sends,
        Move::Closes,
    ]);
    moves
}

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Arrives(_) | Move::ByteArrives | Move::StreamEnds => "peer".into(),
            Move::TimesOut | Move::CallsEarly | Move::Waits => "clock".into(),
            Move::Sends | Move::Closes => "application".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Arrives(number) => format!("sends {}", show(&frame(*number))).into(),
            Move::ByteArrives => "sends the first byte of a ping".into(),
            Move::StreamEnds => "ends the stream".into(),
            Move::TimesOut => "handle_timeout(deadline)".into(),
            Move::CallsEarly => "handle_timeout(now)".into(),
            Move::Waits => "7 s pass".into(),
            Move::Sends => "send(\"hi\")".into(),
            Move::Closes => "close(1001)".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Arrives(number) => format!("{} arrived", show(&frame(*number))).into(),
            Move::ByteArrives => "the first byte of a ping arrived".into(),
            Move::StreamEnds => "the stream ended".into(),
            Move::TimesOut => "the deadline passed".into(),
            Move::CallsEarly => "`handle_timeout` was called before the deadline".into(),
            Move::Waits => "7 s passed".into(),
            Move::Sends => "a message was sent".into(),
            Move::Closes => "`close` was called".into(),
        }
    }
}

/// A connection that is driven step by step.
pub(super) struct Driver<C> {
    core: C,
    now: Time,
    peer: FrameWriter,
    reader: FrameReader,
    /// What is left of a frame whose first byte has arrived.
    held: Vec<u8>,
}

impl<C: Core> Driver<C> {
    pub(super) fn new() -> Driver<C> {
        Driver {
            core: C::new(settings(Role::Server, 4), at(0)),
            now: at(0),
            peer: FrameWriter::new(CLIENT),
            reader: FrameReader::new(CLIENT, usize::MAX),
            held: Vec::new(),
        }
    }

    fn read(&mut self, frame: &Frame, upto: usize) {
        let mut bytes = std::mem::take(&mut self.held);
        self.peer.write(frame, &mut bytes);
        self.held = bytes.split_off(upto.min(bytes.len()));
        self.core.receive(self.now, &bytes);
    }

    fn carry_out(&mut self, step: &Move) -> Option<Option<&'static str>> {
        match step {
            Move::Arrives(number) => self.read(&frame(*number), usize::MAX),
            Move::ByteArrives if !self.held.is_empty() => return None,
            Move::ByteArrives => self.read(&whole(Opcode::Ping, "q"), 1),
            Move::StreamEnds => self.core.receive_end(),
            Move::TimesOut => {
                // Where there is no deadline, the call has to do nothing.
                self.now = self.core.deadline().unwrap_or(self.now).max(self.now);
                self.core.handle_timeout(self.now);
            }
            Move::CallsEarly if self.core.deadline().is_some_and(|due| due <= self.now) => {
                return None;
            }
            Move::CallsEarly => self.core.handle_timeout(self.now),
            Move::Waits => self.now = self.now + Duration::from_secs(7),
            Move::Sends => {
                let sent = self.core.send(Message::Text("hi".to_owned()));
                return Some(Some(sent.map_or("NotOpen", |()| "Ok")));
            }
            Move::Closes => self.core.close(self.now, 1001),
        }
        Some(None)
    }

    fn step(&mut self, result: Option<&str>) -> Step {
        let mut seen: Vec<String> = result.map(str::to_owned).into_iter().collect();
        let mut left = 10;
        while let Some(event) = self.core.next_event().filter(|_| left > 0) {
            left -= 1;
            seen.push(format!("{event:?}"));
        }
        self.reader.push(&self.core.take_output());
        loop {
            match self.reader.next() {
                Ok(None) => break,
                Ok(Some(frame)) => seen.push(format!("sends {}", show(&frame))),
                Err(_) => {
                    seen.push("sends what is no frame".to_owned());
                    break;
                }
            }
        }
        let deadline = match self.core.deadline() {
            None => "none".to_owned(),
            Some(deadline) => format!("at {deadline}"),
        };
        let over = if self.core.is_over() {
            "is over"
        } else {
            "is not over"
        };
        let seen = if seen.is_empty() {
            "nothing".to_owned()
        } else {
            seen.join(", ")
        };
        Step::of(seen)
            .fact("deadline", deadline)
            .fact("connection", over)
    }
}

impl<C: Core> Machine for Driver<C> {
    type Operation = Move;

    fn apply(&mut self, step: &Move) -> Option<Step> {
        let applied = panics::expected(|| {
            let result = self.carry_out(step)?;
            Some(self.step(result))
        });
        applied.unwrap_or_else(|_| Some(Step::panicked()))
    }

    fn end(self) -> Step {
        Step::of("dropped")
    }
}
