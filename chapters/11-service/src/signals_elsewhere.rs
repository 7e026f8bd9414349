//! The signals of the process, where there is only one: Ctrl-C on Windows.

use std::cell::RefCell;
use std::fmt;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use futures::Stream;
use reactor::ReactorHandle;
use wakers::AtomicWaker;

use crate::signal::Signal;

/// Ctrl-C, as a stream that does not end.
///
/// Windows calls the handler on a thread of its own. So the handler may do more than one on Unix: it
/// counts, and wakes the task. It stays until the process ends.
pub struct Signals {
    shared: Arc<Shared>,
    seen: usize,
    watched: RefCell<bool>,
}

struct Shared {
    count: AtomicUsize,
    /// From this count on the handler ends the process. Zero: it does not.
    last: AtomicUsize,
    waker: AtomicWaker,
}

/// A process has one handler for Ctrl-C.
static SHARED: OnceLock<Arc<Shared>> = OnceLock::new();

impl Signals {
    /// No signal is watched yet.
    ///
    /// # Errors
    ///
    /// None so far.
    #[allow(clippy::unnecessary_wraps)]
    pub fn new(_reactor: &ReactorHandle) -> io::Result<Signals> {
        let shared = SHARED.get_or_init(|| {
            Arc::new(Shared {
                count: AtomicUsize::new(0),
                last: AtomicUsize::new(0),
                waker: AtomicWaker::new(),
            })
        });
        Ok(Signals {
            shared: Arc::clone(shared),
            seen: shared.count.load(Ordering::SeqCst),
            watched: RefCell::new(false),
        })
    }

    /// Watches a signal from now on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] for all but [`Signal::Interrupt`]; or if the system refuses.
    pub fn add(&self, signal: Signal) -> io::Result<()> {
        if signal != Signal::Interrupt {
            return Err(ErrorKind::Unsupported.into());
        }
        let handler = Arc::clone(&self.shared);
        let set = ctrlc::try_set_handler(move || {
            let count = handler.count.fetch_add(1, Ordering::SeqCst) + 1;
            let last = handler.last.load(Ordering::SeqCst);
            if last > 0 && count >= last {
                std::process::exit(130);
            }
            handler.waker.wake();
        });
        match set {
            Ok(()) | Err(ctrlc::Error::MultipleHandlers) => {
                self.watched.replace(true);
                Ok(())
            }
            Err(error) => Err(io::Error::other(error)),
        }
    }

    /// Watches a signal no more. Ctrl-C does nothing then. Returns `false` if it was not watched.
    pub fn remove(&self, signal: Signal) -> bool {
        signal == Signal::Interrupt && self.watched.replace(false)
    }

    /// Watches a signal that asks the process to end. If it comes for the second time, the process ends
    /// at once, with the status 130.
    ///
    /// # Errors
    ///
    /// As [`add`](Signals::add).
    pub fn add_ending(&self, signal: Signal) -> io::Result<()> {
        self.add(signal)?;
        let count = self.shared.count.load(Ordering::SeqCst);
        self.shared.last.store(count + 2, Ordering::SeqCst);
        Ok(())
    }
}

impl Stream for Signals {
    type Item = Signal;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Signal>> {
        self.shared.waker.register(context.waker());
        let count = self.shared.count.load(Ordering::SeqCst);
        if count == self.seen || !*self.watched.borrow() {
            return Poll::Pending;
        }
        self.seen = count;
        Poll::Ready(Some(Signal::Interrupt))
    }
}

/// No process is started with Ctrl-C ignored here, as far as this can tell.
#[must_use]
pub fn is_ignored(_signal: Signal) -> bool {
    false
}

impl fmt::Debug for Signals {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Signals").finish_non_exhaustive()
    }
}
