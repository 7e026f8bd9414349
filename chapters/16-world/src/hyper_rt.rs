//! What hyper asks of a runtime, on the loop of chapter 04.

use std::fmt;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
// YOURS
use std::task::ready;
// YOURS_END
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
/// smaller than yours. The cursor has room for a byte or more. So no byte put and `Ready(Ok(()))` is the end of
/// the stream.
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
///
/// ```
/// use hyper::rt::{Read, ReadBuf};
/// use std::future::poll_fn;
/// use std::pin::Pin;
/// use world::hyper_rt::HyperIo;
///
/// let mut io = HyperIo::new(&b"GET / HTTP/1.1"[..]);
/// let mut bytes = [0; 5];
/// let mut buffer = ReadBuf::new(&mut bytes);
/// let read = poll_fn(|context| Pin::new(&mut io).poll_read(context, buffer.unfilled()));
/// wakers::block_on(read).unwrap();
/// assert_eq!(buffer.filled(), b"GET /");
/// ```
#[derive(Debug)]
pub struct HyperIo<S> {
    stream: S,
}

impl<S> HyperIo<S> {
    /// hyper's side of this stream.
    pub fn new(stream: S) -> HyperIo<S> {
        HyperIo { stream }
    }

    /// The stream.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

// ANCHOR: read
impl<S: AsyncRead + Unpin> hyper::rt::Read for HyperIo<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        // YOURS
        let mut bytes = [0; CHUNK];
        let room = cursor.remaining().min(CHUNK);
        let stream = Pin::new(&mut self.stream);
        let count = ready!(stream.poll_read(context, &mut bytes[..room]))?;
        cursor.put_slice(&bytes[..count]);
        Poll::Ready(Ok(()))
        // STUB: let _ = (&mut self, context, &mut cursor);
        // STUB: todo!("read once, and put what was read")
        // YOURS_END
    }
}
// ANCHOR_END: read
// YOURS

/// The most bytes of one read. hyper begins with room for as many.
const CHUNK: usize = 8 * 1024;
// YOURS_END

// ANCHOR: write
impl<S: AsyncWrite + Unpin> hyper::rt::Write for HyperIo<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        // YOURS
        Pin::new(&mut self.stream).poll_write(context, bytes)
        // STUB: let _ = (&mut self, context, bytes);
        // STUB: todo!("write once")
        // YOURS_END
    }

    /// hyper then hands over the head and the body as they are. Otherwise it copies both into one buffer.
    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // YOURS
        Pin::new(&mut self.stream).poll_flush(context)
        // STUB: let _ = (&mut self, context);
        // STUB: todo!("flush")
        // YOURS_END
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // YOURS
        Pin::new(&mut self.stream).poll_close(context)
        // STUB: let _ = (&mut self, context);
        // STUB: todo!("the peer reads the end")
        // YOURS_END
    }
}
// ANCHOR_END: write

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
///
/// ```
/// use event_loop::{EventLoop, JumpingDriver};
/// use hyper::rt::Timer;
/// use std::time::Duration;
/// use world::hyper_rt::LoopTimer;
///
/// // The clock of this driver jumps: an hour takes no time.
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let timer = LoopTimer::new(event_loop.handle());
/// let begin = timer.now();
/// event_loop.block_on(timer.sleep(Duration::from_secs(3_600)));
/// assert_eq!(timer.now() - begin, Duration::from_secs(3_600));
/// ```
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

// ANCHOR: timer
impl<T> hyper::rt::Timer for LoopTimer<T>
where
    T: Timer + 'static,
    T::Sleep: 'static,
{
    fn now(&self) -> Instant {
        // YOURS
        self.start + self.timer.now().since_start()
        // STUB: todo!("the loop's time, as an `Instant`")
        // YOURS_END
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        // YOURS
        self.sleep_until(self.now() + duration)
        // STUB: let _ = duration;
        // STUB: todo!("from now on")
        // YOURS_END
    }

    fn sleep_until(&self, moment: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        // YOURS
        let when = Time::after_start(moment.saturating_duration_since(self.start));
        Box::pin(LoopSleep {
            sleep: SendWrapper::new(self.timer.sleep_until(when)),
        })
        // STUB: let _ = (moment, Time::after_start);
        // STUB: todo!("a `LoopSleep` until then, on the loop's clock")
        // YOURS_END
    }
}
// ANCHOR_END: timer

/// A sleep of the loop, for hyper.
struct LoopSleep<S> {
    sleep: SendWrapper<S>,
}

// ANCHOR: sleep
impl<S: Future<Output = ()> + Unpin> Future for LoopSleep<S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // YOURS
        Pin::new(&mut *self.sleep).poll(context)
        // STUB: let _ = (&mut *self.sleep, context);
        // STUB: todo!("the loop's sleep is ready, or it is not")
        // YOURS_END
    }
}

impl<S: Future<Output = ()> + Unpin> hyper::rt::Sleep for LoopSleep<S> {}
// ANCHOR_END: sleep

/// Spawns hyper's tasks on a loop: with HTTP/2, hyper has a task for each stream.
///
/// `execute` returns before the future is polled for the first time.
///
/// ```
/// use event_loop::{EventLoop, yield_now};
/// use hyper::rt::Executor;
/// use std::{cell::Cell, rc::Rc};
/// use world::hyper_rt::LoopExecutor;
///
/// let event_loop = EventLoop::new();
/// let ran = Rc::new(Cell::new(false));
/// let runs = Rc::clone(&ran);
/// LoopExecutor::new(event_loop.handle()).execute(async move { runs.set(true) });
/// assert!(!ran.get());
/// event_loop.block_on(yield_now());
/// assert!(ran.get());
/// ```
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

// ANCHOR: execute
impl<S, F> hyper::rt::Executor<F> for LoopExecutor<S>
where
    S: Spawn,
    F: Future + 'static,
{
    fn execute(&self, future: F) {
        // YOURS
        self.spawn.spawn_boxed(Box::pin(async move {
            future.await;
        }));
        // STUB: let _ = (&self.spawn, future);
        // STUB: todo!("a task of the loop; its output is dropped")
        // YOURS_END
    }
}
// ANCHOR_END: execute

impl<T> fmt::Debug for LoopTimer<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("LoopTimer").finish_non_exhaustive()
    }
}
