//! Finish what is begun: a service that stops takes no more work, and ends the work that it has.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use cancellation::{Cancelled, Source, Token};
use event_loop::Timer;

/// Admits the work of a service, and sees it to its end when the service stops. A clone is the same
/// drain.
///
/// ```text
///   serving ── finish ──▶ finishing ── the deadline, cut ──▶ cutting ──▶ empty
///      admits work           │   refuses work, waits            drops the work that is left
///                            └──── the last work has ended ────────────────▲
/// ```
///
/// ```
/// use event_loop::{EventLoop, JumpingDriver, Timer};
/// use service::Drain;
/// use std::time::Duration;
///
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let handle = event_loop.handle();
/// let (drain, timer) = (Drain::new(), handle.clone());
/// let request = drain.admit(async move { timer.sleep(Duration::from_secs(3)).await });
/// let answered = handle.spawn(request.expect("the service takes requests"));
/// let numbers = event_loop.block_on(drain.finish(&handle, Duration::from_secs(10)));
/// assert_eq!((numbers.admitted, numbers.finished, numbers.open()), (1, 1, 0));
/// assert!(drain.admit(async {}).is_err());
/// # drop(answered);
/// ```
#[derive(Clone)]
pub struct Drain {
    inner: Rc<Inner>,
}

/// What has become of the work of a service. At any time
/// `admitted = finished + cut + dropped + open()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Numbers {
    /// Work that was taken in.
    pub admitted: u64,
    /// Work that was ready.
    pub finished: u64,
    /// Work that was dropped by the drain, because it was not ready in time.
    pub cut: u64,
    /// Work that other code dropped before it was ready, or that panicked.
    pub dropped: u64,
    /// Work that was not taken in, because the service was finishing.
    pub refused: u64,
}

impl Numbers {
    /// Work that is in flight.
    #[must_use]
    pub fn open(self) -> u64 {
        self.admitted - self.finished - self.cut - self.dropped
    }
}

struct Inner {
    /// Cancelled when the service begins to finish.
    closing: Source,
    /// Cancelled when the work that is left has to end at once.
    cut: Source,
    /// Cancelled when the service is finishing and no work is in flight.
    empty: Source,
    numbers: Cell<Numbers>,
}

impl Drain {
    /// A drain that admits work.
    #[must_use]
    pub fn new() -> Drain {
        Drain {
            inner: Rc::new(Inner {
                closing: Source::new(),
                cut: Source::new(),
                empty: Source::new(),
                numbers: Cell::default(),
            }),
        }
    }

    /// Admits work, which is in flight from now on, also before its first poll.
    ///
    /// # Errors
    ///
    /// [`NotAdmitted`], with the work, if the service is finishing. The work was not polled then.
    pub fn admit<F: Future>(&self, work: F) -> Result<Admitted<F>, NotAdmitted<F>> {
        drop(work);
        todo!("may it come in?")
    }

    /// A token that is cancelled when the service begins to finish: for work that waits for more, such
    /// as a connection that is idle.
    #[must_use]
    pub fn closing(&self) -> Token {
        self.inner.closing.token()
    }

    /// How much was admitted, finished, cut, dropped and refused so far.
    #[must_use]
    pub fn numbers(&self) -> Numbers {
        self.inner.numbers.get()
    }

    /// The service takes no more work, from this call on, and finishes: see [`Finish`]. `patience`
    /// counts from this call.
    pub fn finish<T: Timer>(&self, timer: &T, patience: Duration) -> Finish<T::Sleep> {
        let _ = (timer, patience);
        todo!("close the door; and what if no work is in flight?")
    }

    /// Takes no more work, and ends the work in flight at once: it is ready with [`Cut`] in its next
    /// poll. Wakes the tasks that poll it.
    pub fn cut(&self) {
        todo!("close the door, and end what is in flight")
    }
}

impl Default for Drain {
    fn default() -> Drain {
        Drain::new()
    }
}

/// Work that a [`Drain`] has admitted.
///
/// A poll polls the work first. If that is ready, so is this, with `Ok` and the work's output, also
/// after the cut. If it is pending and the drain was cut, the poll drops the work and returns
/// `Err(Cut)`. If the work panics, so does the poll.
///
/// The work is dropped before the numbers change, and these change before the poll returns. When the
/// last work in flight of a service that is finishing has ended, in any of these ways, the task that polls
/// [`Finish`] is woken.
///
/// # Cancel safety
///
/// Dropping it drops the work, which then counts as dropped.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "work does nothing until it is polled"]
pub struct Admitted<F> {
    /// `None` when it has ended.
    work: Option<Pin<Box<F>>>,
    cut: Cancelled,
    /// Is dropped behind the work.
    place: Option<Place>,
}

/// The place of one work among those in flight. Dropping it counts how the work has ended.
struct Place {
    inner: Rc<Inner>,
    end: End,
}

/// How work has ended.
#[derive(Debug, Clone, Copy)]
enum End {
    Finished,
    Cut,
    Dropped,
}

/// The service was finishing. This is the work, as it was.
pub struct NotAdmitted<F>(pub F);

/// The work was not ready in time, and was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut;

/// See [`Drain::finish`].
///
/// Ready with the numbers when no work is in flight: at once, if there was none. If work is in flight
/// at the deadline, the poll that finds this cuts the drain: see [`Drain::cut`]. Then this waits until
/// the work that was cut has been dropped, however long that takes. If the last work has ended and the
/// deadline has passed, nothing is cut.
///
/// # Cancel safety
///
/// If it is dropped, the service still takes no work, and the deadline no longer counts: the work in
/// flight may go on. Call [`Drain::finish`] again to wait again.
#[must_use = "a future does nothing until it is polled"]
pub struct Finish<S> {
    drain: Drain,
    empty: Cancelled,
    /// `None` when it has passed.
    deadline: Option<S>,
}

impl<F: Future> Future for Admitted<F> {
    type Output = Result<F::Output, Cut>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let admitted = Pin::get_mut(self);
        let _ = (admitted, context);
        todo!("the work first; and if the drain was cut?")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Not a `todo!`: a panic in here would end the process.
    }
}

impl<S: Future<Output = ()> + Unpin> Future for Finish<S> {
    type Output = Numbers;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Numbers> {
        let finish = Pin::get_mut(self);
        let _ = (finish, context);
        todo!("is it empty, or has the deadline passed?")
    }
}

/// It may be moved: the work is in a box of its own.
impl<F> Unpin for Admitted<F> {}

impl fmt::Debug for Drain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Drain")
            .field("numbers", &self.numbers())
            .field("closing", &self.inner.closing)
            .field("cut", &self.inner.cut)
            .field("empty", &self.inner.empty)
            .finish()
    }
}

impl<F> fmt::Debug for Admitted<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.place.as_ref().map(|place| place.end);
        out.debug_struct("Admitted")
            .field("has_ended", &self.work.is_none())
            .field("cut", &self.cut)
            .field("end", &end)
            .finish()
    }
}

impl<F> fmt::Debug for NotAdmitted<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("NotAdmitted")
    }
}

impl<F> fmt::Display for NotAdmitted<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the service is finishing, and takes no more work")
    }
}

impl<F> Error for NotAdmitted<F> {}

impl fmt::Display for Cut {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the work was cut off: it was not ready in time")
    }
}

impl Error for Cut {}

impl<S> fmt::Debug for Finish<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Finish")
            .field("drain", &self.drain)
            .field("deadline_has_passed", &self.deadline.is_none())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Numbers {
            admitted,
            finished,
            cut,
            dropped,
            refused,
        } = self;
        write!(
            out,
            "{admitted} admitted = {finished} finished + {cut} cut + {dropped} dropped + {} open; {refused} refused",
            self.open()
        )
    }
}
