//! A stream of frames whose pieces a test chooses, and the calls of `next`.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use super::super::subject::Frames;
use futures::io::AsyncRead;
use probe::{Recorder, Run, panics};
use probe_futures::poller;

/// More polls than any right answer needs.
pub(super) const POLLS: usize = 200;

/// A stream that delivers one piece a read, and returns `Pending` before each.
pub(super) struct Pieces {
    pieces: Vec<Vec<u8>>,
    paused: bool,
    /// The error at its end, if there is one.
    breaks: Option<ErrorKind>,
}

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.paused = !self.paused;
        if self.paused {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let breaks = self.breaks;
        let Some(piece) = self.pieces.first_mut() else {
            return Poll::Ready(breaks.map_or(Ok(0), |error| Err(error.into())));
        };
        let count = piece.len().min(buffer.len());
        buffer[..count].copy_from_slice(&piece[..count]);
        piece.drain(..count);
        if piece.is_empty() {
            self.pieces.remove(0);
        }
        Poll::Ready(Ok(count))
    }
}

/// A message as it is sent.
pub(super) fn frame(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).expect("it is short");
    [&length.to_be_bytes()[..], message].concat()
}

pub(super) const MESSAGES: [&[u8]; 3] = [b"one", b"", b"three"];

pub(super) fn stream() -> Vec<u8> {
    MESSAGES.iter().flat_map(|message| frame(message)).collect()
}

/// The stream, in pieces that end at these places.
pub(super) fn pieces(bytes: &[u8], ends: &[usize]) -> Vec<Vec<u8>> {
    let mut begin = 0;
    let mut pieces = Vec::new();
    for end in ends.iter().copied().chain([bytes.len()]) {
        if end > begin {
            pieces.push(bytes[begin..end].to_vec());
            begin = end;
        }
    }
    pieces
}

pub(super) struct World {
    pub(super) run: Run,
    frames: RefCell<Frames<Pieces>>,
    /// The events of the delivered messages.
    delivered: RefCell<Vec<Option<usize>>>,
}

/// How a call of `next` ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Message(Vec<u8>),
    End,
    Error(ErrorKind),
    Dropped,
}

impl World {
    pub(super) fn new(run: Run, pieces: Vec<Vec<u8>>) -> World {
        World::ending(run, pieces, None)
    }

    pub(super) fn ending(run: Run, pieces: Vec<Vec<u8>>, breaks: Option<ErrorKind>) -> World {
        let pieces = Pieces {
            pieces,
            paused: false,
            breaks,
        };
        World {
            run,
            frames: RefCell::new(Frames::new(pieces)),
            delivered: RefCell::default(),
        }
    }

    /// Calls `next`, and drops its future after so many polls if it is not ready by then.
    #[track_caller]
    pub(super) fn next(&self, polls: usize) -> Next {
        match self.try_next(polls) {
            Ok(next) => next,
            Err(panic) => self.run.departs(format!("`next` panicked: {panic}.")),
        }
    }

    /// The same. An error is the text of a panic.
    pub(super) fn try_next(&self, polls: usize) -> Result<Next, String> {
        let mut frames = self.frames.borrow_mut();
        let a = poller(&Recorder::new(), "A");
        let call = self.run.recorder().enters("reader", "next()");
        let mut future = Box::pin(frames.next());
        for _ in 0..polls {
            let polled = panics::expected(|| a.poll(future.as_mut()));
            let next = match polled {
                Ok(Poll::Pending) => continue,
                Ok(Poll::Ready(Ok(Some(message)))) => Next::Message(message),
                Ok(Poll::Ready(Ok(None))) => Next::End,
                Ok(Poll::Ready(Err(error))) => Next::Error(error.kind()),
                Err(panic) => {
                    call.returns("panics");
                    return Err(panic.message);
                }
            };
            call.returns(match &next {
                Next::Message(message) => show(message),
                Next::Error(error) => format!("{error:?}"),
                _ => "the end".to_owned(),
            });
            if matches!(next, Next::Message(_)) {
                let event = self.run.recorder().last_event();
                self.delivered.borrow_mut().push(event);
            }
            return Ok(next);
        }
        drop(future);
        call.returns("dropped");
        Ok(Next::Dropped)
    }

    /// Polls one call of `next` up to so many times, and records nothing.
    pub(super) fn long(&self, polls: usize) -> Option<io::Result<Option<Vec<u8>>>> {
        let mut frames = self.frames.borrow_mut();
        let a = poller(&Recorder::new(), "A");
        let mut future = Box::pin(frames.next());
        for _ in 0..polls {
            match panics::expected(|| a.poll(future.as_mut())) {
                Ok(Poll::Pending) => {}
                Ok(Poll::Ready(ended)) => return Some(ended),
                Err(panic) if panic.message.contains("overflow") => self.run.diagnose(
                    "length-overflows",
                    format!(
                        "`next` panicked: {}. A length of two bytes goes up to 65,535.",
                        panic.message
                    ),
                ),
                Err(panic) => self
                    .run
                    .departs(format!("`next` panicked: {}.", panic.message)),
            }
        }
        None
    }

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

/// A stream that is always ready, and delivers at most so many bytes a read.
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

pub(super) fn show(message: &[u8]) -> String {
    format!("“{}”", message.escape_ascii())
}

pub(super) fn all(messages: &[Vec<u8>]) -> String {
    let messages: Vec<String> = messages.iter().map(|message| show(message)).collect();
    if messages.is_empty() {
        "none".to_owned()
    } else {
        messages.join(", ")
    }
}

pub(super) fn dropped_after(polls: usize) -> String {
    match polls {
        1 => "drops every call after one poll".to_owned(),
        _ => format!("drops every call after {polls} polls"),
    }
}
