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

/// Kinds of errors that code may treat as no error: a peer that is gone, a refusal, and those without a meaning of their own. Not among
/// them are `Interrupted` and `WouldBlock`, which an asynchronous stream does not return, and `UnexpectedEof`, with which `read_exact` says
/// that the stream has ended.
const KINDS: [ErrorKind; 10] = [
    ErrorKind::NotConnected,
    ErrorKind::ConnectionReset,
    ErrorKind::ConnectionAborted,
    ErrorKind::BrokenPipe,
    ErrorKind::TimedOut,
    ErrorKind::PermissionDenied,
    ErrorKind::InvalidInput,
    ErrorKind::InvalidData,
    ErrorKind::OutOfMemory,
    ErrorKind::Other,
];

impl Script {
    /// The two kinds of errors after which blocking code tries again, of the first read, write, flush and close. Only for code that has to
    /// return each error as it is.
    #[must_use]
    pub fn of_retries() -> Vec<Script> {
        let kinds = [ErrorKind::Interrupted, ErrorKind::WouldBlock];
        kinds
            .into_iter()
            .flat_map(|kind| {
                let answers = || vec![Answer::Error(kind)];
                let none = Script::default;
                [
                    Script {
                        reads: answers(),
                        ..none()
                    },
                    Script {
                        writes: answers(),
                        ..none()
                    },
                    Script {
                        flushes: answers(),
                        ..none()
                    },
                    Script {
                        closes: answers(),
                        ..none()
                    },
                ]
            })
            .collect()
    }

    /// A first read, or a first write, of each number of bytes up to `most`. After it the stream is pending once.
    #[must_use]
    pub fn of_parts(most: usize) -> Vec<Script> {
        (1..=most)
            .flat_map(|part| {
                let answers = vec![Answer::Part(part), Answer::Pending];
                [
                    Script {
                        reads: answers.clone(),
                        ..Script::default()
                    },
                    Script {
                        writes: answers,
                        ..Script::default()
                    },
                ]
            })
            .collect()
    }

    /// Errors of every kind: of the first read, write, flush and close, and of those that follow a good one.
    #[must_use]
    pub fn of_kinds() -> Vec<Script> {
        let mut scripts = Vec::new();
        for kind in KINDS {
            for answers in [
                vec![Answer::Error(kind)],
                vec![Answer::All, Answer::Error(kind)],
                vec![Answer::Part(1), Answer::Error(kind)],
            ] {
                let (reads, writes, flushes, closes) = (
                    answers.clone(),
                    answers.clone(),
                    answers.clone(),
                    answers.clone(),
                );
                scripts.push(Script {
                    reads,
                    ..Script::default()
                });
                scripts.push(Script {
                    writes,
                    ..Script::default()
                });
                if answers.len() == 1 {
                    scripts.push(Script {
                        flushes,
                        ..Script::default()
                    });
                    scripts.push(Script {
                        closes,
                        ..Script::default()
                    });
                }
            }
        }
        scripts
    }

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
