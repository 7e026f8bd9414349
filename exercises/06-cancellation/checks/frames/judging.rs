//! The messages that came, compared with those that were sent, and the mistakes that a short stream shows.

use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use super::super::subject::Frames;
use super::world::{MESSAGES, Next, POLLS, World, all, show};
use futures::io::AsyncRead;
use probe::{Recorder, Run, panics};
use probe_futures::poller;

impl World {
    /// Reads to the end, after a call that was `dropped` or not.
    #[track_caller]
    pub(super) fn read(&self, dropped: bool) -> Vec<Vec<u8>> {
        let mut messages = Vec::new();
        for _ in 0..POLLS {
            match self.next(POLLS) {
                Next::Message(message) => {
                    messages.push(message);
                    if messages.len() > MESSAGES.len() {
                        return messages;
                    }
                }
                Next::End => return messages,
                Next::Dropped => self.run.departs(format!(
                    "`next` was polled {POLLS} times and is still pending. The stream has ended."
                )),
                Next::Error(error) => self.refuse_error(error, dropped),
            }
        }
        self.run.departs(format!(
            "`next` was called {POLLS} times, and did not return the end."
        ))
    }

    #[track_caller]
    pub(super) fn refuse_error(&self, error: ErrorKind, dropped: bool) -> ! {
        if dropped {
            self.lost();
        }
        why_not(&self.run);
        self.run.departs(format!(
            "The stream has no error, and `next` returned {error:?}."
        ))
    }

    #[track_caller]
    pub(super) fn lost(&self) -> ! {
        self.run.diagnose(
            "lost-on-cancel",
            "A call of `next` had taken bytes from the stream when its future was dropped. The later calls did not deliver what was sent: bytes are missing, or the count of them.",
        )
    }

    /// Compares what was delivered with what was sent.
    #[track_caller]
    pub(super) fn judge(&self, messages: &[Vec<u8>], dropped: bool) {
        if messages == MESSAGES {
            return;
        }
        if let [first, second, ..] = messages
            && first == second
            && !dropped
        {
            self.run.diagnose(
                "delivered-twice",
                format!(
                    "{} was sent once and delivered twice: it is still in the buffer after it was delivered.",
                    show(first)
                ),
            );
        }
        if dropped {
            self.lost();
        }
        why_not(&self.run);
        let wrong = (messages.iter())
            .zip(MESSAGES)
            .position(|(came, sent)| *came != sent);
        let event = wrong.and_then(|wrong| self.delivered.borrow().get(wrong).copied().flatten());
        self.run.departs_at(
            event.or_else(|| self.run.recorder().last_event()),
            format!(
                "Sent: {}. Delivered: {}.",
                all(&MESSAGES.map(<[u8]>::to_vec)),
                all(messages)
            ),
        );
    }
}

/// Names what is wrong with messages that came without a drop, if a short stream of its own shows it.
#[track_caller]
fn why_not(run: &Run) {
    let first = |bytes: &'static [u8], size: usize| {
        let mut frames = Frames::new(Small(bytes, size));
        let next = panics::expected(|| poller(&Recorder::new(), "A").poll(pin!(frames.next())));
        match next {
            Ok(Poll::Ready(Ok(next))) => next,
            _ => None,
        }
    };
    let long: &'static [u8] = &*vec![1; 2_000].leak();
    let swapped: &'static [u8] = &*[&[1, 2][..], long].concat().leak();
    if first(swapped, usize::MAX).is_some_and(|message| message.len() == 0x0201)
        || first(swapped, 1).is_some_and(|message| message.len() == 0x0201)
    {
        run.diagnose(
            "length-bytes-swapped",
            "A message whose length is the bytes 1 and 2 has 258 bytes, and `next` returned 513 bytes. The more significant byte comes first.",
        );
    }
    let one = || first(b"\0\x03one", 1).as_deref() == Some(b"one");
    if one() && first(b"\0\0\0\x03one", 1).is_none_or(|message| !message.is_empty()) {
        run.diagnose(
            "empty-message-lost",
            "A message of 0 bytes was sent before “one”, and `next` did not return it: it returned `None` or the message behind it. A message may \
             be empty, and its length is all that arrives.",
        );
    }
    if one() && first(b"\0\x03one", usize::MAX).as_deref() != Some(b"one") {
        run.diagnose(
            "rest-of-the-read-lost",
            "Byte by byte “one” is delivered. With all of its bytes in one read it is not: bytes behind those that the call was waiting for were \
             dropped.",
        );
    }
}

/// A stream that is always ready, and delivers at most the given number of bytes a read.
struct Small(&'static [u8], usize);

impl AsyncRead for Small {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let count = self.0.len().min(buffer.len()).min(self.1);
        let (now, later) = self.0.split_at(count);
        buffer[..count].copy_from_slice(now);
        self.0 = later;
        Poll::Ready(Ok(count))
    }
}
