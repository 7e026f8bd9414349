//! What a file is a handle of: bytes in memory that can be read, written and sought.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::rc::Rc;
use std::time::Duration;

use super::super::subject::File;
use blocking::{Limits, ThreadPool};

thread_local! {
    pub(super) static POOL: Rc<ThreadPool> = Rc::new(ThreadPool::new(
        "files",
        Limits { threads: 1, idle: Duration::from_secs(60) },
    ));
}

pub(super) const TEXT: &[u8] = b"0123456789abcdef";

/// What is read, written and sought: short reads, and signals between them.
pub(super) struct Target {
    pub(super) bytes: Cursor<Vec<u8>>,
    pub(super) reads: usize,
}

impl Target {
    pub(super) fn new() -> Target {
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

pub(super) fn file() -> File<Target> {
    POOL.with(|pool| File::new(pool, Target::new()))
}

pub(super) fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
