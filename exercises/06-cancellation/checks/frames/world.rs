//! A stream of frames whose pieces a test chooses, and the calls of `next`.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::pin::Pin;
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
    pub(super) delivered: RefCell<Vec<Option<usize>>>,
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

    /// Calls `next`, and drops its future after `polls` polls if it is not ready by then.
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

    /// Polls one call of `next` up to `polls` times, and records nothing.
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
