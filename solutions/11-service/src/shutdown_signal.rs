//! Debug: a service that stops on SIGTERM and reads its configuration again on SIGHUP. Sometimes it does
//! neither.
//!
//! The operating system interrupts a thread of the process to call the signal handler: any thread, between
//! any two instructions. [`Service::on_signal`] is what the handler calls.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use service::Signal;

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
    // YOURS
    reload: AtomicBool,
    stop: AtomicBool,
    // STUB: came: AtomicBool,
    // STUB: stop: AtomicBool,
    // YOURS_END
}

impl<P: Process> Service<P> {
    /// No signal has come.
    pub fn new(process: P) -> Service<P> {
        // YOURS
        Service {
            process,
            reload: AtomicBool::new(false),
            stop: AtomicBool::new(false),
        }
        // STUB: Service {
        // STUB:     process,
        // STUB:     came: AtomicBool::new(false),
        // STUB:     stop: AtomicBool::new(false),
        // STUB: }
        // YOURS_END
    }

    /// What the signal handler calls. See [`Service`].
    pub fn on_signal(&self, signal: Signal) {
        // YOURS
        // A flag first, then the byte: a task that has read the byte finds the flag.
        match signal {
            Signal::Hangup => self.reload.store(true, Ordering::SeqCst),
            Signal::Terminate => self.asks(15),
            Signal::Interrupt => self.asks(2),
            _ => return,
        }
        self.process.write_byte();
        // STUB: self.came.store(true, Ordering::SeqCst);
        // STUB: match signal {
        // STUB:     Signal::Hangup => self.process.reload(),
        // STUB:     Signal::Terminate | Signal::Interrupt => self.stop.store(true, Ordering::SeqCst),
        // STUB:     _ => {}
        // STUB: }
        // STUB: self.process.write_byte();
        // YOURS_END
    }
    // YOURS

    fn asks(&self, number: i32) {
        if self.stop.swap(true, Ordering::SeqCst) {
            self.process.exit(128 + number);
        }
    }
    // YOURS_END

    /// Serves until it is asked to stop, and finishes. See [`Service`].
    pub async fn run(&self) {
        // YOURS
        loop {
            // The flags are taken after the pipe was read. The other way round, a signal that comes between
            // the two leaves a flag, and its byte is gone.
            poll_fn(|context| self.process.poll_bytes(context)).await;
            if self.stop.load(Ordering::SeqCst) {
                break;
            }
            if self.reload.swap(false, Ordering::SeqCst) {
                self.process.reload();
            }
        }
        self.process.finish().await;
        // STUB: loop {
        // STUB:     let came = self.came.swap(false, Ordering::SeqCst);
        // STUB:     poll_fn(|context| self.process.poll_bytes(context)).await;
        // STUB:     if came && self.stop.load(Ordering::SeqCst) {
        // STUB:         break;
        // STUB:     }
        // STUB: }
        // STUB: self.process.finish().await;
        // YOURS_END
    }
}
