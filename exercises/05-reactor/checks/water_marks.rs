//! 5.8 water-marks: when to stop writing.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::subject::{Flow, Marks, WriteBuffer};
use probe::random::SIZES;
use probe::runs::{Known, Machine, Operation, Search, Step as Seen};
use probe::{Run, run, snapshot};
use probe_io::heap;

/// A buffer, and what it has told its writer.
struct Watched {
    run: Run,
    buffer: WriteBuffer,
    marks: Marks,
    paused: bool,
}

impl Watched {
    fn new(run: &Run, low: usize, high: usize) -> Watched {
        let marks = Marks { high, low };
        Watched {
            run: run.clone(),
            buffer: WriteBuffer::new(marks),
            marks,
            paused: false,
        }
    }

    #[track_caller]
    fn push(&mut self, count: usize) {
        let call = self
            .run
            .recorder()
            .enters("buffer", format!("push {count}"));
        let flow = self.buffer.push(&vec![b'.'; count]);
        call.returns(self.in_words(flow));
        self.judge(flow);
    }

    #[track_caller]
    fn written(&mut self, count: usize) {
        let call = self
            .run
            .recorder()
            .enters("buffer", format!("written {count}"));
        let flow = self.buffer.written(count);
        call.returns(self.in_words(flow));
        self.judge(flow);
    }

    #[track_caller]
    fn marks(&mut self, low: usize, high: usize) {
        self.marks = Marks { high, low };
        let call = (self.run.recorder()).enters("buffer", format!("marks {low} and {high}"));
        let flow = self.buffer.set_marks(self.marks);
        call.returns(self.in_words(flow));
        self.judge(flow);
    }

    fn in_words(&self, flow: Option<Flow>) -> String {
        let told = match flow {
            None => "",
            Some(Flow::Pause) => ", pause",
            Some(Flow::Resume) => ", resume",
        };
        format!("{} wait{told}", self.buffer.len())
    }

    /// The buffer told its writer what the marks say.
    #[track_caller]
    fn judge(&mut self, flow: Option<Flow>) {
        let (run, len, Marks { high, low }) = (self.run.clone(), self.buffer.len(), self.marks);
        let right = match self.paused {
            false if len > high => Some(Flow::Pause),
            true if len <= low => Some(Flow::Resume),
            _ => None,
        };
        match (right, flow) {
            (right, flow) if right == flow => {}
            (Some(Flow::Pause), _) => run.diagnose(
                "no-backpressure",
                format!(
                    "{len} bytes wait, more than {high}, and the buffer did not tell its writer to pause. The writer goes on, and the memory \
                     fills while the peer does not read.",
                ),
            ),
            (Some(Flow::Resume), _) if len == 0 => run.diagnose(
                "never-resumed",
                "Every byte is sent, and the buffer did not tell its writer to resume. The writer waits, and no later call will tell it.",
            ),
            (Some(Flow::Resume), _) if self.buffer.written(len) != Some(Flow::Resume) => run.diagnose(
                "never-resumed",
                format!(
                    "{len} bytes wait, the low mark is {low}, and the buffer did not tell its writer to resume; nor did it when every byte \
                     was sent. The writer stays paused.",
                ),
            ),
            (Some(Flow::Resume), _) => run.diagnose(
                "resumed-too-late",
                format!(
                    "{len} bytes wait, the low mark is {low}, and the buffer did not tell its writer to resume. The connection soon has nothing \
                     to send while the writer waits.",
                ),
            ),
            (None, Some(Flow::Pause)) if self.paused => run.diagnose(
                "told-twice",
                "The buffer told its writer to pause twice, without a resume in between.",
            ),
            (None, Some(Flow::Resume)) if !self.paused => run.diagnose(
                "told-twice",
                "The buffer told its writer to resume, and the writer was not paused.",
            ),
            (None, Some(Flow::Pause)) => run.diagnose(
                "paused-too-early",
                format!(
                    "{len} bytes wait, the high mark is {high}, and the buffer told its writer to pause. As many bytes as the high mark may \
                     wait.",
                ),
            ),
            (None, _) => run.diagnose(
                "resumed-too-early",
                format!(
                    "{len} bytes wait, the low mark is {low}, and the buffer told its writer to resume. Between the marks nothing changes: \
                     otherwise pause and resume alternate at every byte.",
                ),
            ),
        }
        match flow {
            Some(Flow::Pause) => self.paused = true,
            Some(Flow::Resume) => self.paused = false,
            None => {}
        }
    }
}

#[test]
fn bytes_are_sent_in_the_order_of_the_pushes() {
    let run = run!();
    let mut pipe = Pipe::new(&run);
    for step in 1..200_usize {
        pipe.push(step % 7);
        pipe.send(step % 5);
    }
    while !pipe.buffer.is_empty() {
        pipe.send(usize::MAX);
    }
    if pipe.put != pipe.sent {
        run.departs("The bytes that were sent are not those that were pushed, in their order.");
    }
}

/// A buffer, the bytes that were pushed, and those that were sent.
struct Pipe {
    run: Run,
    buffer: WriteBuffer,
    put: Vec<u8>,
    sent: Vec<u8>,
}

impl Pipe {
    fn new(run: &Run) -> Pipe {
        Pipe {
            run: run.clone(),
            buffer: WriteBuffer::new(Marks { high: 100, low: 10 }),
            put: Vec::new(),
            sent: Vec::new(),
        }
    }

    #[track_caller]
    fn push(&mut self, count: usize) {
        let first = self.put.len();
        let piece: Vec<u8> = (first..first + count).map(|byte| byte as u8).collect();
        let waited = self.buffer.len();
        let call = (self.run.recorder()).enters("buffer", format!("push {count}"));
        let _flow = self.buffer.push(&piece);
        let waits = self.buffer.len();
        call.returns(format!("{waits} wait"));
        self.put.extend(&piece);
        if waits < waited + count {
            self.run.diagnose(
                "bytes-refused",
                format!(
                    "{waited} bytes waited, {count} were pushed, and now {waits} wait. The buffer refuses no bytes: a pause is a message to the \
                     writer, and the marks are no limit of the buffer.",
                ),
            );
        }
        if waits > waited + count {
            self.run.departs(format!(
                "{waited} bytes waited, {count} were pushed, and `len` returns {waits}."
            ));
        }
    }

    /// Sends what is in front, and no more than `most` bytes of it.
    #[track_caller]
    fn send(&mut self, most: usize) {
        let (waits, front) = (self.buffer.len(), self.buffer.front().to_vec());
        if front.is_empty() && waits > 0 {
            self.run.departs(format!(
                "`len` returns {waits}, and `front` returned no bytes. It may return a part of them, but not an empty one."
            ));
        }
        if front.len() > waits {
            self.run.departs(format!(
                "`len` returns {waits}, and `front` returned {} bytes.",
                front.len()
            ));
        }
        let right = &self.put[self.sent.len()..];
        let wrong = front.iter().zip(right).find(|(byte, right)| byte != right);
        if let Some((byte, right)) = wrong {
            let seen = format!("front() → begins with byte {byte}    expected: byte {right}");
            self.run.recorder().says("buffer", seen);
            if byte < right {
                self.run.diagnose(
                    "written-twice",
                    format!(
                        "Byte {byte} was sent, and `front` gives it again; the next byte to be sent is byte {right}. `written` removes the \
                         oldest bytes."
                    ),
                );
            }
            self.run.departs(format!(
                "The check numbers the bytes as it pushes them. The next byte to be sent is byte {right}, and `front` begins with byte {byte}. \
                 `written` removes the oldest bytes.",
            ));
        }
        let count = front.len().min(most);
        let call = (self.run.recorder()).enters("buffer", format!("written {count}"));
        let _flow = self.buffer.written(count);
        self.sent.extend(&front[..count]);
        let left = self.buffer.len();
        call.returns(format!("{left} wait"));
        if left != waits - count {
            self.run.diagnose(
                "short-write-ignored",
                format!(
                    "{waits} bytes waited, {count} of them were sent, and now {left} wait. `written` removes exactly the bytes that were sent; \
                     the others wait on.",
                ),
            );
        }
    }
}

#[test]
fn sent_bytes_take_no_memory() {
    let run = run!();
    let mut buffer = WriteBuffer::new(Marks { high: 100, low: 10 });
    let before = heap::in_use();
    // A few bytes always wait, so it is never empty.
    let _flow = buffer.push(&[b'.'; 50]);
    for _ in 0..10_000 {
        let _flow = buffer.push(&[b'.'; 50]);
        let mut left = 50;
        while left > 0 {
            let count = buffer.front().len().min(left);
            let _flow = buffer.written(count);
            left -= count;
            if count == 0 {
                run.departs("Bytes wait, and `front` returned none.");
            }
        }
    }
    let held = heap::in_use() - before;
    // A right answer may remove the sent bytes only now and then, and keep some of them for a while.
    if held > 250_000 {
        (run.recorder()).says(
            "buffer",
            format!("500000 bytes were sent, and {} wait", buffer.len()),
        );
        (run.recorder()).says("memory", format!("{held} bytes are in use"));
        run.diagnose(
            "never-freed",
            format!(
                "500,000 bytes were pushed and sent, {} wait, and {held} bytes of memory are in use: the sent bytes are still in memory. \
                 A connection may live for months.",
                buffer.len(),
            ),
        );
    }
}

#[test]
fn more_bytes_than_the_high_mark_pause_the_writer() {
    let run = run!("pause");
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(6);
    watched.push(4);
    watched.push(1);
    snapshot!(run);
}

#[test]
fn a_paused_writer_is_not_paused_again() {
    let run = run!();
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(20);
    watched.push(20);
    watched.push(0);
    watched.written(5);
}

#[test]
fn the_low_mark_resumes_the_writer() {
    let run = run!("resume");
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(12);
    watched.written(3);
    watched.written(6);
    watched.written(1);
    watched.written(2);
    snapshot!(run);
}

#[test]
fn a_writer_that_is_not_paused_is_not_resumed() {
    let run = run!();
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(10);
    watched.written(9);
    watched.written(1);
}

#[test]
fn pause_and_resume_alternate() {
    let run = run!("again");
    let mut watched = Watched::new(&run, 2, 10);
    for _ in 0..2 {
        watched.push(11);
        watched.written(11);
    }
    snapshot!(run);
}

#[test]
fn a_low_mark_of_zero_resumes_when_every_byte_is_sent() {
    let run = run!();
    let mut watched = Watched::new(&run, 0, 4);
    watched.push(5);
    watched.written(4);
    watched.written(1);
}

#[test]
fn with_both_marks_at_zero_one_waiting_byte_pauses() {
    let run = run!();
    let mut watched = Watched::new(&run, 0, 0);
    watched.push(0);
    watched.push(1);
    watched.written(1);
}

#[test]
fn a_piece_that_is_larger_than_the_mark_is_taken_whole() {
    let run = run!();
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(1_000);
    if watched.buffer.len() != 1_000 {
        run.departs(format!(
            "1,000 bytes were pushed, and {} wait. The buffer refuses no bytes: the marks are for the writer.",
            watched.buffer.len()
        ));
    }
    watched.written(998);
}

#[test]
fn new_marks_hold_at_once() {
    let run = run!();
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(8);
    watched.marks(1, 5);
    watched.marks(20, 30);
    watched.marks(0, 7);
}

#[test]
fn in_any_order_of_calls_the_marks_hold() {
    let run = run!();
    let mut watched = Watched::new(&Run::unnamed(), 5, 40);
    watched.run = run;
    let mut random = 12_345_u64;
    for _ in 0..400 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let dice = (random >> 40) as usize;
        if dice.is_multiple_of(2) {
            watched.push(dice / 2 % 20);
        } else {
            let waits = watched.buffer.front().len();
            watched.written(waits.min(dice / 2 % 25));
        }
    }
}

/// One call of the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Push(usize),
    Written(usize),
    Everything,
    Set(Marks),
}

const fn set(low: usize, high: usize) -> Move {
    Move::Set(Marks { high, low })
}

const MOVES: [Move; 11] = [
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

fn flow(flow: Option<Flow>) -> &'static str {
    match flow {
        None => "None",
        Some(Flow::Pause) => "Pause",
        Some(Flow::Resume) => "Resume",
    }
}

/// The buffer under test, and the bytes that have to be in it.
struct Yours {
    buffer: WriteBuffer,
    waits: VecDeque<u8>,
    next: u8,
}

/// The contract: the bytes, the marks, and whether the writer was told to pause.
struct Contract {
    waits: usize,
    marks: Marks,
    paused: bool,
}

const START: Marks = Marks { high: 3, low: 1 };

impl Yours {
    fn new() -> Yours {
        Yours {
            buffer: WriteBuffer::new(START),
            waits: VecDeque::new(),
            next: 0,
        }
    }

    fn written(&mut self, count: usize) -> Option<Flow> {
        self.waits.drain(..count);
        self.buffer.written(count)
    }

    fn front(&self) -> &'static str {
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
    fn new() -> Contract {
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

const SEED: u64 = 0x0508;

const KNOWN: &[Known<Move>] = &[
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

#[test]
fn every_short_run_of_calls_keeps_the_marks_and_the_bytes() {
    Search::of(&MOVES)
        .up_to(3)
        .and_random(100, 30, SEED)
        .naming(KNOWN)
        .compare(&run!(), Yours::new, Contract::new);
}

#[test]
fn the_marks_hold_for_large_numbers_of_bytes() {
    for size in SIZES.into_iter().filter(|size| *size > 1) {
        let run = run!();
        let mut watched = Watched::new(&run, 1, size - 1);
        watched.push(size - 1);
        watched.push(1);
        watched.written(size - 2);
        watched.written(1);
    }
}
