//! Short scripts of reads, and the judgment of what comes out.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::super::subject::Frames;
use super::reports::report_script;
use super::world::{MESSAGES, POLLS, stream};
use futures::io::AsyncRead;

/// How one read ends, and whether the call is dropped if it is pending.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Read {
    Bytes(usize),
    Waits,
    WaitsAndIsDropped,
    Fails,
    /// The end for now: more bytes come later.
    Ends,
}

pub(super) const READS: [Read; 6] = [
    Read::Bytes(1),
    Read::WaitsAndIsDropped,
    Read::Bytes(4),
    Read::Fails,
    Read::Waits,
    Read::Bytes(usize::MAX),
];

pub(super) const READS_WITH_ENDS: [Read; 5] = [
    Read::Bytes(1),
    Read::Bytes(4),
    Read::Ends,
    Read::WaitsAndIsDropped,
    Read::Fails,
];

/// Judges every script of up to `length` reads, shortest first.
#[track_caller]
pub(super) fn judge_scripts(alphabet: &[Read], length: usize, kind: ErrorKind) {
    for length in 0..=length {
        let mut script = vec![0; length];
        loop {
            let moves: Vec<Read> = script.iter().map(|&read| alphabet[read]).collect();
            judge_script(&moves, kind);
            // The next script of this length, as a number is counted up.
            let Some(place) = script.iter().rposition(|&read| read + 1 < alphabet.len()) else {
                break;
            };
            script[place] += 1;
            script[place + 1..].fill(0);
        }
    }
}

/// What the stream's errors hold: an error that was made anew does not hold it.
#[derive(Debug)]
struct Numbered(u32);

impl fmt::Display for Numbered {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "failure {}", self.0)
    }
}

impl std::error::Error for Numbered {}

/// What the stream did so far.
#[derive(Default)]
struct Seen {
    /// How many bytes it gave.
    given: usize,
    failed: u32,
    ended: bool,
    drops: bool,
}

/// A stream that answers each read as the script says, and then with all that is left.
struct Scripted {
    script: VecDeque<Read>,
    bytes: Vec<u8>,
    kind: ErrorKind,
    seen: Rc<RefCell<Seen>>,
}

impl AsyncRead for Scripted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let seen = Rc::clone(&self.seen);
        let mut seen = seen.borrow_mut();
        let most = match self.script.pop_front() {
            Some(Read::Bytes(most)) => most,
            None => usize::MAX,
            Some(Read::Fails) => {
                seen.failed += 1;
                return Poll::Ready(Err(io::Error::new(self.kind, Numbered(seen.failed))));
            }
            Some(Read::Ends) => 0,
            Some(read) => {
                seen.drops = read == Read::WaitsAndIsDropped;
                return Poll::Pending;
            }
        };
        let count = self.bytes.len().min(buffer.len()).min(most);
        buffer[..count].copy_from_slice(&self.bytes[..count]);
        self.bytes.drain(..count);
        seen.given += count;
        seen.ended |= count == 0;
        Poll::Ready(Ok(count))
    }
}

/// How a script went wrong.
pub(super) enum Wrong {
    /// An error of the stream was not returned, and the messages came.
    TriedAgain,
    /// An error of the stream was not returned, and the end was.
    Hidden,
    /// An error of the same kind, but not the stream's.
    Rebuilt,
    /// The end, although the stream has not ended between two messages. An error had been returned before.
    EndAfterError,
    /// The end inside a message.
    Truncated,
    Panicked(String),
    Other,
}

/// All messages must come, and the end behind them.
#[track_caller]
fn judge_script(script: &[Read], kind: ErrorKind) {
    let seen = Rc::<RefCell<Seen>>::default();
    let mut frames = Frames::new(Scripted {
        script: script.iter().copied().collect(),
        bytes: stream(),
        kind,
        seen: Rc::clone(&seen),
    });
    let (mut came, mut failures, mut ends) = (Vec::new(), 0, 0);
    let wrong = loop {
        if came.len() + ends > POLLS {
            break Some(Wrong::Other);
        }
        seen.borrow_mut().ended = false;
        let ended = match next(&mut frames, &seen) {
            Ok(ended) => ended,
            Err(panic) => break Some(Wrong::Panicked(panic)),
        };
        let now = seen.borrow();
        match ended {
            None => {}
            Some(Ok(Some(message))) => came.push(message),
            Some(Ok(None)) => {
                let (messages, is_between) = messages_in(now.given);
                break match (came == MESSAGES[..messages], is_between) {
                    _ if failures < now.failed => Some(Wrong::Hidden),
                    (_, false) if failures > 0 || ends > 0 => Some(Wrong::EndAfterError),
                    (_, false) => Some(Wrong::Truncated),
                    (false, true) => Some(Wrong::Other),
                    (true, true) if !now.ended && (failures > 0 || ends > 0) => {
                        Some(Wrong::EndAfterError)
                    }
                    (true, true) => None,
                };
            }
            Some(Err(error)) if error.kind() == kind && failures < now.failed => {
                failures += 1;
                let number = error.get_ref().and_then(|held| held.downcast_ref());
                if !matches!(number, Some(Numbered(number)) if *number == failures) {
                    break Some(Wrong::Rebuilt);
                }
            }
            Some(Err(error))
                if error.kind() == ErrorKind::UnexpectedEof
                    && now.ended
                    && !messages_in(now.given).1 =>
            {
                ends += 1;
            }
            Some(Err(_)) => break Some(Wrong::Other),
        }
        if failures < now.failed && came.len() == MESSAGES.len() {
            break Some(Wrong::TriedAgain);
        }
    };
    if let Some(wrong) = wrong {
        report_script(script, kind, &came, &wrong);
    }
}

type Next = Option<io::Result<Option<Vec<u8>>>>;

/// One call of `next`. `None` if the script has it dropped.
fn next(frames: &mut Frames<Scripted>, seen: &RefCell<Seen>) -> Result<Next, String> {
    let polls = || {
        let mut future = Box::pin(frames.next());
        loop {
            let mut context = Context::from_waker(Waker::noop());
            match future.as_mut().poll(&mut context) {
                Poll::Pending if std::mem::take(&mut seen.borrow_mut().drops) => return None,
                Poll::Pending => {}
                Poll::Ready(ended) => return Some(ended),
            }
        }
    };
    probe::panics::expected(polls).map_err(|panic| panic.message)
}

/// How many messages these bytes of the stream hold, and whether they end between two messages.
fn messages_in(bytes: usize) -> (usize, bool) {
    let mut end = 0;
    for (number, message) in MESSAGES.iter().enumerate() {
        if bytes == end {
            return (number, true);
        }
        if bytes < end + 2 + message.len() {
            return (number, false);
        }
        end += 2 + message.len();
    }
    (MESSAGES.len(), true)
}
