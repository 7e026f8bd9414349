//! Wires that a test scripts, and what is read from them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::super::subject::{Wire, netstring};
use probe::{Recorder, Run};
use probe_futures::laws::driving::Driven;
use probe_futures::poller;
use probe_futures::waker::name_of;

/// Texts with letters of one to four bytes, and the edges of Unicode.
pub(super) const TEXTS: [&str; 9] = [
    "é",
    "na\u{ef}ve",
    "日本",
    "🦀🦀",
    "\u{feff}a",
    " a\r\n",
    "a\0\0",
    "a\0b:\u{85}",
    "\u{d7ff}\u{e000}\u{10ffff}",
];

/// Names what was made of a text that is not ASCII.
#[track_caller]
pub(super) fn explain(run: &Run, text: &str, read: &Poll<Option<String>>) -> ! {
    let (bytes, letters) = (text.len(), text.chars().count());
    let seen = format!(
        "The text has {bytes} bytes and {letters} letters, and the outcome is {read:?}. Expected: Ready(Some({text:?}))."
    );
    let Poll::Ready(Some(read)) = read else {
        run.departs(seen)
    };
    if read.chars().eq(text.bytes().map(char::from)) {
        run.diagnose(
            "byte-taken-for-a-letter",
            format!("{seen} Each byte became a letter of its own."),
        );
    }
    if read
        .chars()
        .eq(text.chars().chain("1:a".chars()).take(bytes))
    {
        run.diagnose(
            "length-counts-letters",
            format!("{seen} The length {bytes} was taken for a number of letters: bytes of the next netstring are in the text."),
        );
    }
    let mut rest = text.chars();
    if read.chars().all(|letter| rest.any(|other| other == letter)) {
        run.diagnose(
            "letter-left-out",
            format!("{seen} Each letter of the text is part of it, also one that cannot be seen."),
        );
    }
    run.departs(seen)
}

/// Reads a text of this length from a wire that is pending once before each of the first `pending` bytes.
#[track_caller]
pub(super) fn expect_length(run: &Run, digits: &str, length: usize, pending: usize) {
    let mut wire = Silent::new(run, [digits.as_bytes(), b":", &vec![b'x'; length]].concat());
    wire.pending_before = pending;
    let a = poller(&Recorder::default(), "A");
    let mut reading = Box::pin(netstring(&mut wire));
    let mut polls = (0..=pending).map(|_| a.poll(reading.as_mut()));
    let seen = match polls.find(Poll::is_ready) {
        Some(Poll::Ready(Some(text))) if text.len() == length => return,
        Some(Poll::Ready(Some(text))) => format!(
            "The length is {digits}, and the text has {} bytes.",
            text.len()
        ),
        Some(_) => format!("The length is {digits}, and the outcome is None. Expected: a text."),
        None => "All bytes have arrived, and the future is pending.".to_owned(),
    };
    if pending > 0 {
        run.diagnose(
            "lost-on-pending",
            format!("{seen} With all bytes ready at once it was right: something is lost in a poll that is pending."),
        );
    }
    if (digits.len() > 4 || digits.starts_with('0')) && seen.ends_with("a text.") {
        run.diagnose(
            "digits-refused",
            format!(
                "{seen} A length has one to six digits, and this one has {}.",
                digits.len()
            ),
        );
    }
    run.departs(seen)
}

/// Reads a netstring from a wire that is pending once at each bar, and compares the text with the right one.
#[track_caller]
pub(super) fn expect(run: &Run, bytes: &str, right: Option<&str>) {
    let mut wire = Scripted::new(run, bytes);
    let read = read(run, &mut wire);
    if read.as_deref() == right {
        return;
    }
    let is_lost = |after: &str| reads(&after.replace('|', "")) == read.as_deref();
    let pauses = bytes.match_indices('|').map(|(bar, _)| &bytes[bar..]);
    let sentence = format!("The outcome is {read:?}. Expected: {right:?}");
    if right.is_some()
        && pauses.clone().count() > 0
        && (wire.asked_too_often.is_some() || pauses.clone().any(is_lost))
    {
        run.diagnose_at(
            wire.asked_too_often.or(run.recorder().last_event()),
            "lost-on-pending",
            format!("{sentence}. Bytes from before a pending poll are missing: the machine starts anew after that poll."),
        );
    }
    let at = wire.asked_too_often.or(run.recorder().last_event());
    if let (None, Some(text)) = (right, &read) {
        let whole = bytes.replace('|', "");
        let (length, behind) = whole.split_once(':').unwrap_or((&whole, ""));
        let digits =
            (1..=6).contains(&length.len()) && length.bytes().all(|byte| byte.is_ascii_digit());
        if !digits && bytes.contains('|') {
            run.diagnose_at(
                at,
                "lost-on-pending",
                format!("{sentence}. {length:?} is not one to six digits: those from before a pending poll were not counted."),
            );
        }
        if !digits {
            run.diagnose_at(
                at,
                "lenient-number",
                format!(
                    "{sentence}. {length:?} is not one to six digits, and was taken for a length."
                ),
            );
        }
        if behind.starts_with(text.as_str()) {
            run.diagnose_at(
                at,
                "truncation-unnoticed",
                format!("{sentence}. The wire ended before the text did, and what had arrived was taken for all of it."),
            );
        }
    }
    run.departs_at(at, format!("{sentence}."))
}

/// What a reader that starts with these bytes reads.
fn reads(bytes: &str) -> Option<&str> {
    let (length, text) = bytes.split_once(':')?;
    text.get(..length.parse().ok()?)
}

#[track_caller]
pub(super) fn read(run: &Run, wire: &mut Scripted) -> Option<String> {
    let a = poller(run.recorder(), "A");
    let mut reading = Driven::in_turn(run, "netstring", netstring(wire));
    match reading.run(&a, 40) {
        Some(text) => text,
        None => run.departs("All bytes have arrived, and the future is pending after 40 polls."),
    }
}

/// More polls of a wire after its end than any right answer makes.
pub(super) const MANY_POLLS_AFTER_THE_END: usize = 20;

pub(super) const SPINS_AT_THE_END: &str = "The wire has ended, and one poll asked it for a byte more than 20 times after that. There will be no more \
                                bytes: the poll spins.";

/// A wire that records nothing, for many bytes.
pub(super) struct Silent {
    pub(super) run: Run,
    pub(super) polls_after_the_end: usize,
    pub(super) bytes: VecDeque<u8>,
    /// Before this many bytes it is pending once each.
    pending_before: usize,
    was_pending: bool,
}

impl Silent {
    pub(super) fn new(run: &Run, bytes: Vec<u8>) -> Silent {
        Silent {
            run: run.clone(),
            polls_after_the_end: 0,
            bytes: bytes.into(),
            pending_before: 0,
            was_pending: false,
        }
    }
}

impl Wire for Silent {
    fn poll_byte(&mut self, context: &mut Context<'_>) -> Poll<Option<u8>> {
        if self.pending_before > 0 && !self.was_pending {
            self.was_pending = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.pending_before = self.pending_before.saturating_sub(1);
        self.was_pending = false;
        if self.bytes.is_empty() {
            self.polls_after_the_end += 1;
            if self.polls_after_the_end > MANY_POLLS_AFTER_THE_END {
                self.run.diagnose("spins-at-the-end", SPINS_AT_THE_END);
            }
        }
        Poll::Ready(self.bytes.pop_front())
    }
}

/// The waker of the last poll of the wire.
pub(super) type Bell = Rc<RefCell<Option<Waker>>>;

/// A wire with a script: at a bar it is pending once.
pub(super) struct Scripted {
    pub(super) run: Run,
    pub(super) left: std::vec::IntoIter<u8>,
    rings_at_once: bool,
    bell: Bell,
    /// The event at which it was first polled after its end.
    asked_too_often: Option<usize>,
    pub(super) polls_after_the_end: usize,
}

impl Scripted {
    pub(super) fn new(run: &Run, bytes: &str) -> Scripted {
        Scripted {
            run: run.clone(),
            left: bytes.as_bytes().to_vec().into_iter(),
            rings_at_once: true,
            bell: Bell::default(),
            asked_too_often: None,
            polls_after_the_end: 0,
        }
    }

    /// From now on it stays pending at a bar, and only the check wakes the task.
    pub(super) fn quiet(&mut self) -> Bell {
        self.rings_at_once = false;
        Rc::clone(&self.bell)
    }

    pub(super) fn left(&self) -> String {
        String::from_utf8_lossy(self.left.as_slice()).into_owned()
    }
}

impl Wire for Scripted {
    fn poll_byte(&mut self, context: &mut Context<'_>) -> Poll<Option<u8>> {
        let by = name_of(context.waker())
            .map_or("polled".to_owned(), |name| format!("polled by {name}"));
        let call = self.run.recorder().enters("wire", by);
        if self.left.as_slice().first() == Some(&b'|') {
            if self.rings_at_once {
                self.left.next();
                context.waker().wake_by_ref();
                call.returns("pending");
            } else {
                self.bell.replace(Some(context.waker().clone()));
                call.returns("pending");
            }
            return Poll::Pending;
        }
        let byte = self.left.next();
        if byte.is_none() {
            self.polls_after_the_end += 1;
            if self.polls_after_the_end > MANY_POLLS_AFTER_THE_END {
                self.run.diagnose("spins-at-the-end", SPINS_AT_THE_END);
            }
            self.asked_too_often = self.asked_too_often.or(self.run.recorder().last_event());
        }
        call.returns(match byte {
            Some(byte) => format!("ready({:?})", char::from(byte)),
            None => "ready(no more)".to_owned(),
        });
        Poll::Ready(byte)
    }
}
