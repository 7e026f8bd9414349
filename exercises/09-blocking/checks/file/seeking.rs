//! Seeks that go far, or fail.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

use super::super::subject::File;
use super::target::{POOL, Target, file, shown};
use futures::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use probe::Run;
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

/// A seek to before the first byte.
pub(super) fn below_the_start(run: &Run) {
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
