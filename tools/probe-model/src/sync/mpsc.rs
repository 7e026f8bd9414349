//! Channels of the model. Time does not pass in it, so `recv_timeout` on an empty
//! channel times out at once.

use std::ops::Deref;
use std::time::Duration;

pub use shuttle::sync::mpsc::{
    IntoIter, Iter, RecvError, RecvTimeoutError, SendError, Sender, SyncSender, TryIter,
    TryRecvError, TrySendError,
};

use crate::sleep::{Sleep, note};

/// [`std::sync::mpsc::channel`].
#[must_use]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, inner) = shuttle::sync::mpsc::channel();
    (sender, Receiver { inner })
}

/// [`std::sync::mpsc::sync_channel`].
#[must_use]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let (sender, inner) = shuttle::sync::mpsc::sync_channel(bound);
    (sender, Receiver { inner })
}

/// [`std::sync::mpsc::Receiver`].
#[derive(Debug)]
pub struct Receiver<T> {
    inner: shuttle::sync::mpsc::Receiver<T>,
}

impl<T> Receiver<T> {
    /// [`std::sync::mpsc::Receiver::recv_timeout`]: what is there already is received, and nothing
    /// else.
    ///
    /// # Errors
    ///
    /// If nothing is there.
    pub fn recv_timeout(&self, _: Duration) -> Result<T, RecvTimeoutError> {
        super::thread::yield_now();
        note(Sleep::ForATime);
        self.inner.try_recv().map_err(|error| match error {
            TryRecvError::Empty => RecvTimeoutError::Timeout,
            TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
        })
    }
}

impl<T> Deref for Receiver<T> {
    type Target = shuttle::sync::mpsc::Receiver<T>;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        self.inner.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.inner.iter()
    }
}
