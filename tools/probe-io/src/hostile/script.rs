//! How a hostile stream answers, call by call.

use std::io::ErrorKind;

/// How the stream answers one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// As much as there is, or is given.
    All,
    /// At most this number of bytes.
    Part(usize),
    /// Not yet. The task of the latest poll is woken once it has gone to sleep.
    Pending,
    /// Not yet, and the task is woken at once: an interrupted system call.
    Interrupted,
    /// A read: the end of the stream. A write: no byte is taken.
    Zero,
    /// This error. The stream is broken from then on.
    Error(ErrorKind),
}

/// How a stream answers, call by call. When a list is used up every further call is answered with [`Answer::All`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// The reads.
    pub reads: Vec<Answer>,
    /// The writes.
    pub writes: Vec<Answer>,
    /// The flushes.
    pub flushes: Vec<Answer>,
    /// The closes.
    pub closes: Vec<Answer>,
}

const READS: [Answer; 6] = [
    Answer::Part(1),
    Answer::Part(3),
    Answer::Pending,
    Answer::Interrupted,
    Answer::Zero,
    Answer::Error(ErrorKind::ConnectionReset),
];

const WRITES: [Answer; 6] = [
    Answer::Part(1),
    Answer::Part(3),
    Answer::Pending,
    Answer::Interrupted,
    Answer::Zero,
    Answer::Error(ErrorKind::BrokenPipe),
];

const ENDS: [Answer; 3] = [
    Answer::Pending,
    Answer::Interrupted,
    Answer::Error(ErrorKind::ConnectionAborted),
];

impl Script {
    /// All scripts of up to `length` reads, shortest first.
    #[must_use]
    pub fn of_reads(length: usize) -> Vec<Script> {
        let scripts = answers(&READS, length).into_iter();
        scripts
            .map(|reads| Script {
                reads,
                ..Script::default()
            })
            .collect()
    }

    /// All scripts of up to `length` writes, shortest first.
    #[must_use]
    pub fn of_writes(length: usize) -> Vec<Script> {
        let scripts = answers(&WRITES, length).into_iter();
        scripts
            .map(|writes| Script {
                writes,
                ..Script::default()
            })
            .collect()
    }

    /// All scripts of up to `length` flushes, and of as many closes.
    #[must_use]
    pub fn of_ends(length: usize) -> Vec<Script> {
        let flushes = answers(&ENDS, length).into_iter();
        let flushes = flushes.map(|flushes| Script {
            flushes,
            ..Script::default()
        });
        let closes = answers(&ENDS, length).into_iter();
        let closes = closes.map(|closes| Script {
            closes,
            ..Script::default()
        });
        flushes.chain(closes).collect()
    }

    /// Every script of up to `length` answers in one direction, and every pair of a read's script and a write's of up to two.
    #[must_use]
    pub fn of_all(length: usize) -> Vec<Script> {
        let mut scripts = Script::of_ends(length.min(2));
        scripts.extend(Script::of_writes(length));
        scripts.extend(Script::of_reads(length));
        for reads in answers(&READS, 2) {
            for writes in answers(&WRITES, 2) {
                let reads = reads.clone();
                scripts.push(Script {
                    reads,
                    writes,
                    ..Script::default()
                });
            }
        }
        scripts.sort_by_key(Script::length);
        scripts
    }

    fn length(&self) -> usize {
        self.reads.len() + self.writes.len() + self.flushes.len() + self.closes.len()
    }
}

/// All sequences of up to `length` answers, shortest first. Nothing follows an answer that ends a stream.
pub(super) fn answers(alphabet: &[Answer], length: usize) -> Vec<Vec<Answer>> {
    let mut all = vec![Vec::new()];
    let mut layer: Vec<Vec<Answer>> = vec![Vec::new()];
    for _ in 0..length {
        let open = layer
            .iter()
            .filter(|script| !matches!(script.last(), Some(Answer::Zero | Answer::Error(_))));
        layer = open
            .flat_map(|script| alphabet.iter().map(|&next| [&script[..], &[next]].concat()))
            .collect();
        all.extend(layer.iter().cloned());
    }
    all
}
