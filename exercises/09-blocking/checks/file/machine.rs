//! Every short run of a file, on the learner's code and on one that does not read ahead.

use std::borrow::Cow;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::super::subject::File;
use super::target::{TEXT, Target, file, shown};
use futures::io::{AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use probe::runs::{Known, Machine, Operation, Step};
use wakers::block_on;

/// One step of a short run.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Move {
    Reads(usize),
    /// Polls a read once, and drops it if it is pending.
    StartsToRead,
    Writes,
    Seeks(SeekFrom),
    Flushes,
}

pub(super) const ALPHABET: [Move; 8] = [
    Move::Reads(3),
    Move::Writes,
    Move::Seeks(SeekFrom::Current(2)),
    Move::StartsToRead,
    Move::Reads(100),
    Move::Seeks(SeekFrom::Current(-1)),
    Move::Seeks(SeekFrom::End(-2)),
    Move::Flushes,
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        "caller".into()
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Reads(count) => format!("reads up to {count} bytes").into(),
            Move::StartsToRead => "polls a read of 2 bytes, and drops it if it is pending".into(),
            Move::Writes => "writes XY".into(),
            Move::Seeks(position) => format!("seeks {position:?}").into(),
            Move::Flushes => "flushes".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Reads(count) => format!("the caller read up to {count} bytes").into(),
            Move::StartsToRead => "the caller dropped a read that had begun".into(),
            Move::Writes => "the caller wrote XY".into(),
            Move::Seeks(position) => format!("the caller sought {position:?}").into(),
            Move::Flushes => "the caller flushed".into(),
        }
    }
}

pub(super) const KNOWN: [Known<Move>; 3] = [
    Known {
        mistake: "failed-seek-moves",
        sentence: "A seek failed, and the position is another than before.",
        shows: |difference| {
            difference
                .yours
                .iter()
                .any(|step| step.outcome() == "fails")
        },
    },
    Known {
        mistake: "read-ahead-kept",
        sentence: "After a seek the caller read bytes that had been read ahead at the old position.",
        shows: |difference| {
            matches!(difference.operation(), Some(Move::Reads(_)))
                && !difference
                    .yours
                    .iter()
                    .any(|step| step.outcome() == "fails")
        },
    },
    Known {
        mistake: "seek-counts-read-ahead",
        sentence: "A relative seek led to another position than from where the caller has read up to.",
        shows: |difference| {
            matches!(
                difference.operation(),
                Some(Move::Seeks(SeekFrom::Current(_)))
            ) && !difference
                .yours
                .iter()
                .any(|step| step.outcome() == "fails")
        },
    },
];

pub(super) struct Yours(pub(super) File<Target>);

impl Yours {
    pub(super) fn new() -> Yours {
        Yours(file())
    }
}

impl Machine for Yours {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Step> {
        let file = &mut self.0;
        let outcome = match *operation {
            Move::Reads(count) => format!("reads {}", block_on(read_up_to(file, count))),
            // What is delivered at once depends on the thread. The reference is told of neither, so it is put back.
            Move::StartsToRead => {
                let mut buffer = [0; 2];
                let mut context = Context::from_waker(Waker::noop());
                if let Poll::Ready(Ok(count)) =
                    Pin::new(&mut *file).poll_read(&mut context, &mut buffer)
                {
                    let back = i64::try_from(count).expect("two at most");
                    let _ = block_on(file.seek(SeekFrom::Current(-back)));
                }
                "returns".into()
            }
            Move::Writes => ended(block_on(file.write_all(b"XY"))),
            Move::Seeks(position) => sought(block_on(file.seek(position))),
            Move::Flushes => ended(block_on(file.flush())),
        };
        Some(Step::of(outcome))
    }

    fn end(mut self) -> Step {
        let text = block_on(async {
            self.0.flush().await.ok()?;
            self.0.seek(SeekFrom::Start(0)).await.ok()?;
            Some(read_up_to(&mut self.0, 1_000).await)
        });
        Step::of("dropped").fact("file", format!("holds {}", text.unwrap_or_default()))
    }
}

async fn read_up_to(file: &mut File<Target>, count: usize) -> String {
    let mut text = vec![0; count];
    let mut read = 0;
    while read < count {
        match file.read(&mut text[read..]).await {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) => return format!("an error: {error}"),
        }
    }
    shown(&text[..read])
}

pub(super) struct Reference(pub(super) Cursor<Vec<u8>>);

impl Reference {
    pub(super) fn new() -> Reference {
        Reference(Cursor::new(TEXT.to_vec()))
    }
}

impl Machine for Reference {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Step> {
        let outcome = match *operation {
            Move::Reads(count) => {
                let mut text = Vec::new();
                let read = (&mut self.0).take(count as u64).read_to_end(&mut text);
                read.expect("memory is read");
                format!("reads {}", shown(&text))
            }
            Move::StartsToRead => "returns".into(),
            Move::Writes => ended(self.0.write_all(b"XY")),
            Move::Seeks(position) => sought(self.0.seek(position)),
            Move::Flushes => "returns".into(),
        };
        Some(Step::of(outcome))
    }

    fn end(self) -> Step {
        Step::of("dropped").fact("file", format!("holds {}", shown(self.0.get_ref())))
    }
}

fn ended(end: io::Result<()>) -> String {
    match end {
        Ok(()) => "returns".into(),
        Err(error) => format!("fails: {error}"),
    }
}

fn sought(position: io::Result<u64>) -> String {
    match position {
        Ok(position) => format!("is at {position}"),
        Err(_) => "fails".into(),
    }
}
