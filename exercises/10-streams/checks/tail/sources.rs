//! Scripted sources.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::io::AsyncRead;
use probe::Run;

/// What a source does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    Sends(&'static [u8]),
    Ends,
    Breaks,
}

#[derive(Debug, Default)]
pub(super) struct Wire {
    pub(super) bytes: VecDeque<u8>,
    /// How it has ended.
    pub(super) end: Option<Result<(), ErrorKind>>,
    pub(super) waker: Option<Waker>,
    pub(super) taken: usize,
    /// The latest read returned bytes. So it has kept no waker.
    pub(super) is_begun: bool,
    pub(super) reads_of_the_end: usize,
    /// The code under test has dropped it.
    pub(super) dropped: bool,
}

/// A source, as the code under test has it.
#[derive(Debug)]
pub(super) struct Source(pub(super) Rc<RefCell<Wire>>, pub(super) Run);

impl Drop for Source {
    fn drop(&mut self) {
        self.0.borrow_mut().dropped = true;
    }
}

impl AsyncRead for Source {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut wire = self.0.borrow_mut();
        let count = wire.bytes.read(buffer)?;
        wire.taken += count;
        wire.is_begun = count > 0;
        if count > 0 || buffer.is_empty() {
            return Poll::Ready(Ok(count));
        }
        let Some(end) = wire.end else {
            wire.waker = Some(context.waker().clone());
            return Poll::Pending;
        };
        wire.reads_of_the_end += 1;
        if wire.reads_of_the_end > 1_000 {
            self.1.diagnose(
                "spins-at-the-end",
                "A source had ended, and more than 1,000 reads found its end. No byte follows an end.",
            );
        }
        Poll::Ready(end.map(|()| 0).map_err(io::Error::from))
    }
}

impl Wire {
    /// Whether bytes, or the end, were not read.
    pub(super) fn is_unread(&self) -> bool {
        !self.bytes.is_empty() || self.end.is_some() && self.reads_of_the_end == 0
    }

    /// The source does this. The waker that waits for it.
    pub(super) fn does(&mut self, does: Does) -> Option<Waker> {
        match does {
            Does::Sends(bytes) => self.bytes.extend(bytes),
            Does::Ends => self.end = Some(Ok(())),
            Does::Breaks => self.end = Some(Err(ErrorKind::ConnectionReset)),
        }
        self.waker.take()
    }
}
