//! Every short run: the calls, and the contract that they are compared with.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::super::subject::{Flow, Marks, WriteBuffer};
use probe::runs::{Known, Machine, Operation, Step as Seen};

/// One call of the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Push(usize),
    Written(usize),
    Everything,
    Set(Marks),
}

const fn set(low: usize, high: usize) -> Move {
    Move::Set(Marks { high, low })
}

pub(super) const MOVES: [Move; 11] = [
    Move::Push(0),
    Move::Push(1),
    Move::Push(3),
    Move::Push(100),
    Move::Written(0),
    Move::Written(1),
    Move::Written(4),
    Move::Everything,
    set(0, 0),
    set(2, 3),
    set(0, usize::MAX),
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        "buffer".into()
    }

    fn call(&self) -> Cow<'static, str> {
        match *self {
            Move::Push(count) => format!("push {count}").into(),
            Move::Written(count) => format!("written {count}").into(),
            Move::Everything => "written: every byte that waits".into(),
            Move::Set(Marks {
                high: usize::MAX,
                low,
            }) => format!("marks {low} and usize::MAX").into(),
            Move::Set(Marks { high, low }) => format!("marks {low} and {high}").into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match *self {
            Move::Push(1) => "1 byte was pushed".into(),
            Move::Push(count) => format!("{count} bytes were pushed").into(),
            Move::Written(1) => "1 byte was sent".into(),
            Move::Written(count) => format!("{count} bytes were sent").into(),
            Move::Everything => "every byte was sent".into(),
            Move::Set(_) => format!("the marks became {}", &self.call()[6..]).into(),
        }
    }
}

pub(super) fn flow(flow: Option<Flow>) -> &'static str {
    match flow {
        None => "None",
        Some(Flow::Pause) => "Pause",
        Some(Flow::Resume) => "Resume",
    }
}

/// The buffer under test, and the bytes that have to be in it.
pub(super) struct Yours {
    pub(super) buffer: WriteBuffer,
    waits: VecDeque<u8>,
    next: u8,
}

/// The contract: the bytes, the marks, and whether the writer was told to pause.
pub(super) struct Contract {
    waits: usize,
    pub(super) marks: Marks,
    pub(super) paused: bool,
}

const START: Marks = Marks { high: 3, low: 1 };

impl Yours {
    pub(super) fn new() -> Yours {
        Yours {
            buffer: WriteBuffer::new(START),
            waits: VecDeque::new(),
            next: 0,
        }
    }

    pub(super) fn written(&mut self, count: usize) -> Option<Flow> {
        self.waits.drain(..count);
        self.buffer.written(count)
    }

    pub(super) fn front(&self) -> &'static str {
        let front = self.buffer.front();
        match front.is_empty() {
            true if self.waits.is_empty() => "is empty",
            true => "is empty, although bytes wait",
            false if front.len() > self.waits.len() => "has more bytes than wait",
            false if front.iter().eq(self.waits.iter().take(front.len())) => {
                "begins with the oldest byte"
            }
            false => "has other bytes than the oldest",
        }
    }
}

impl Machine for Yours {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Seen> {
        let told = match *operation {
            Move::Push(count) => {
                let piece: Vec<u8> = (0..count)
                    .map(|place| self.next.wrapping_add(place as u8))
                    .collect();
                self.next = self.next.wrapping_add(count as u8);
                self.waits.extend(&piece);
                self.buffer.push(&piece)
            }
            Move::Written(count) if count > self.waits.len() => return None,
            Move::Written(count) => self.written(count),
            Move::Everything => self.written(self.waits.len()),
            Move::Set(marks) => self.buffer.set_marks(marks),
        };
        let step = Seen::of(flow(told)).fact("len", self.buffer.len().to_string());
        let step = step.absence("is_empty", self.buffer.is_empty().to_string());
        Some(step.absence("front", self.front()))
    }

    fn end(mut self) -> Seen {
        let mut sent = Vec::new();
        while !self.buffer.front().is_empty() && sent.len() <= self.waits.len() {
            let front = self.buffer.front().to_vec();
            let _flow = self.buffer.written(front.len());
            sent.extend(front);
        }
        let right = sent.iter().eq(&self.waits);
        Seen::of(if right {
            "the rest is sent"
        } else {
            "the rest that is sent is not the rest that was pushed"
        })
    }
}

impl Contract {
    pub(super) fn new() -> Contract {
        Contract {
            waits: 0,
            marks: START,
            paused: false,
        }
    }
}

impl Machine for Contract {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Seen> {
        match *operation {
            Move::Push(count) => self.waits += count,
            Move::Written(count) => self.waits = self.waits.checked_sub(count)?,
            Move::Everything => self.waits = 0,
            Move::Set(marks) => self.marks = marks,
        }
        let told = match self.paused {
            false if self.waits > self.marks.high => Some(Flow::Pause),
            true if self.waits <= self.marks.low => Some(Flow::Resume),
            _ => None,
        };
        self.paused ^= told.is_some();
        let step = Seen::of(flow(told)).fact("len", self.waits.to_string());
        let step = step.absence("is_empty", (self.waits == 0).to_string());
        Some(step.absence(
            "front",
            match self.waits {
                0 => "is empty",
                _ => "begins with the oldest byte",
            },
        ))
    }

    fn end(self) -> Seen {
        Seen::of("the rest is sent")
    }
}

pub(super) const SEED: u64 = 0x0508;

pub(super) const KNOWN: &[Known<Move>] = &[
    Known {
        mistake: "overflows-at-max",
        sentence: "The high mark was `usize::MAX`, which means no limit, and the call panicked.",
        shows: |difference| {
            let unlimited = difference.operations.contains(&set(0, usize::MAX));
            unlimited && difference.your_step().outcome() == "panics"
        },
    },
    Known {
        mistake: "written-twice",
        sentence: "`written` said that bytes were sent, and `front` gave bytes that are not the oldest of those that wait.",
        shows: |difference| {
            let front = |step: &Seen| step.about("front").map(str::to_owned);
            let written = difference
                .operations
                .iter()
                .any(|operation| matches!(operation, Move::Written(1..) | Move::Everything));
            let same = difference.your_step().outcome() == difference.expected_step().outcome();
            written && same && front(difference.your_step()) != front(difference.expected_step())
        },
    },
];
