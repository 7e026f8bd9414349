//! Unlike the reference: keeps a buffer with the stream, counts in nanoseconds, and has sleeps as boxed futures in one type.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use event_loop::{Spawn, Time, Timer};
use futures::io::{AsyncRead, AsyncWrite};
use hyper::rt::ReadBufCursor;
use send_wrapper::SendWrapper;

/// A stream of the `futures` traits, with the two traits by which hyper reads and writes.
///
/// # Contract: `poll_read`
///
/// Reads the stream at most once, and puts the bytes of that read, and no others, behind those that the
/// cursor has. Never asks the stream for more bytes than the cursor has room for: hyper's buffer may be
/// smaller than yours. No byte put and `Ready(Ok(()))` is the end of the stream.
///
/// # Contract: `poll_write`, `poll_flush`, `poll_shutdown`
///
/// `poll_write` writes the stream once, and returns how many bytes the stream took. `poll_flush` flushes
/// the stream. `poll_shutdown` closes it, so that the peer reads the end.
///
/// # Errors
///
/// The stream's.
///
/// # Cancel safety
///
/// A poll keeps no byte: what it read is in the cursor, and what the stream did not take is the caller's.
#[derive(Debug)]
pub struct HyperIo<S> {
    stream: S,
    chunk: Vec<u8>,
}

impl<S> HyperIo<S> {
    /// hyper's side of this stream.
    pub fn new(stream: S) -> HyperIo<S> {
        HyperIo {
            stream,
            chunk: Vec::new(),
        }
    }

    /// The stream.
    pub fn into_inner(self) -> S {
        self.stream
    }
}
impl<S: AsyncRead + Unpin> hyper::rt::Read for HyperIo<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let HyperIo { stream, chunk } = &mut *self;
        chunk.resize(cursor.remaining().clamp(0, 1_000), 0);
        match Pin::new(stream).poll_read(context, chunk) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Ready(Ok(count)) => cursor.put_slice(&chunk[..count]),
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> hyper::rt::Write for HyperIo<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(context)
    }
}

/// A loop's timers for hyper.
///
/// hyper's moments are [`Instant`]s, and the loop's are [`Time`]s. `start` is the `Instant` of
/// [`Time::START`]: moment `Time::after_start(d)` of the loop is moment `start + d` of hyper. So `now` is
/// the loop's time, also where that is simulated.
///
/// hyper wants timers that other threads may hold. The loop's may not leave their thread.
/// [`SendWrapper`] keeps both promises: it compiles as `Send` and `Sync`, and panics if another thread
/// uses or drops what is in it. You reach the inside by `*` and by method calls, as in a `Box`.
///
/// # Contract
///
/// `sleep_until(moment)` is ready once [`now`](hyper::rt::Timer::now) is `moment`, and at once or in the
/// next iteration if that has passed. `sleep(duration)` counts from the call.
///
/// # Panics
///
/// If another thread than the one that made it uses or drops it, or a sleep of it.
#[derive(Clone)]
pub struct LoopTimer<T> {
    timer: SendWrapper<T>,
    start: Instant,
}

impl<T: Timer> LoopTimer<T> {
    /// The timers of this loop.
    pub fn new(timer: T) -> LoopTimer<T> {
        let since_start = timer.now().since_start();
        let now = Instant::now();
        LoopTimer {
            // An `Instant` cannot lie before the system's own first one.
            start: now.checked_sub(since_start).unwrap_or(now),
            timer: SendWrapper::new(timer),
        }
    }
}
impl<T> hyper::rt::Timer for LoopTimer<T>
where
    T: Timer + 'static,
    T::Sleep: 'static,
{
    fn now(&self) -> Instant {
        let nanos = self.timer.now().since_start().as_nanos();
        self.start + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(LoopSleep::new(self.timer.sleep(duration)))
    }

    fn sleep_until(&self, moment: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        let from_now = moment.saturating_duration_since(self.now());
        let when: Time = self.timer.now() + from_now;
        Box::pin(LoopSleep::new(self.timer.sleep_until(when)))
    }
}

/// A sleep of the loop, for hyper.
struct LoopSleep {
    sleep: SendWrapper<Pin<Box<dyn Future<Output = ()>>>>,
}

impl LoopSleep {
    fn new(sleep: impl Future<Output = ()> + 'static) -> LoopSleep {
        LoopSleep {
            sleep: SendWrapper::new(Box::pin(sleep)),
        }
    }
}

impl Future for LoopSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.sleep.as_mut().poll(context)
    }
}

impl hyper::rt::Sleep for LoopSleep {}

/// Spawns hyper's tasks on a loop: with HTTP/2, hyper has a task for each stream.
///
/// `execute` returns before the future is polled for the first time.
#[derive(Debug, Clone)]
pub struct LoopExecutor<S> {
    spawn: S,
}

impl<S> LoopExecutor<S> {
    /// Spawns on this loop.
    pub fn new(spawn: S) -> LoopExecutor<S> {
        LoopExecutor { spawn }
    }
}
impl<S, F> hyper::rt::Executor<F> for LoopExecutor<S>
where
    S: Spawn,
    F: Future + 'static,
{
    fn execute(&self, future: F) {
        use futures::FutureExt;
        self.spawn.spawn_boxed(future.map(drop).boxed_local());
    }
}

impl<T> fmt::Debug for LoopTimer<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("LoopTimer").finish_non_exhaustive()
    }
}
