//! Seeks that go far, or fail.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};

use super::super::subject::File;
use super::target::{POOL, Target, file, shown};
use futures::io::{AsyncReadExt, AsyncSeek, AsyncSeekExt, AsyncWrite, AsyncWriteExt};
use probe::{Run, run};
use wakers::block_on;

/// The target cannot seek.
pub(super) fn a_target_that_cannot(run: &Run) {
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

/// Two writes to the same target, and no read before.
pub(super) fn nothing_to_go_back_over(run: &Run) {
    let mut file = POOL.with(|pool| File::new(pool, Stuck(Target::new())));
    let written = block_on(async {
        for word in [b"XY", b"YZ"] {
            file.write_all(word).await?;
            file.flush().await?;
        }
        io::Result::Ok(())
    });
    if let Err(error) = written {
        run.departs(format!(
            "Nothing was read, and XY and YZ were written. The target fails in every seek, as a pipe does, and no seek was needed. The result is: {error}."
        ));
    }
}

/// A seek by exactly as much as the file has read ahead.
pub(super) fn by_what_was_read_ahead(run: &Run) {
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

/// A write and a seek are polled once, after a read that has read ahead, and dropped if they are pending.
pub(super) fn given_up() {
    for seeks in [false, true] {
        let run = &run!();
        let mut file = file();
        let mut word = [0; 3];
        let _ = block_on(file.read_exact(&mut word));
        run.recorder()
            .says("caller", format!("reads {}", shown(&word)));
        let mut context = Context::from_waker(Waker::noop());
        let (what, ended) = match seeks {
            true => {
                let here = SeekFrom::Current(0);
                (
                    "seek to where it is",
                    Pin::new(&mut file).poll_seek(&mut context, here).is_ready(),
                )
            }
            false => {
                let polled = Pin::new(&mut file).poll_write(&mut context, b"3");
                ("write of 3", polled.is_ready())
            }
        };
        let end = match ended {
            true => "it is ready",
            false => "it is pending, and is dropped",
        };
        run.recorder()
            .says("caller", format!("polls a {what}: {end}"));
        let mut rest = Vec::new();
        let _ = block_on(file.read_to_end(&mut rest));
        run.recorder()
            .says("caller", format!("reads {}", shown(&rest)));
        let right: &[u8] = match ended && !seeks {
            true => b"456789abcdef",
            false => b"3456789abcdef",
        };
        if rest != right {
            run.diagnose(
                "read-ahead-kept",
                format!(
                    "Three bytes were read, and more had been read ahead. Then a {what} was polled: {end}. The rest of the file is {}, and \
                     {} was read.",
                    shown(right),
                    shown(&rest)
                ),
            );
        }
    }
}

/// A seek to before the first byte.
pub(super) fn below_the_start(run: &Run) {
    for by in [
        SeekFrom::Current(-4),
        SeekFrom::Current(i64::MIN + 1),
        SeekFrom::Current(i64::MIN),
        SeekFrom::End(-17),
        SeekFrom::End(i64::MIN),
    ] {
        let mut file = file();
        let mut word = [0; 3];
        let _ = block_on(file.read_exact(&mut word));
        let sought = block_on(file.seek(by));
        if let Ok(position) = sought {
            run.departs(format!(
                "The file has 16 bytes, and its position is 3. A seek to {by:?} returned Ok({position})."
            ));
        }
        if let Err(error) = block_on(file.read_exact(&mut word)) {
            run.diagnose(
                "lost-after-failed-seek",
                format!(
                    "A seek from position 3 to {by:?} failed, and so does the next read: {error}."
                ),
            );
        }
        if &word != b"345" {
            run.diagnose(
                "failed-seek-moves",
                format!("A seek from position 3 to {by:?} failed. At position 3 the file holds 345, and the next read returned {}.", shown(&word)),
            );
        }
    }
}

/// One byte of a large file is read, and the position is asked for.
pub(super) fn over_a_chunk(run: &Run) {
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

/// The file is read, written, sought and flushed by one thread, and makes its calls on another.
pub(super) fn on_another_thread(run: &Run) {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let target = Watched {
        inner: Target::new(),
        caller: thread::current().id(),
        calls: Arc::clone(&calls),
    };
    let mut file = POOL.with(|pool| File::new(pool, target));
    let mut word = [0; 3];
    let _ = block_on(async {
        file.read_exact(&mut word).await?;
        file.write_all(b"XY").await?;
        file.read_exact(&mut word).await?;
        file.seek(SeekFrom::Current(-1)).await?;
        file.flush().await
    });
    let calls = calls.lock().unwrap();
    if let Some(call) = calls.first() {
        run.recorder()
            .says("caller", format!("makes this call itself: {call}"));
        run.departs(format!(
            "The thread that uses the file made a call of the target itself: {call}. Each call blocks, so a thread of the pool makes it."
        ));
    }
}

/// The pool's only thread is busy, and the file is written and flushed.
pub(super) fn flushed(run: &Run) {
    let pool = POOL.with(Rc::clone);
    let (opens, gate) = mpsc::channel::<()>();
    let Ok(busy) = pool.submit(move || gate.recv().is_ok()) else {
        run.departs("The pool refused a job.");
    };
    run.recorder()
        .says("thread", "is the only one of the pool, and is busy");
    let mut file = file();
    let mut context = Context::from_waker(Waker::noop());
    let written = Pin::new(&mut file).poll_write(&mut context, b"XY");
    let flushed = Pin::new(&mut file).poll_flush(&mut context);
    run.recorder().says(
        "caller",
        format!("polls a write of XY → {written:?}, and a flush → {flushed:?}"),
    );
    if matches!(
        (&written, &flushed),
        (Poll::Ready(Ok(1..)), Poll::Ready(Ok(())))
    ) {
        run.departs(
            "The only thread of the pool was busy, so nothing was written. The write took bytes, and `flush` returned Ok: it has to wait until \
             they are written.",
        );
    }
    drop(opens);
    let _ = block_on(busy);
}

/// A target that notes the calls which the thread of its caller makes.
struct Watched {
    inner: Target,
    caller: ThreadId,
    calls: Arc<Mutex<Vec<&'static str>>>,
}

impl Watched {
    fn notes(&self, call: &'static str) {
        if thread::current().id() == self.caller {
            self.calls.lock().unwrap().push(call);
        }
    }
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.notes("read");
        self.inner.read(buffer)
    }
}

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.notes("write");
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.notes("flush");
        Ok(())
    }
}

impl Seek for Watched {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.notes("seek");
        self.inner.seek(position)
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
