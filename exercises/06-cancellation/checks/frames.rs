//! 6.8 frames: a reader of messages whose calls are dropped.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::subject::Frames;
use futures::io::AsyncRead;
use probe::{Recorder, Run, panics, run, snapshot};
use probe_futures::poller;

/// More polls than any right answer needs.
const POLLS: usize = 200;

/// A stream that delivers one piece a read, and returns `Pending` before each.
struct Pieces {
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
    /// The events of the delivered messages.
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

    /// Polls one call of `next` up to so many times, and records nothing.
    fn long(&self, polls: usize) -> Option<io::Result<Option<Vec<u8>>>> {
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
    fn refuse_error(&self, error: ErrorKind, dropped: bool) -> ! {
        if dropped {
            self.lost();
        }
        self.run.departs(format!(
            "The stream has no error, and `next` returned {error:?}."
        ))
    }

    #[track_caller]
    fn lost(&self) -> ! {
        self.run.diagnose(
            "lost-on-cancel",
            "A call of `next` had taken bytes from the stream when its future was dropped. The later calls did not deliver what was sent: bytes are missing, or the count of them.",
        )
    }

    /// Compares what was delivered with what was sent.
    #[track_caller]
    fn judge(&self, messages: &[Vec<u8>], dropped: bool) {
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
fn each_message_is_delivered_whole_and_in_order() {
    let world = World::new(
        run!("in_order"),
        MESSAGES.iter().map(|message| frame(message)).collect(),
    );
    let messages = world.read(false);
    world.judge(&messages, false);
    snapshot!(world.run);
}

#[test]
fn three_messages_in_one_read_are_all_delivered() {
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
            "One read brought three messages, and only the first was delivered: the bytes behind the end of a message were dropped.",
        );
    }
    world.judge(&messages, false);
}

#[test]
fn messages_are_delivered_whatever_the_sizes_of_the_reads() {
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
fn an_empty_message_at_the_end_is_delivered() {
    let world = World::new(run!(), vec![frame(b"one"), frame(b"")]);
    world
        .run
        .recorder()
        .says("stream", "brings “one”, then an empty message, and ends");
    for expected in [&b"one"[..], b""] {
        match world.next(POLLS) {
            Next::Message(message) if message == expected => {}
            Next::Error(error) => world.run.departs(format!(
                "The stream has no error, and in place of the message {} `next` returned {error:?}.",
                show(expected)
            )),
            Next::End => world.run.departs(format!(
                "All of the message {} has arrived, and `next` returned `None`.",
                show(expected)
            )),
            other => world.run.departs(format!(
                "All of the message {} has arrived, and `next` returned {other:?}.",
                show(expected)
            )),
        }
    }
    let end = world.next(POLLS);
    if end != Next::End {
        world.run.departs(format!(
            "The stream has ended, and `next` returned {end:?}; expected: the end."
        ));
    }
}

#[test]
fn a_message_of_any_length_is_delivered() {
    for length in LENGTHS {
        let message: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let world = World::new(
            run!(),
            frame(&message).chunks(700).map(<[u8]>::to_vec).collect(),
        );
        let says = format!("brings a message of {length} bytes, at most 700 a read");
        world.run.recorder().says("stream", says);
        match world.long(1_000 * POLLS) {
            Some(Ok(Some(came))) if came == message => {}
            Some(Ok(Some(came))) => world.run.departs(format!(
                "The message has {length} bytes. `next` returned one of {} bytes, or with other bytes.",
                came.len()
            )),
            Some(Ok(None)) => world.run.departs("The message has arrived, and `next` returned the end."),
            Some(Err(error)) => world.run.departs(format!("The stream has no error, and `next` returned: {error}.")),
            None => world.run.departs("The message has arrived, and `next` is still pending."),
        }
    }
}

/// The edges of one byte, of usual buffers and of two bytes.
const LENGTHS: [u32; 16] = [
    0, 1, 2, 254, 255, 256, 257, 1_022, 1_024, 1_025, 8_192, 32_767, 32_768, 65_533, 65_534, 65_535,
];

#[test]
fn a_call_that_is_dropped_adds_no_byte() {
    let bytes = frame(b"one");
    for end in 1..bytes.len() {
        for polls in 1..4 {
            let world = World::new(run!(), pieces(&bytes, &[end]));
            let says = format!("brings {end} bytes of one message, then the rest");
            world.run.recorder().says("stream", says);
            world.next(polls);
            let came = world.next(POLLS);
            if matches!(&came, Next::Message(message) if message != b"one") {
                world.run.diagnose(
                    "changed-before-await",
                    format!(
                        "The stream holds one message, “one”. A call of `next` was dropped, and the call after it delivered {}: bytes that \
                         were never sent. The dropped call had changed `Frames` as if a read had returned, and the read had not.",
                        match &came {
                            Next::Message(message) => show(message),
                            _ => unreachable!("it is a message"),
                        }
                    ),
                );
            }
        }
    }
}

#[test]
fn a_call_that_is_dropped_loses_no_byte() {
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
            world
                .run
                .departs("`next` returned, and only a part of the message had arrived.");
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
fn calls_that_are_dropped_one_after_the_other_lose_no_byte() {
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
fn the_end_of_the_stream_is_returned_each_time() {
    let world = World::new(run!(), vec![]);
    world.run.recorder().says("stream", "is empty");
    for _ in 0..2 {
        match world.next(POLLS) {
            Next::End => {}
            Next::Error(error) => world.run.departs(format!(
                "The stream ended before any message, and `next` returned {error:?}; expected: the end."
            )),
            other => world
                .run
                .departs(format!("The stream is empty, and `next` returned {other:?}; expected: the end.")),
        }
    }
}

#[test]
fn the_end_of_the_stream_inside_a_message_is_an_error() {
    for (name, bytes) in [
        ("of a length", &b"\0"[..]),
        ("of a message", b"\0\x03on"),
        ("of a message, before its first byte", b"\0\x03"),
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
                    "The stream ended inside a message, and `next` returned `None`, as if the stream had ended between two messages.",
                ),
                other => world.run.departs(format!("The stream ended inside a message, and `next` returned {other:?}; expected: UnexpectedEof.")),
            }
        }
    }
}

#[test]
fn an_error_of_the_stream_is_returned_as_it_is() {
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
            .says("stream", format!("fails {name}: {broken:?}"));
        let first = world.next(POLLS);
        if first != Next::Message(b"one".to_vec()) {
            world.run.departs(format!(
                "All of the first message arrived before the error, and `next` returned {first:?}."
            ));
        }
        match world.next(POLLS) {
            Next::Error(error) if error == broken => {}
            Next::End => world.run.diagnose(
                "error-swallowed",
                "The stream failed, and `next` returned `None`, as if every message had arrived.",
            ),
            Next::Error(error) => world.run.departs(format!(
                "The stream failed with {broken:?}, and `next` returned {error:?}. The contract says: as it is."
            )),
            other => world.run.departs(format!(
                "The stream failed with {broken:?}, and `next` returned {other:?}."
            )),
        }
    }
}

#[test]
fn a_hundred_thousand_messages_are_delivered_in_order() {
    const ALL: u32 = 100_000;
    let run = run!();
    run.recorder().says(
        "stream",
        format!("delivers {ALL} messages of four bytes in one piece"),
    );
    let mut frames = Frames::new(
        &*(0..ALL)
            .flat_map(|number| frame(&number.to_be_bytes()))
            .collect::<Vec<u8>>()
            .leak(),
    );
    for number in 0..=ALL {
        let mut context = Context::from_waker(Waker::noop());
        let next = Box::pin(frames.next()).as_mut().poll(&mut context);
        match next {
            Poll::Ready(Ok(Some(message))) if number < ALL && message == number.to_be_bytes() => {}
            Poll::Ready(Ok(None)) if number == ALL => {}
            other => run.departs(format!(
                "Call {} of `next` gave {other:?}; expected: {}.",
                number + 1,
                match number {
                    ALL => "the end".to_owned(),
                    number => format!("the message {:?}", number.to_be_bytes()),
                }
            )),
        }
    }
}

#[test]
fn every_short_script_of_reads_and_drops_delivers_every_message() {
    for length in 0..=SCRIPT {
        let mut script = vec![0; length];
        loop {
            let moves: Vec<Read> = script.iter().map(|&read| READS[read]).collect();
            judge_script(&moves);
            // The next script of this length, as a number is counted up.
            let Some(place) = script.iter().rposition(|&read| read + 1 < READS.len()) else {
                break;
            };
            script[place] += 1;
            script[place + 1..].fill(0);
        }
    }
}

/// The longest script. All those that are shorter are tried first.
const SCRIPT: usize = 5;

/// How one read ends, and whether the call is dropped if it is pending.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Read {
    Bytes(usize),
    Waits,
    WaitsAndIsDropped,
    Fails,
}

const READS: [Read; 6] = [
    Read::Bytes(1),
    Read::WaitsAndIsDropped,
    Read::Bytes(4),
    Read::Fails,
    Read::Waits,
    Read::Bytes(usize::MAX),
];

/// A stream that answers each read as the script says, and then with all that is left.
struct Scripted {
    script: VecDeque<Read>,
    bytes: Vec<u8>,
    drops: Rc<Cell<bool>>,
}

impl AsyncRead for Scripted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let most = match self.script.pop_front() {
            Some(Read::Bytes(most)) => most,
            None => usize::MAX,
            Some(Read::Fails) => return Poll::Ready(Err(ErrorKind::TimedOut.into())),
            Some(read) => {
                self.drops.set(read == Read::WaitsAndIsDropped);
                return Poll::Pending;
            }
        };
        let count = self.bytes.len().min(buffer.len()).min(most);
        buffer[..count].copy_from_slice(&self.bytes[..count]);
        self.bytes.drain(..count);
        Poll::Ready(Ok(count))
    }
}

/// The messages, whatever happens on the way, and the end behind them.
#[track_caller]
fn judge_script(script: &[Read]) {
    let drops = Rc::new(Cell::new(false));
    let mut frames = Frames::new(Scripted {
        script: script.iter().copied().collect(),
        bytes: stream(),
        drops: Rc::clone(&drops),
    });
    let (mut came, mut failures) = (Vec::new(), 0);
    for _ in 0..POLLS {
        let mut future = Box::pin(frames.next());
        let ended = loop {
            let mut context = Context::from_waker(Waker::noop());
            match future.as_mut().poll(&mut context) {
                Poll::Pending if drops.take() => break None,
                Poll::Pending => {}
                Poll::Ready(ended) => break Some(ended),
            }
        };
        match ended {
            None => {}
            Some(Ok(Some(message))) => came.push(message),
            Some(Ok(None)) => break,
            Some(Err(error)) if error.kind() == ErrorKind::TimedOut => failures += 1,
            Some(Err(_)) => break,
        }
    }
    let failed = script.iter().filter(|&&read| read == Read::Fails).count();
    if came != MESSAGES || failures > failed {
        report_script(script, &came);
    }
}

#[track_caller]
fn report_script(script: &[Read], came: &[Vec<u8>]) -> ! {
    let run = run!();
    for read in script {
        let says = match read {
            Read::Bytes(usize::MAX) => "delivers all that fits".to_owned(),
            Read::Bytes(count) => format!("delivers at most {count} bytes"),
            Read::Waits => "returns Pending".to_owned(),
            Read::WaitsAndIsDropped => {
                "returns Pending, and the call of `next` is dropped".to_owned()
            }
            Read::Fails => "returns the error TimedOut".to_owned(),
        };
        run.recorder().says("stream", says);
    }
    run.recorder().says("stream", "delivers the rest");
    run.recorder()
        .says("reader", format!("has delivered {}", all(came)));
    run.departs(format!(
        "The reads ended as shown, and after each drop or error the caller called `next` again. Sent: {}. Delivered: {}. No shorter \
         script shows a difference.",
        all(&MESSAGES.map(<[u8]>::to_vec)),
        all(came)
    ))
}
