//! Every short run of pushes. The function reads into buffers of different sizes, and ends after nine bytes or at the
//! second end.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Read;
use std::rc::Rc;

use super::super::subject::{Progress, PushParser};
use probe::runs::{Difference, Known, Machine, Operation, Step as Seen};

/// The sizes of the function's buffers, again and again.
const SIZES: [usize; 4] = [2, 4, 0, 1];
const MOST: usize = 9;

/// What can happen.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    Push(usize),
    Finish,
}

pub(super) const ALPHABET: [Step; 5] = [
    Step::Push(1),
    Step::Push(0),
    Step::Push(3),
    Step::Push(8),
    Step::Finish,
];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        "parser".into()
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Push(bytes) => format!("push({bytes} bytes)").into(),
            Step::Finish => "finish()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Push(1) => "1 byte was pushed".into(),
            Step::Push(bytes) => format!("{bytes} bytes were pushed").into(),
            Step::Finish => "the input was finished".into(),
        }
    }
}

pub(super) const KNOWN: [Known<Step>; 1] = [Known {
    mistake: "unread-not-counted",
    sentence: "The function returned in this push, and `unread` is another number than that of the bytes of this push which it has not read.",
    shows: |difference: &Difference<Step>| {
        let (yours, expected) = (difference.your_step(), difference.expected_step());
        yours.about("function") == expected.about("function")
            && yours.about("unread") != expected.about("unread")
    },
}];

type Log = Rc<RefCell<Vec<String>>>;

/// The bytes of a push: they go on counting.
fn bytes(from: u8, count: usize) -> Vec<u8> {
    (0..count).map(|number| from + number as u8).collect()
}

fn seen(outcome: &str, log: &Log, unread: Option<usize>) -> Seen {
    let mut seen = Seen::of(outcome.to_owned());
    for read in log.take() {
        seen = seen.fact("function", read);
    }
    match unread {
        Some(unread) => seen.fact("unread", format!("{unread} bytes")),
        None => seen,
    }
}

/// The learner's.
pub(super) struct Yours {
    parser: Option<PushParser<usize>>,
    log: Log,
    next: u8,
}

impl Yours {
    pub(super) fn new() -> Yours {
        let log = Log::default();
        let inside = Rc::clone(&log);
        let parser = PushParser::new(move |mut input| {
            let (mut total, mut ends) = (0, 0);
            for size in SIZES.into_iter().cycle() {
                let mut buffer = [0; 4];
                let read = input.read(&mut buffer[..size]).expect("it has no errors");
                inside
                    .borrow_mut()
                    .push(format!("{:?} of {size}", &buffer[..read.min(size)]));
                total += read;
                ends += usize::from(read == 0 && size > 0);
                if total >= MOST || ends == 2 {
                    break;
                }
            }
            total
        });
        Yours {
            parser: Some(parser.expect("the system gives a stack")),
            log,
            next: 0,
        }
    }
}

impl Machine for Yours {
    type Operation = Step;

    fn apply(&mut self, step: &Step) -> Option<Seen> {
        let Step::Push(count) = *step else {
            let total = self.parser.take()?.finish();
            return Some(seen(&format!("returns {total}"), &self.log, None));
        };
        let parser = self.parser.as_mut()?;
        let bytes = bytes(self.next, count);
        self.next += count as u8;
        Some(match parser.push(&bytes) {
            Progress::NeedsMore => seen("NeedsMore", &self.log, None),
            Progress::Done { value, unread } => {
                self.parser = None;
                seen(&format!("Done({value})"), &self.log, Some(unread))
            }
        })
    }

    fn end(self) -> Seen {
        drop(self.parser);
        seen("dropped", &self.log, None)
    }
}

/// What the contract says, without a stack: the function's place is its count of reads.
pub(super) struct Model {
    alive: bool,
    reads: usize,
    total: usize,
    ends: usize,
    waiting: Vec<u8>,
    log: Log,
    next: u8,
}

impl Model {
    pub(super) fn new() -> Model {
        Model {
            alive: true,
            reads: 0,
            total: 0,
            ends: 0,
            waiting: Vec::new(),
            log: Log::default(),
            next: 0,
        }
    }

    /// Reads until bytes are missing. True if the function has returned.
    fn runs(&mut self, finished: bool) -> bool {
        loop {
            let size = SIZES[self.reads % SIZES.len()];
            if self.waiting.is_empty() && size > 0 && !finished {
                return false;
            }
            let read: Vec<u8> = self.waiting.drain(..size.min(self.waiting.len())).collect();
            self.reads += 1;
            self.total += read.len();
            self.ends += usize::from(read.is_empty() && size > 0);
            self.log.borrow_mut().push(format!("{read:?} of {size}"));
            if self.total >= MOST || self.ends == 2 {
                self.alive = false;
                return true;
            }
        }
    }
}

impl Machine for Model {
    type Operation = Step;

    fn apply(&mut self, step: &Step) -> Option<Seen> {
        if !self.alive {
            return None;
        }
        let Step::Push(count) = *step else {
            self.runs(true);
            return Some(seen(&format!("returns {}", self.total), &self.log, None));
        };
        self.waiting.extend(bytes(self.next, count));
        self.next += count as u8;
        Some(match self.runs(false) {
            true => seen(
                &format!("Done({})", self.total),
                &self.log,
                Some(self.waiting.len()),
            ),
            false => seen("NeedsMore", &self.log, None),
        })
    }

    fn end(self) -> Seen {
        seen("dropped", &self.log, None)
    }
}
