//! A reader of lines whose stream a test scripts, and what it yields.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::super::subject::{LineError, Lines, lines};
use super::names::{Difference, difference};
use futures::io::AsyncRead;
use probe::{Run, run};
use probe_futures::{Sim, poller};
use probe_io::{Peer, Stream, heap, stream};

pub(super) const LIMIT: usize = 10;

/// Text in pieces, and the lines that are read from it.
pub(super) struct Reading {
    run: Run,
    pub(super) sim: Sim,
    pub(super) lines: Lines<Stream>,
    pub(super) peer: Peer,
    /// The events at which `next` returned.
    events: Vec<Option<usize>>,
}

impl Reading {
    pub(super) fn new(run: &Run, pieces: &[&[u8]]) -> Reading {
        let reading = Reading::open(run);
        for piece in pieces {
            reading.peer.sends(piece);
        }
        reading.peer.ends();
        reading
    }

    pub(super) fn open(run: &Run) -> Reading {
        Reading::limited(run, LIMIT)
    }

    fn limited(run: &Run, limit: usize) -> Reading {
        let sim = Sim::new(run);
        let (stream, peer) = stream(run, &sim);
        peer.bounds_reads_of_the_end();
        Reading {
            run: run.clone(),
            sim,
            lines: lines(stream, limit),
            peer,
            events: Vec::new(),
        }
    }

    /// The first event at which `next` returned another line than these.
    pub(super) fn first_wrong(&self, all: &[String], right: &[impl AsRef<str>]) -> Option<usize> {
        let same = all.iter().zip(right);
        let same = same.take_while(|(line, right)| *line == right.as_ref());
        self.events.get(same.count()).copied().flatten()
    }

    /// Every line, and they are these.
    #[track_caller]
    pub(super) fn expect(&mut self, right: &[String], sentence: &str) {
        let all = self.all();
        if all != right {
            let wrong = self.first_wrong(&all, right);
            self.name(&all, right, wrong);
            self.run.departs_at(wrong, sentence);
        }
    }

    /// Ends the run if the difference between these lines has a name.
    #[track_caller]
    pub(super) fn name(&self, all: &[String], right: &[String], wrong: Option<usize>) {
        if let Some(Difference { mistake, sentence }) = difference(all, right, LIMIT) {
            self.run.diagnose_at(wrong, mistake, sentence);
        }
    }

    /// The next line, in words.
    #[track_caller]
    pub(super) fn next(&mut self) -> String {
        let call = self.run.recorder().enters("reader", "next");
        let line = self.sim.run("task", pin!(self.lines.next()));
        let line = match line {
            Ok(line) => in_words(&line),
            Err(_stuck) => STUCK.to_owned(),
        };
        call.returns(line.clone());
        self.events.push(self.run.recorder().last_event());
        line
    }

    /// All lines to the end, each in words.
    #[track_caller]
    pub(super) fn all(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        for _ in 0..100 {
            match self.next().as_str() {
                "the end" => return all,
                STUCK => self
                    .run
                    .departs("The peer's end has come, and `next` is pending."),
                line => all.push(line.to_owned()),
            }
        }
        self.run
            .departs("`next` returned 100 lines, and the peer sent fewer.")
    }
}

impl Reading {
    /// All lines to the end, with a new call for each poll: one that is pending is dropped.
    pub(super) fn all_with_a_call_for_each_poll(&mut self) -> Vec<String> {
        let task = poller(self.run.recorder(), "task");
        let mut all = Vec::new();
        for _ in 0..1_000 {
            let line = match task.poll(pin!(self.lines.next())) {
                Poll::Pending => {
                    if !self.sim.advance() {
                        break;
                    }
                    continue;
                }
                Poll::Ready(line) => line,
            };
            (self.run.recorder()).says("reader", format!("next → {}", in_words(&line)));
            self.events.push(self.run.recorder().last_event());
            match line {
                None => break,
                line => all.push(in_words(&line)),
            }
        }
        all
    }
}

pub(super) fn in_words(line: &Option<Result<String, LineError>>) -> String {
    match line {
        None => "the end".to_owned(),
        Some(Ok(line)) => format!("{line:?}"),
        Some(Err(LineError::TooLong)) => "too long".to_owned(),
        Some(Err(LineError::NotText)) => "not text".to_owned(),
        Some(Err(LineError::Io(error))) => format!("{:?}", error.kind()),
    }
}

pub(super) fn quoted(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| format!("{line:?}")).collect()
}

/// What is shown of a call that is pending when no event is left.
const STUCK: &str = "pending, and no waker is called";

/// How much memory may be in use for a reader, its future and what they have read.
pub(super) fn allowed(limit: usize) -> isize {
    isize::try_from(4 * limit + 30_000).expect("a small limit")
}

pub(super) fn much_too_long(limit: usize) {
    let run = run!();
    let mut used = Used::since_now();
    let mut reading = Reading::limited(&run, limit);
    let allowed = allowed(limit);
    for _ in 0..200 {
        reading.peer.sends_quietly(&[b'x'; 1_000]);
        reading.polls_until_it_waits(&mut used);
        if used.most <= allowed {
            continue;
        }
        let taken = reading.peer.taken();
        (run.recorder()).says("peer", format!("has sent {taken} bytes, and no `\\n`"));
        (run.recorder()).says(
            "memory",
            format!("{} bytes more    expected: at most {allowed}", used.most),
        );
        if taken <= 1_000 {
            run.diagnose("reads-too-much", format!(
                "1,000 bytes have been read, and the reader takes {} bytes. A read may take 30,000 bytes of memory, and the line four times \
                 its limit.",
                used.most
            ));
        }
        if used.told > 0 && taken > 2_000 {
            run.diagnose(
                "never-freed",
                format!(
                    "{taken} bytes of one line have been read, and `next` has reported it. But {} bytes more are in use than before: the skipped \
                     bytes are still in memory.",
                    used.most
                ),
            );
        }
        run.diagnose(
            "no-limit-while-reading",
            format!(
                "{taken} bytes of one line have been read, the limit is {limit}, and {} bytes more are in use than before. The peer has sent \
                 no `\\n`, and may never send one.",
                used.most
            ),
        );
    }
    reading.peer.sends_quietly(b"\ntwo\n");
    reading.peer.ends();
    reading.polls_until_it_waits(&mut used);
    if used.told != 1 {
        run.departs(format!(
            "One line was too long, and `next` reported it {} times.",
            used.told
        ));
    }
}

/// What is seen of a reader without a recording, which would take memory too.
pub(super) struct Used {
    before: isize,
    /// The most bytes that were in use, beyond those before, while a call waited.
    pub(super) most: isize,
    /// How many lines were reported as too long.
    told: usize,
}

impl Used {
    pub(super) fn since_now() -> Used {
        Used {
            before: heap::in_use(),
            most: 0,
            told: 0,
        }
    }
}

impl Reading {
    /// Reads line after line, until a call is pending.
    pub(super) fn polls_until_it_waits(&mut self, used: &mut Used) {
        let mut context = Context::from_waker(Waker::noop());
        let on_the_stack = size_of::<Lines<Stream>>();
        loop {
            let mut next = pin!(self.lines.next());
            let fixed = (on_the_stack + size_of_val(&*next)).cast_signed();
            let line = loop {
                match next.as_mut().poll(&mut context) {
                    Poll::Ready(line) => break line,
                    Poll::Pending if self.sim.advance() => {}
                    Poll::Pending => {
                        used.most = used.most.max(heap::in_use() - used.before + fixed);
                        return;
                    }
                }
            };
            match line {
                Some(Err(LineError::TooLong)) => used.told += 1,
                Some(_) => {}
                None => return,
            }
        }
    }
}

/// A reader of these bytes, which counts how often it is read after its end.
pub(super) fn ends_once(text: &[u8]) -> (EndsOnce, Rc<Cell<usize>>) {
    let reads_after = Rc::new(Cell::new(0));
    let reader = EndsOnce {
        text: Some(text.to_vec()),
        has_ended: false,
        reads_after: Rc::clone(&reads_after),
    };
    (reader, reads_after)
}

#[derive(Debug)]
pub(super) struct EndsOnce {
    text: Option<Vec<u8>>,
    has_ended: bool,
    reads_after: Rc<Cell<usize>>,
}

impl AsyncRead for EndsOnce {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        room: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.has_ended {
            self.reads_after.set(self.reads_after.get() + 1);
        }
        let mut text = self.text.take().unwrap_or_default();
        let count = text.len().min(room.len());
        room[..count].copy_from_slice(&text[..count]);
        text.drain(..count);
        self.has_ended = count == 0;
        self.text = (!text.is_empty()).then_some(text);
        Poll::Ready(Ok(count))
    }
}
