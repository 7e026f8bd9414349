//! 9.7 file: a file that reads ahead, and its one position.

use std::borrow::Cow;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::subject::File;
use blocking::{Limits, ThreadPool};
use futures::io::{AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use probe::runs::{Known, Machine, Operation, Search, Step};
use probe::{run, snapshot};
use wakers::block_on;

const TEXT: &[u8] = b"0123456789abcdef";

/// What is read, written and sought: short reads, and signals between them.
struct Target {
    bytes: Cursor<Vec<u8>>,
    reads: usize,
}

impl Target {
    fn new() -> Target {
        Target {
            bytes: Cursor::new(TEXT.to_vec()),
            reads: 0,
        }
    }
}

impl Read for Target {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads += 1;
        if self.reads % 3 == 2 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let most = buffer.len().min(7);
        self.bytes.read(&mut buffer[..most])
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(&bytes[..bytes.len().min(1)])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Target {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(position)
    }
}

thread_local! {
    static POOL: Rc<ThreadPool> = Rc::new(ThreadPool::new(
        "files",
        Limits { threads: 1, idle: Duration::from_secs(60) },
    ));
}

fn file() -> File<Target> {
    POOL.with(|pool| File::new(pool, Target::new()))
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn bytes_are_read_in_their_order() {
    let run = run!();
    let mut file = file();
    let mut text = Vec::new();
    let end = block_on(file.read_to_end(&mut text));
    if end.is_err() || text != TEXT {
        run.departs(format!(
            "The file holds {}, and this was read: {}.",
            shown(TEXT),
            shown(&text)
        ));
    }
}

#[test]
fn a_relative_seek_counts_from_where_the_caller_has_read_up_to() {
    let run = run!("relative");
    let mut file = file();
    let mut word = [0; 3];
    let _ = block_on(file.read_exact(&mut word));
    run.recorder()
        .says("caller", format!("reads {}", shown(&word)));
    let position = block_on(file.seek(SeekFrom::Current(2)));
    run.recorder()
        .says("caller", format!("seeks 2 bytes forward: {position:?}"));
    if !matches!(position, Ok(5)) {
        run.diagnose(
            "seek-counts-read-ahead",
            format!(
                "Three bytes were read, and the file was moved forward by two. Its position is 5; `seek` returned {position:?}. The thread had read \
                 more than the caller asked for, and the seek counted from there."
            ),
        );
    }
    let _ = block_on(file.read_exact(&mut word));
    run.recorder()
        .says("caller", format!("reads {}", shown(&word)));
    if &word == b"345" {
        run.diagnose(
            "read-ahead-kept",
            "The file was moved to position 5, and the caller read the bytes from position 3: they had been read ahead before the seek.",
        );
    }
    if &word != b"567" {
        run.departs(format!(
            "At position 5 the file holds 567, and {} was read.",
            shown(&word)
        ));
    }
    snapshot!(run);
}

#[test]
fn a_write_begins_where_the_caller_has_read_up_to() {
    let run = run!("write");
    let mut file = file();
    let mut word = [0; 3];
    let _ = block_on(file.read_exact(&mut word));
    run.recorder()
        .says("caller", format!("reads {}", shown(&word)));
    let written = block_on(async {
        file.write_all(b"XY").await?;
        file.flush().await?;
        file.seek(SeekFrom::Start(0)).await
    });
    run.recorder().says("caller", "writes XY");
    let mut text = Vec::new();
    let _ = block_on(file.read_to_end(&mut text));
    run.recorder()
        .says("file", format!("holds {}", shown(&text)));
    if written.is_err() || text != b"012XY56789abcdef" {
        run.diagnose(
            "write-after-read-ahead",
            format!(
                "Three bytes were read, and XY was written: the file is to hold 012XY56789abcdef. It holds {}. The thread had read more than the \
                 caller asked for, and the write began behind that.",
                shown(&text)
            ),
        );
    }
    snapshot!(run);
}

#[test]
fn every_short_run_is_that_of_a_file_that_does_not_read_ahead() {
    Search::of(&ALPHABET)
        .up_to(3)
        .and_random(60, 10, 0xf11e)
        .naming(&KNOWN)
        .compare(&run!(), Yours::new, Reference::new);
}

/// One step of a short run.
#[derive(Clone, Copy, PartialEq)]
enum Move {
    Reads(usize),
    /// Polls a read once, and drops it if it is pending.
    StartsToRead,
    Writes,
    Seeks(SeekFrom),
    Flushes,
}

const ALPHABET: [Move; 8] = [
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

const KNOWN: [Known<Move>; 3] = [
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

struct Yours(File<Target>);

impl Yours {
    fn new() -> Yours {
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

struct Reference(Cursor<Vec<u8>>);

impl Reference {
    fn new() -> Reference {
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

#[test]
fn a_large_file_is_copied_whole() {
    let run = run!();
    let bytes: Vec<u8> = (0..1_000_000_u32)
        .map(|number| number.to_le_bytes()[1])
        .collect();
    let pool = POOL.with(Rc::clone);
    let mut source = File::new(&pool, Cursor::new(bytes.clone()));
    let mut target = File::new(&pool, Cursor::new(Vec::new()));
    let copied = block_on(async {
        futures::io::copy(&mut source, &mut target).await?;
        target.seek(SeekFrom::Start(0)).await?;
        let mut copy = Vec::new();
        target.read_to_end(&mut copy).await?;
        io::Result::Ok(copy)
    });
    if copied.ok().as_ref() != Some(&bytes) {
        run.departs("A million bytes were copied from one file to another, and the copy differs.");
    }
}

/// A target that fails in each seek once it has been read.
struct Stuck(Target);

impl Read for Stuck {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Stuck {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::Error::other("it has no positions"))
    }
}

#[test]
fn a_write_reports_a_target_that_cannot_go_back() {
    let run = run!();
    let mut file = POOL.with(|pool| File::new(pool, Stuck(Target::new())));
    let mut word = [0; 3];
    let _ = block_on(file.read_exact(&mut word));
    run.recorder()
        .says("caller", format!("reads {}", shown(&word)));
    let written = block_on(async {
        file.write_all(b"XY").await?;
        file.flush().await
    });
    if written.is_ok() {
        run.diagnose(
            "failed-seek-ignored",
            "Three bytes were read, and XY was written. The target fails in every seek, so it cannot go back over what a thread read ahead. \
             The write and the flush returned `Ok`.",
        );
    }
}

#[test]
fn a_seek_by_as_much_as_was_read_ahead_moves_the_file() {
    let run = run!();
    let mut file = file();
    let mut word = [0; 4];
    let _ = block_on(file.read_exact(&mut word));
    run.recorder()
        .says("caller", format!("reads {}", shown(&word)));
    let position = block_on(file.seek(SeekFrom::Current(-3)));
    if !matches!(position, Ok(1)) {
        run.diagnose(
            "seek-counts-read-ahead",
            format!(
                "Four bytes were read, three more had been read ahead, and the file was moved back by three. Its position is 1; `seek` returned \
                 {position:?}."
            ),
        );
    }
}

#[test]
fn a_seek_below_the_start_fails_and_moves_nothing() {
    let run = run!();
    for by in [-4, i64::MIN + 1, i64::MIN] {
        let mut file = file();
        let mut word = [0; 3];
        let _ = block_on(file.read_exact(&mut word));
        let sought = block_on(file.seek(SeekFrom::Current(by)));
        if let Ok(position) = sought {
            run.departs(format!(
                "From position 3 the file was moved by {by}, and `seek` returned Ok({position})."
            ));
        }
        if let Err(error) = block_on(file.read_exact(&mut word)) {
            run.diagnose(
                "lost-after-failed-seek",
                format!(
                    "A seek from position 3 by {by} failed, and so does the next read: {error}."
                ),
            );
        }
        if &word != b"345" {
            run.diagnose(
                "failed-seek-moves",
                format!("A seek from position 3 by {by} failed. There the file holds 345, and the next read returned {}.", shown(&word)),
            );
        }
    }
}

#[test]
fn an_empty_write_moves_nothing() {
    let run = run!();
    let mut file = file();
    let mut word = [0; 3];
    let _ = block_on(file.read_exact(&mut word));
    let _ = block_on(async {
        let _ = file.write(b"").await?;
        file.flush().await
    });
    let _ = block_on(file.read_exact(&mut word));
    if &word != b"345" {
        run.diagnose(
            "empty-write-moves",
            format!("Three bytes were read, and then no byte was written. At position 3 the file holds 345, and the next read returned {}.", shown(&word)),
        );
    }
}

#[test]
fn a_seek_counts_back_over_a_whole_chunk() {
    let run = run!();
    let pool = POOL.with(Rc::clone);
    let mut file = File::new(&pool, Cursor::new(vec![7; 100_000]));
    let mut byte = [0];
    let _ = block_on(file.read_exact(&mut byte));
    let position = block_on(file.seek(SeekFrom::Current(0)));
    if !matches!(position, Ok(1)) {
        run.diagnose(
            "seek-counts-read-ahead",
            format!("One byte of a large file was read. Its position is 1, and `seek` returned {position:?}."),
        );
    }
}
