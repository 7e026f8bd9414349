//! One word of bits, looked at before each read.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use service::Signal;

const RELOAD: u8 = 1;
const STOP: u8 = 2;

/// What a service can do to its process and its world.
pub trait Process {
    /// Writes one byte into the pipe of the process, unless the pipe is full. The handler may call it.
    fn write_byte(&self);

    /// Reads all bytes that are in the pipe. If there are none, is `Pending` and keeps the waker, which is
    /// called when a byte is written. A task calls it.
    fn poll_bytes(&self, context: &mut Context<'_>) -> Poll<()>;

    /// Reads the configuration again. A task calls it: it allocates and takes locks, and the handler may
    /// have interrupted an allocation.
    fn reload(&self);

    /// Waits until the requests in flight are answered. A task calls it.
    fn finish(&self) -> impl Future<Output = ()>;

    /// Ends the process at once, with this status. The handler may call it.
    fn exit(&self, status: i32);
}

/// A service and the signals that have come.
///
/// - SIGHUP: [`run`](Service::run) reloads once, after the signal has come. If more of them come before
///   that, it reloads once for all of them. One that comes while the service reloads is followed by another
///   reload.
/// - The first SIGTERM or SIGINT: `run` calls [`Process::finish`] once, waits for it, and returns. It does
///   not exit. Whether it still reloads for a SIGHUP that came before is up to you.
/// - The second of them, whichever it is: the handler ends the process at once, with the status 128 + the
///   number of the signal: 2 for SIGINT, 15 for SIGTERM.
/// - It does not care about other signals.
///
/// The handler uses atomics, [`Process::write_byte`] and [`Process::exit`], and nothing else. It may run on
/// another thread, at the same time as `run`. While no signal comes, `run` wakes no task.
pub struct Service<P> {
    process: P,
    /// A bit for each thing to do, and one for a stop that was asked for.
    bits: AtomicU8,
}

impl<P: Process> Service<P> {
    /// No signal has come.
    pub fn new(process: P) -> Service<P> {
        Service {
            process,
            bits: AtomicU8::new(0),
        }
    }

    /// What the signal handler calls. See [`Service`].
    pub fn on_signal(&self, signal: Signal) {
        let bit = match signal {
            Signal::Hangup => RELOAD,
            Signal::Terminate | Signal::Interrupt => STOP,
            Signal::Child | Signal::User1 => 0,
        };
        let before = self.bits.fetch_or(bit, Ordering::AcqRel);
        if before & bit & STOP > 0 {
            let number = if signal == Signal::Interrupt { 2 } else { 15 };
            self.process.exit(number + 128);
        }
        self.process.write_byte();
    }

    /// Serves until it is asked to stop, and finishes. See [`Service`].
    pub async fn run(&self) {
        poll_fn(|context| {
            // Looks first, reads then, and looks again after each read.
            while self.bits.load(Ordering::Acquire) & STOP == 0 {
                if self.bits.fetch_and(!RELOAD, Ordering::AcqRel) & RELOAD > 0 {
                    self.process.reload();
                } else if self.process.poll_bytes(context).is_pending() {
                    return Poll::Pending;
                }
            }
            Poll::Ready(())
        })
        .await;
        self.process.finish().await;
    }
}
