//! The signals of the process, as a stream.

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures::Stream;
use mio::Interest;
use mio::unix::pipe::{self, Receiver};
use reactor::{ReactorHandle, Registered, Source};
use signal_hook::low_level::{pipe as self_pipe, unregister};
use signal_hook::{SigId, flag};

use crate::signal::Signal;

/// The signals of the process, as a stream that does not end.
///
/// The operating system interrupts a thread of the process to call the **signal handler**, between any
/// two instructions: in the middle of an allocation, or while a lock is held. So the handler may do next
/// to nothing. The handler of this module sets a flag, and writes one byte into a pipe. The reactor
/// watches the pipe, and everything else happens in a task. This is the **self-pipe**.
///
/// ```text
///   any thread                      the loop's thread
///   ┌──────────────┐ flag: SIGTERM  ┌─────────────────────┐
///   │ handler      │───────────────▶│ Signals::poll_next  │──▶ a task
///   │              │ one byte       │  empties the pipe,  │
///   └──────────────┘───── pipe ────▶│  then takes flags   │
///                                   └─────────────────────┘
/// ```
///
/// # Contract: signals of one kind coalesce
///
/// Those that come before the stream has yielded the first of them are one item. The kernel does the
/// same: a signal that is pending is not pending twice.
///
/// # Contract: while no `Signals` watches it, a signal does what it does by default
///
/// A value watches what was [added](Signals::add) to it, until that is removed or the value is dropped.
/// Several values may watch the same signal, and each of them yields it.
///
/// # Cancel safety
///
/// No signal is lost if a future that polls this is dropped.
pub struct Signals {
    io: Registered<Receiver>,
    /// The end of the pipe into which handlers write. Each of them has a clone.
    writer: OwnedFd,
    watched: RefCell<Vec<Watched>>,
    /// Set by the first signal of those that end the process the second time.
    asked: Arc<AtomicBool>,
}

/// A signal that is watched. Dropping it ends that.
struct Watched {
    signal: Signal,
    /// Set by the handler, and taken by the stream.
    came: Arc<AtomicBool>,
    /// What the handler does for it.
    actions: Vec<SigId>,
    /// What it does by default, from the moment on at which it does not.
    default: Option<ByDefault>,
}

impl Signals {
    /// No signal is watched yet.
    ///
    /// # Errors
    ///
    /// If there are no descriptors left for the pipe.
    pub fn new(reactor: &ReactorHandle) -> io::Result<Signals> {
        let (writer, reader) = pipe::new()?;
        Ok(Signals {
            io: Registered::new(reactor, reader, Source::new(), Interest::READABLE)?,
            writer: writer.into(),
            watched: RefCell::default(),
            asked: Arc::default(),
        })
    }

    /// Watches a signal from now on: asyncio's `add_signal_handler`. If it is watched already, changes
    /// nothing.
    ///
    /// A process can be started with a signal ignored, as `nohup` does it with SIGHUP. From this call on
    /// it is not ignored any more: see [`is_ignored`].
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn add(&self, signal: Signal) -> io::Result<()> {
        if self.is_watched(signal) {
            return Ok(());
        }
        let default = ByDefault::of(signal)?;
        let came = Arc::<AtomicBool>::default();
        // An error from here on drops it, and with it the actions.
        let mut watched = Watched {
            signal,
            came: Arc::clone(&came),
            actions: Vec::new(),
            default: None,
        };
        // The handler calls its actions in this order: the flag is set when the byte is written.
        let number = signal.number();
        watched.actions.push(flag::register(number, came)?);
        let writer = self.writer.try_clone()?;
        watched.actions.push(self_pipe::register(number, writer)?);
        // The last step: a signal that comes before it does what it does by default, and none is lost.
        default.watch();
        watched.default = Some(default);
        self.watched.borrow_mut().push(watched);
        Ok(())
    }

    /// Watches a signal no more, as far as this value is concerned: asyncio's `remove_signal_handler`.
    /// If it has come and was not yielded, it is not yielded any more. Returns `false` if it was not
    /// watched.
    pub fn remove(&self, signal: Signal) -> bool {
        let mut watched = self.watched.borrow_mut();
        let place = watched.iter().position(|watched| watched.signal == signal);
        let removed = place.map(|place| watched.remove(place));
        removed.is_some()
    }

    /// Watches a signal that asks the process to end. If it comes for the second time, or after another
    /// one that was added so, the handler ends the process at once, with the status 128 + its number. No
    /// destructor runs, and no output is flushed.
    ///
    /// This happens in the handler, so it works also if the loop's thread is stuck. A terminal and a wrapper
    /// script may both send the signal for one Ctrl-C. Then this one Ctrl-C ends the process at once.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn add_ending(&self, signal: Signal) -> io::Result<()> {
        self.add(signal)?;
        let number = signal.number();
        // The condition first: the first signal finds the flag clear, and then sets it.
        let asked = Arc::clone(&self.asked);
        let ends = flag::register_conditional_shutdown(number, 128 + number, asked)?;
        self.keep(signal, ends);
        let asks = flag::register(number, Arc::clone(&self.asked))?;
        self.keep(signal, asks);
        Ok(())
    }

    fn keep(&self, signal: Signal, action: SigId) {
        let mut watched = self.watched.borrow_mut();
        if let Some(watched) = watched.iter_mut().find(|watched| watched.signal == signal) {
            watched.actions.push(action);
        }
    }

    fn is_watched(&self, signal: Signal) -> bool {
        let watched = self.watched.borrow();
        watched.iter().any(|watched| watched.signal == signal)
    }

    /// A signal that has come. If several have, the one that was added first.
    fn take(&self) -> Option<Signal> {
        let watched = self.watched.borrow();
        // SeqCst, as the handler's store: the flag is visible when its byte was read.
        let came = |watched: &&Watched| watched.came.swap(false, Ordering::SeqCst);
        watched.iter().find(came).map(|watched| watched.signal)
    }
}

impl Stream for Signals {
    type Item = Signal;

    // ANCHOR: poll_next
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Signal>> {
        loop {
            // The loop looks at the flags once more after each read, before the task sleeps. Otherwise a
            // signal that comes before the read would leave a flag, and its byte would be gone.
            if let Some(signal) = self.take() {
                return Poll::Ready(Some(signal));
            }
            match self.io.poll_read(context, &mut [0; 64]) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(read) => drop(read.expect("both ends of the pipe are open")),
            }
        }
    }
    // ANCHOR_END: poll_next
}

impl Drop for Watched {
    fn drop(&mut self) {
        // First: a signal that comes before the actions are gone does what it does by default, and none is lost.
        if let Some(default) = self.default {
            default.stop_watching();
        }
        for &action in &self.actions {
            unregister(action);
        }
    }
}

/// What a signal does by default, as long as no `Signals` of the process watches it.
#[derive(Clone, Copy)]
struct ByDefault {
    /// How many values watch it. `None` before the first one. A thread that changes `applies` holds this lock, because
    /// values on several threads may begin and stop to watch at the same time.
    watching: &'static Mutex<Option<usize>>,
    /// Read by the handler: whether the signal does what it does by default.
    applies: &'static AtomicBool,
}

static WATCHING: [Mutex<Option<usize>>; 5] = [const { Mutex::new(None) }; 5];
static APPLIES: [AtomicBool; 5] = [const { AtomicBool::new(true) }; 5];

impl ByDefault {
    /// Registers the action that does the default, when a signal is watched for the first time. A handler
    /// stays installed until the process ends, so this action does, too.
    fn of(signal: Signal) -> io::Result<ByDefault> {
        let place = signal as usize;
        let default = ByDefault {
            watching: &WATCHING[place],
            applies: &APPLIES[place],
        };
        let mut watching = default.lock();
        if watching.is_none() {
            flag::register_conditional_default(signal.number(), default.applies)?;
            *watching = Some(0);
        }
        drop(watching);
        Ok(default)
    }

    fn watch(self) {
        self.change(|watching| watching + 1);
    }

    fn stop_watching(self) {
        self.change(|watching| watching - 1);
    }

    fn change(self, change: impl FnOnce(usize) -> usize) {
        let mut watching = self.lock();
        let now = change(watching.unwrap_or(0));
        *watching = Some(now);
        self.applies.store(now == 0, Ordering::SeqCst);
    }

    fn lock(self) -> MutexGuard<'static, Option<usize>> {
        self.watching.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the process ignores a signal, because it was started so and has not added it. A service that
/// is started with `nohup` asks this before it adds SIGHUP.
///
/// Linux tells it in `/proc/self/status`. Elsewhere a program cannot ask without unsafe code, and this
/// returns `false`.
#[must_use]
pub fn is_ignored(signal: Signal) -> bool {
    if !cfg!(target_os = "linux") {
        return false;
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal.number() - 1) & 1 == 1)
}

impl fmt::Debug for Signals {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let watched: Vec<Signal> = self.watched.borrow().iter().map(|one| one.signal).collect();
        out.debug_struct("Signals")
            .field("watched", &watched)
            .finish_non_exhaustive()
    }
}
