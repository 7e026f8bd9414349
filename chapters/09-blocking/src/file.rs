//! A file whose system calls block a thread of a pool, and not the loop.

use std::fmt;
use std::fs;
use std::future::Future;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::mem;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use blocking::{Job, JobError, ThreadPool};
use futures::io::{AsyncRead, AsyncSeek, AsyncWrite};

/// How many bytes one call reads ahead, and one call writes at most: 64 KiB. That is the size of the buffer,
/// too.
pub const CHUNK: usize = 64 * 1024;

/// A file, or anything else whose `read`, `write` and `seek` block: `T` is moved to a thread of the pool for
/// each call, and back with the result.
///
/// It reads ahead, and it accepts bytes before they are written: `flush` waits until they are. Like a file of
/// the standard library it has one position, at which the next byte is read or written. Bytes that were read
/// ahead do not move that position. A write seeks only if bytes were read ahead: a pipe cannot seek, and can
/// be written to.
///
/// ```
/// use blocking::{File, Limits, ThreadPool};
/// use futures::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
/// use std::io::{Cursor, SeekFrom};
/// use std::rc::Rc;
/// use std::time::Duration;
///
/// let limits = Limits { threads: 1, idle: Duration::from_secs(1) };
/// let pool = Rc::new(ThreadPool::new("files", limits));
/// let mut file = File::new(&pool, Cursor::new(b"hello, world".to_vec()));
/// wakers::block_on(async {
///     let mut word = [0; 5];
///     file.read_exact(&mut word).await.unwrap();
///     assert_eq!(&word, b"hello");
///     assert_eq!(file.seek(SeekFrom::Current(0)).await.unwrap(), 5);
///     file.write_all(b"!").await.unwrap();
///     file.flush().await.unwrap();
/// });
/// ```
///
/// An error of a write is the result of the next write, seek, flush or close.
///
/// # Cancel safety
///
/// A future that reads, writes, flushes or seeks may be dropped at any time: a call that a thread has begun is
/// finished, and its result stays here. No byte that was read is lost. Bytes that `poll_write` accepted are
/// written once. A seek that was dropped may have happened; a seek to the same place right after it returns its
/// result.
///
/// Dropping the file lets a call that has begun finish. Bytes that were accepted and not handed to a
/// thread are lost: flush first.
pub struct File<T = fs::File> {
    pool: Rc<ThreadPool>,
    place: Place<T>,
    /// Read ahead, and not delivered from `delivered` on.
    ahead: Vec<u8>,
    delivered: usize,
    /// Accepted, and not handed to a thread.
    accepted: Vec<u8>,
    /// What the last read returned, if the caller has not heard of it: an error, or the end.
    read: Option<io::Result<usize>>,
    /// An error of a write.
    failed: Option<io::Error>,
    /// A seek that came back, and where it led to.
    sought: Option<(SeekFrom, io::Result<u64>)>,
}

/// Where the target is.
enum Place<T> {
    Here(T),
    /// On a thread of the pool.
    Away(Job<Back<T>>),
    /// The pool dropped it, or a call panicked.
    Lost,
}

/// What comes back from a thread.
struct Back<T> {
    target: T,
    outcome: Outcome,
}

enum Outcome {
    Read(Vec<u8>, io::Result<usize>),
    Written(io::Result<()>),
    Sought(SeekFrom, io::Result<u64>),
}

impl File {
    /// Opens a file for reading, on a thread of the pool.
    ///
    /// # Errors
    ///
    /// With the path in it: if the file cannot be opened, or the pool is closed.
    pub async fn open(pool: &Rc<ThreadPool>, path: impl AsRef<Path>) -> io::Result<File> {
        File::with(pool, path.as_ref(), |path| fs::File::open(path)).await
    }

    /// Makes a file, or empties the one that is there, on a thread of the pool.
    ///
    /// # Errors
    ///
    /// As [`open`](File::open).
    pub async fn create(pool: &Rc<ThreadPool>, path: impl AsRef<Path>) -> io::Result<File> {
        File::with(pool, path.as_ref(), |path| fs::File::create(path)).await
    }

    async fn with(
        pool: &Rc<ThreadPool>,
        path: &Path,
        open: fn(&Path) -> io::Result<fs::File>,
    ) -> io::Result<File> {
        let owned: PathBuf = path.to_owned();
        let job = pool.submit(move || open(&owned)).map_err(|_| closed())?;
        let opened = job.await.map_err(lost).and_then(|opened| opened);
        match opened {
            Ok(file) => Ok(File::new(pool, file)),
            Err(error) => {
                let text = format!("{}: {error}", path.display());
                Err(io::Error::new(error.kind(), text))
            }
        }
    }
}

impl<T: Send + 'static> File<T> {
    /// Something that is open already.
    pub fn new(pool: &Rc<ThreadPool>, target: T) -> File<T> {
        File {
            pool: Rc::clone(pool),
            place: Place::Here(target),
            ahead: Vec::new(),
            delivered: 0,
            accepted: Vec::new(),
            read: None,
            failed: None,
            sought: None,
        }
    }

    // ANCHOR: back
    /// Waits until the target is here, and takes in what it brought back.
    fn poll_back(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Place::Away(job) = &mut self.place else {
            return Poll::Ready(Ok(()));
        };
        let back = ready!(Pin::new(job).poll(context));
        self.place = Place::Lost;
        let Back { target, outcome } = back.map_err(lost)?;
        self.place = Place::Here(target);
        match outcome {
            Outcome::Read(ahead, read) => {
                self.ahead = ahead;
                self.delivered = 0;
                self.read = Some(read);
            }
            Outcome::Written(written) => self.failed = written.err(),
            Outcome::Sought(position, sought) => self.sought = Some((position, sought)),
        }
        Poll::Ready(Ok(()))
    }
    // ANCHOR_END: back

    // ANCHOR: send
    /// Has a thread make a call. The target is here.
    fn send(&mut self, call: impl FnOnce(&mut T) -> Outcome + Send + 'static) -> io::Result<()> {
        let Place::Here(mut target) = mem::replace(&mut self.place, Place::Lost) else {
            return Err(io::Error::other("the file was lost with its pool"));
        };
        let work = move || {
            let outcome = call(&mut target);
            Back { target, outcome }
        };
        match self.pool.submit(work) {
            Ok(job) => {
                self.place = Place::Away(job);
                Ok(())
            }
            Err(_) => Err(closed()),
        }
    }
    // ANCHOR_END: send

    /// How many bytes were read ahead and not delivered: the target's position is this far ahead.
    fn unread(&self) -> i64 {
        // At most `CHUNK`.
        (self.ahead.len() - self.delivered) as i64
    }

    /// Forgets what was read ahead. The caller has moved the target back by so much.
    fn forget_ahead(&mut self) {
        self.ahead.clear();
        self.delivered = 0;
        self.read = None;
    }
}

impl<T: Write + Seek + Send + 'static> File<T> {
    // ANCHOR: written
    /// Waits until everything that was accepted is written.
    fn poll_written(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_back(context))?;
            if let Some(error) = self.failed.take() {
                return Poll::Ready(Err(error));
            }
            if self.accepted.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let bytes = mem::take(&mut self.accepted);
            self.send(move |target| Outcome::Written(target.write_all(&bytes)))?;
        }
    }
    // ANCHOR_END: written
}

impl<T: Read + Write + Seek + Send + 'static> AsyncRead for File<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let file = &mut *self;
        if buffer.is_empty() {
            return Poll::Ready(Ok(0));
        }
        loop {
            let mut ahead = &file.ahead[file.delivered..];
            if !ahead.is_empty() {
                let count = ahead.read(buffer)?;
                file.delivered += count;
                return Poll::Ready(Ok(count));
            }
            ready!(file.poll_written(context))?;
            file.sought = None;
            match file.read.take() {
                // A read has just come back with bytes.
                Some(Ok(1..)) if file.unread() > 0 => continue,
                Some(Ok(0)) => return Poll::Ready(Ok(0)),
                Some(Err(error)) => return Poll::Ready(Err(error)),
                Some(Ok(_)) | None => {}
            }
            let mut bytes = mem::take(&mut file.ahead);
            file.delivered = 0;
            file.send(move |target| {
                bytes.resize(CHUNK, 0);
                let read = read_once(target, &mut bytes);
                bytes.truncate(*read.as_ref().unwrap_or(&0));
                Outcome::Read(bytes, read)
            })?;
        }
    }
}

/// One read, which no signal interrupts.
fn read_once(target: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    loop {
        match target.read(bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

impl<T: Read + Write + Seek + Send + 'static> AsyncWrite for File<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let file = &mut *self;
        if file.accepted.len() >= CHUNK {
            ready!(file.poll_written(context))?;
        } else {
            ready!(file.poll_back(context))?;
            if let Some(error) = file.failed.take() {
                return Poll::Ready(Err(error));
            }
        }
        // ANCHOR: write_back
        // YOURS
        let unread = file.unread();
        file.forget_ahead();
        if unread > 0 {
            // The next byte belongs where the caller has read up to.
            file.send(move |target| {
                Outcome::Written(target.seek(SeekFrom::Current(-unread)).map(drop))
            })?;
            ready!(file.poll_written(context))?;
        }
        // STUB: file.forget_ahead();
        // YOURS_END
        // ANCHOR_END: write_back
        file.sought = None;
        let room = CHUNK.saturating_sub(file.accepted.len()).max(1);
        let count = bytes.len().min(room);
        file.accepted.extend_from_slice(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_written(context)
    }

    /// Flushes. The file is closed when it is dropped.
    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}

impl<T: Read + Write + Seek + Send + 'static> AsyncSeek for File<T> {
    fn poll_seek(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        position: SeekFrom,
    ) -> Poll<io::Result<u64>> {
        let file = &mut *self;
        loop {
            ready!(file.poll_written(context))?;
            if let Some((_, sought)) = file.sought.take_if(|(of, _)| *of == position) {
                return Poll::Ready(sought);
            }
            // ANCHOR: seek_back
            // YOURS
            let unread = file.unread();
            file.forget_ahead();
            // STUB: file.forget_ahead();
            // YOURS_END
            file.send(move |target| {
                // YOURS
                // First to where the caller has read up to: there it stays if the second seek fails.
                let back = target.seek(SeekFrom::Current(-unread));
                let sought = back.and_then(|_| target.seek(position));
                // STUB: let sought = target.seek(position);
                // YOURS_END
                Outcome::Sought(position, sought)
            })?;
            // ANCHOR_END: seek_back
        }
    }
}

/// The target is moved to threads and back, so nothing relies on its place.
impl<T> Unpin for File<T> {}

fn closed() -> io::Error {
    io::Error::other("the pool of threads is closed")
}

fn lost(error: JobError) -> io::Error {
    io::Error::other(error.to_string())
}

impl<T> fmt::Debug for File<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("File")
            .field("away", &matches!(self.place, Place::Away(_)))
            .field("ahead", &(self.ahead.len() - self.delivered))
            .field("accepted", &self.accepted.len())
            .finish_non_exhaustive()
    }
}
