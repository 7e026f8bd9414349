//! Waiting for a time.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use event_loop::leaf::{Wait, is_quiet, waits_for};
use event_loop::{Time, TimerKey};

use crate::handle::Handle;

/// A future that is ready once the loop's clock shows a time. See
/// [`Handle::sleep`](crate::Handle::sleep).
///
/// The first poll sets its timer. It is ready when the loop has fired that timer; it does not read the
/// clock itself.
///
/// ```
/// use event_loop::{EventLoop, JumpingDriver};
/// use std::time::Duration;
///
/// // This driver does not wait: its clock jumps to the end of each sleep.
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let handle = event_loop.handle();
/// event_loop.block_on(handle.sleep(Duration::from_secs(3_600)));
/// assert_eq!(handle.now().since_start(), Duration::from_secs(3_600));
/// ```
///
/// # Cancel safety
///
/// Dropping it removes the timer.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[derive(Debug)]
#[must_use = "a sleep does nothing until it is polled"]
pub struct Sleep {
    handle: Handle,
    when: Time,
    state: State,
}

/// ```text
///           first poll          a poll after the timer fired
///   Unset ─────────────▶ Set ─────────────────────────────────▶ Over
/// ```
#[derive(Debug, Clone, Copy)]
enum State {
    Unset,
    Set(TimerKey),
    Over,
}

impl Sleep {
    pub(crate) fn new(handle: Handle, when: Time) -> Sleep {
        Sleep {
            handle,
            when,
            state: State::Unset,
        }
    }
}

// ANCHOR: poll
impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match self.state {
            State::Unset => self.set_timer(context.waker()),
            State::Set(timer) if self.is_set(timer, context.waker()) => Poll::Pending,
            State::Set(_) => {
                self.state = State::Over;
                Poll::Ready(())
            }
            State::Over => panic!("polled after it was ready"),
        }
    }
}
// ANCHOR_END: poll

impl Sleep {
    /// Whether the timer has yet to fire. From now on it wakes this waker.
    #[inline]
    fn is_set(&self, timer: TimerKey, waker: &Waker) -> bool {
        match is_quiet() {
            true => self.handle.hub().still_set(timer, waker),
            false => self.is_set_for_a_dump(timer, waker),
        }
    }

    #[cold]
    fn is_set_for_a_dump(&self, timer: TimerKey, waker: &Waker) -> bool {
        let what = || Wait::Timer(self.when);
        waits_for(what, || self.handle.hub().still_set(timer, waker))
    }
}

// ANCHOR: set_timer
impl Sleep {
    /// Sets the timer. On a closed loop none is set, and the sleep stays pending.
    #[inline(never)] // Once for each sleep, so that the polls after it stay small.
    fn set_timer(&mut self, waker: &Waker) -> Poll<()> {
        let when = self.when;
        let waker = waits_for(|| Wait::Timer(when), || waker.clone());
        if let Some(timer) = self.handle.hub().set_timer(when, waker) {
            self.state = State::Set(timer);
        }
        Poll::Pending
    }
}
// ANCHOR_END: set_timer

// ANCHOR: drop
impl Drop for Sleep {
    fn drop(&mut self) {
        if let State::Set(timer) = self.state {
            self.handle.hub().drop_timer(timer);
        }
    }
}
// ANCHOR_END: drop
