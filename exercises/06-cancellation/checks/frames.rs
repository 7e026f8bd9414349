//! 6.8 frames: a reader of messages that is dropped in the middle.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::subject::Frames;
use futures::io::AsyncRead;
use probe::{Recorder, Run, panics, run, snapshot};
use probe_futures::poller;

/// More polls than any right answer needs.
const POLLS: usize = 200;

/// A stream that gives one piece a read, and pauses before each.
struct Pieces {
    pieces: Vec<Vec<u8>>,
    paused: bool,
    /// How it ends, if not well.
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
fn frame(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).expect("it is short");
    [&length.to_be_bytes()[..], message].concat()
}

const MESSAGES: [&[u8]; 3] = [b"one", b"", b"three"];

fn stream() -> Vec<u8> {
    MESSAGES.iter().flat_map(|message| frame(message)).collect()
}

/// The stream, in pieces that end at these places.
fn pieces(bytes: &[u8], ends: &[usize]) -> Vec<Vec<u8>> {
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

struct World {
    run: Run,
    frames: RefCell<Frames<Pieces>>,
    /// The events of the messages that have come.
    delivered: RefCell<Vec<Option<usize>>>,
}

/// How a call of `next` ended.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Message(Vec<u8>),
    End,
    Error(ErrorKind),
    Dropped,
}

impl World {
    fn new(run: Run, pieces: Vec<Vec<u8>>) -> World {
        World::ending(run, pieces, None)
    }

    fn ending(run: Run, pieces: Vec<Vec<u8>>, breaks: Option<ErrorKind>) -> World {
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
    fn next(&self, polls: usize) -> Next {
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
                    drop(call);
                    self.run
                        .departs(format!("`next` panicked: {}.", panic.message));
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
            return next;
        }
        drop(future);
        call.returns("dropped");
        Next::Dropped
    }

    /// Reads to the end, after a call that was `dropped` or not.
    #[track_caller]
    fn read(&self, dropped: bool) -> Vec<Vec<u8>> {
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
                    "`next` was polled {POLLS} times, the stream has ended, and it is still pending."
                )),
                Next::Error(error) => self.refuse_error(error, dropped),
            }
        }
        self.run.departs(format!(
            "`next` was called {POLLS} times, and the end has not come."
        ))
    }

    #[track_caller]
    fn refuse_error(&self, error: ErrorKind, dropped: bool) -> ! {
        if dropped {
            self.lost();
        }
        self.run.departs(format!(
            "Nothing is wrong with the stream, and `next` said {error:?}."
        ))
    }

    #[track_caller]
    fn lost(&self) -> ! {
        self.run.diagnose(
            "lost-on-cancel",
            "A call of `next` was dropped while it waited, and what comes now is not what was sent. Something that the call knew by then is gone \
             with it: bytes that it had taken from the stream, or how many of them there were. It was kept in the future that `next` returns, and \
             not in `Frames`.",
        )
    }

    /// Holds what was read against what was sent.
    #[track_caller]
    fn judge(&self, messages: &[Vec<u8>], dropped: bool) {
        if messages == MESSAGES {
            return;
        }
        if let [first, second, ..] = messages
            && first == second
        {
            self.run.diagnose(
                "delivered-twice",
                format!(
                    "{} was sent once, and came twice: it is still in what was put aside after it was delivered.",
                    show(first)
                ),
            );
        }
        if dropped {
            self.lost();
        }
        let wrong = (messages.iter())
            .zip(MESSAGES)
            .position(|(came, sent)| *came != sent);
        let event = wrong.and_then(|wrong| self.delivered.borrow().get(wrong).copied().flatten());
        self.run.departs_at(
            event.or_else(|| self.run.recorder().last_event()),
            format!(
                "These messages were sent: {}. These have come: {}.",
                all(&MESSAGES.map(<[u8]>::to_vec)),
                all(messages)
            ),
        );
    }
}

fn show(message: &[u8]) -> String {
    format!("“{}”", message.escape_ascii())
}

fn all(messages: &[Vec<u8>]) -> String {
    let messages: Vec<String> = messages.iter().map(|message| show(message)).collect();
    if messages.is_empty() {
        "none".to_owned()
    } else {
        messages.join(", ")
    }
}

#[test]
fn each_message_comes_whole_and_in_order() {
    let world = World::new(
        run!("in_order"),
        MESSAGES.iter().map(|message| frame(message)).collect(),
    );
    let messages = world.read(false);
    world.judge(&messages, false);
    snapshot!(world.run);
}

#[test]
fn messages_that_come_in_one_piece_are_all_delivered() {
    let world = World::new(run!(), vec![stream()]);
    world.run.recorder().says("stream", "comes in one piece");
    let messages = world.read(false);
    if messages.len() < MESSAGES.len()
        && MESSAGES
            .iter()
            .zip(&messages)
            .all(|(sent, came)| sent == came)
    {
        world.run.diagnose(
            "rest-of-the-read-lost",
            "Three messages came in one piece, and only the first of them was delivered: what a read has brought beyond the end of a message was \
             thrown away.",
        );
    }
    world.judge(&messages, false);
}

#[test]
fn it_makes_no_difference_in_which_pieces_they_come() {
    let bytes = stream();
    for end in 1..bytes.len() {
        let world = World::new(run!(), pieces(&bytes, &[end]));
        world.run.recorder().says(
            "stream",
            format!(
                "comes in two pieces, of {end} and {} bytes",
                bytes.len() - end
            ),
        );
        let messages = world.read(false);
        world.judge(&messages, false);
    }
    let world = World::new(
        run!(),
        pieces(&bytes, &(1..bytes.len()).collect::<Vec<_>>()),
    );
    world.run.recorder().says("stream", "comes byte by byte");
    let messages = world.read(false);
    world.judge(&messages, false);
}

#[test]
fn the_last_message_may_be_empty() {
    let world = World::new(run!(), vec![frame(b"one"), frame(b"")]);
    world
        .run
        .recorder()
        .says("stream", "brings “one”, then an empty message, and ends");
    for expected in [&b"one"[..], b""] {
        match world.next(POLLS) {
            Next::Message(message) if message == expected => {}
            Next::Error(error) => world.run.departs(format!(
                "Nothing is wrong with the stream, and in place of the message {} `next` said {error:?}.",
                show(expected)
            )),
            Next::End => world.run.departs(format!(
                "The message {} has come whole, and was not delivered: `next` said that this is the end.",
                show(expected)
            )),
            other => world.run.departs(format!(
                "The message {} has come whole, and `next` gave {other:?}.",
                show(expected)
            )),
        }
    }
    let end = world.next(POLLS);
    if end != Next::End {
        world
            .run
            .departs(format!("The stream has ended, and `next` gave {end:?}."));
    }
}

#[test]
fn a_message_may_be_longer_than_any_buffer() {
    let long: Vec<u8> = (0..60_000_u32).map(|n| (n % 251) as u8).collect();
    let world = World::new(
        run!(),
        frame(&long).chunks(700).map(<[u8]>::to_vec).collect(),
    );
    world
        .run
        .recorder()
        .says("stream", "brings a message of 60000 bytes, 700 at a time");
    let mut frames = world.frames.borrow_mut();
    let a = poller(&Recorder::new(), "A");
    let mut future = Box::pin(frames.next());
    for _ in 0..1_000 * POLLS {
        match a.poll(future.as_mut()) {
            Poll::Pending => {}
            Poll::Ready(Ok(Some(message))) if message == long => return,
            Poll::Ready(Ok(Some(message))) => world.run.departs(format!(
                "It came with {} bytes, or with other ones.",
                message.len()
            )),
            Poll::Ready(Ok(None)) => world.run.departs("It was taken for the end."),
            Poll::Ready(Err(error)) => world.run.departs(format!("It was refused: {error}.")),
        }
    }
    world.run.departs("It never came.");
}

#[test]
fn a_call_that_is_dropped_while_it_waits_loses_nothing() {
    let bytes = stream();
    // In the middle of a length, and in the middle of a message.
    for (name, ends) in [("a length", [1]), ("a message", [4])] {
        let world = World::new(run!(), pieces(&bytes, &ends));
        world
            .run
            .recorder()
            .says("stream", format!("stops in the middle of {name}"));
        let dropped = world.next(2);
        if dropped != Next::Dropped {
            world.run.departs("It was ready, and half of it has come.");
        }
        let messages = world.read(true);
        world.judge(&messages, true);
    }
    let world = World::new(run!("dropped"), pieces(&bytes, &[1]));
    world.next(2);
    let messages = world.read(true);
    world.judge(&messages, true);
    snapshot!(world.run);
}

#[test]
fn dropped_again_and_again_it_loses_nothing() {
    let bytes = stream();
    let byte_by_byte: Vec<usize> = (1..bytes.len()).collect();
    for polls in 1..6 {
        let world = World::new(run!(), pieces(&bytes, &byte_by_byte));
        world.run.recorder().says("caller", dropped_after(polls));
        let mut messages = Vec::new();
        for _ in 0..POLLS {
            match world.next(polls) {
                Next::Message(message) => messages.push(message),
                Next::End => break,
                Next::Dropped => {}
                Next::Error(error) => world.refuse_error(error, true),
            }
        }
        world.judge(&messages, true);
    }
}

fn dropped_after(polls: usize) -> String {
    match polls {
        1 => "drops every call after one poll".to_owned(),
        _ => format!("drops every call after {polls} polls"),
    }
}

#[test]
fn the_end_between_two_messages_is_the_end() {
    let world = World::new(run!(), vec![]);
    world.run.recorder().says("stream", "is empty");
    for _ in 0..2 {
        match world.next(POLLS) {
            Next::End => {}
            Next::Error(error) => world.run.departs(format!(
                "The stream has ended before any message, and `next` said {error:?}."
            )),
            other => world
                .run
                .departs(format!("The stream is empty, and `next` gave {other:?}.")),
        }
    }
}

#[test]
fn the_end_in_the_middle_of_a_message_is_an_error() {
    for (name, bytes) in [
        ("of a length", &b"\0"[..]),
        ("of a message", b"\0\x03on"),
        ("of a message that has not begun", b"\0\x03"),
    ] {
        for dropped in [false, true] {
            let world = World::new(run!(), vec![bytes.to_vec()]);
            world
                .run
                .recorder()
                .says("stream", format!("ends in the middle {name}"));
            if dropped {
                world.next(2);
            }
            match world.next(POLLS) {
                Next::Error(ErrorKind::UnexpectedEof) => {}
                Next::End if dropped => world.lost(),
                Next::End => world.run.diagnose(
                    "truncation-unnoticed",
                    "The stream has broken off in the middle of a message, and that was taken for its end: the peer may have said half of something.",
                ),
                other => world.run.departs(format!("The stream has broken off, and `next` gave {other:?}.")),
            }
        }
    }
}

#[test]
fn an_error_of_the_stream_is_told() {
    for (name, bytes) in [
        ("between two messages", vec![frame(b"one")]),
        (
            "in the middle of a message",
            vec![frame(b"one"), b"\0\x03on".to_vec()],
        ),
    ] {
        let broken = ErrorKind::ConnectionReset;
        let world = World::ending(run!(), bytes, Some(broken));
        world
            .run
            .recorder()
            .says("stream", format!("breaks {name}: {broken:?}"));
        let first = world.next(POLLS);
        if first != Next::Message(b"one".to_vec()) {
            world.run.departs(format!(
                "The first message has come whole before the stream broke, and `next` gave {first:?}."
            ));
        }
        match world.next(POLLS) {
            Next::Error(error) if error == broken => {}
            Next::End => world.run.diagnose(
                "error-swallowed",
                "The stream has broken, and `next` said that this is the end: whoever reads believes that everything has come.",
            ),
            Next::Error(error) => world.run.departs(format!(
                "The stream has broken with {broken:?}, and `next` said {error:?}: it is promised that the stream's errors are told as they are."
            )),
            other => world.run.departs(format!(
                "The stream has broken with {broken:?}, and `next` gave {other:?}."
            )),
        }
    }
}
