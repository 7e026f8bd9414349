//! 2.4 netstring: a text with its length in front, on a slow wire.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::subject::{Wire, netstring};
use probe::{Run, run, snapshot};
use probe_futures::laws::driving::{self, Driven};
use probe_futures::poller;
use probe_futures::waker::name_of;

#[test]
fn bytes_that_are_there_at_once_are_read_at_once() {
    for (bytes, text) in [
        ("5:hello", "hello"),
        ("0:", ""),
        ("11:hello world", "hello world"),
    ] {
        let run = run!();
        expect(&run, bytes, Some(text));
    }
}

#[test]
fn a_pause_inside_of_the_text_loses_nothing() {
    let run = run!("a_pause_in_the_text");
    expect(&run, "2:h|i", Some("hi"));
    snapshot!(run);
}

#[test]
fn a_pause_inside_of_the_length_loses_nothing() {
    let run = run!("a_pause_in_the_length");
    expect(&run, "1|2:to be or not", Some("to be or not"));
    snapshot!(run);
}

#[test]
fn wherever_it_pauses_the_same_text_is_read() {
    let bytes = "12:to be or not";
    for first in 0..bytes.len() {
        for second in first..bytes.len() {
            let (a, rest) = bytes.split_at(first);
            let (b, c) = rest.split_at(second - first);
            expect(&run!(), &format!("{a}||{b}|{c}"), Some("to be or not"));
        }
    }
}

#[test]
fn it_takes_no_byte_more_than_it_needs() {
    let run = run!();
    let mut wire = Scripted::new(&run, "2:hi|3:you");
    read(&run, &mut wire);
    if wire.left() != "|3:you" {
        run.departs(format!(
            "After \"2:hi\" the wire should still hold \"3:you\", and it holds {:?}.",
            wire.left().replace('|', "")
        ));
    }
}

#[test]
fn a_wire_that_ends_too_early_gives_none() {
    for bytes in ["", "3", "3|", "3:", "3:ab", "3:a|b|"] {
        let run = run!();
        expect(&run, bytes, None);
    }
}

#[test]
fn a_length_that_is_no_number_gives_none() {
    for bytes in [
        ":a",
        "x:a",
        "+1:a",
        "|-|1:a",
        "1000000:a",
        "1|0|0|0|0|0|0|:a",
    ] {
        let run = run!();
        expect(&run, bytes, None);
    }
}

#[test]
fn of_a_text_that_is_too_long_nothing_is_read() {
    let run = run!();
    let mut wire = Scripted::new(&run, "1000000:abc");
    let read = read(&run, &mut wire);
    if !wire.left().ends_with("abc") {
        run.departs("The length is 1,000,000, which is not below 1,000,000, and the text was begun all the same.");
    }
    if let Some(read) = read {
        run.departs(format!(
            "The length is not below 1,000,000, and {read:?} was read."
        ));
    }
}

#[test]
fn whoever_polled_last_is_woken_by_the_wire() {
    for bytes in ["|1:a", "1|:a", "1:|a"] {
        let run = run!();
        let mut wire = Scripted::new(&run, bytes);
        let bell = wire.quiet();
        let mut reading = Driven::in_turn(&run, "netstring", netstring(&mut wire));
        driving::wakes_reach_the_caller(&run, &mut reading, "wire", || {
            if let Some(waker) = bell.borrow_mut().take() {
                waker.wake();
            }
        });
    }
}

#[test]
fn once_it_was_ready_a_poll_more_panics() {
    for bytes in ["1:a", "x:a"] {
        let run = run!();
        let mut wire = Scripted::new(&run, bytes);
        let a = poller(run.recorder(), "A");
        let mut reading = Driven::in_turn(&run, "netstring", netstring(&mut wire));
        reading.run(&a, 3);
        reading.panics_after_the_end(&a);
    }
}

/// Reads a netstring from a wire that is quiet for a moment wherever a bar stands, and holds the text against the right one.
#[track_caller]
fn expect(run: &Run, bytes: &str, right: Option<&str>) {
    let mut wire = Scripted::new(run, bytes);
    let read = read(run, &mut wire);
    if read.as_deref() == right {
        return;
    }
    let is_lost = |after: &str| reads(&after.replace('|', "")) == read.as_deref();
    let pauses = bytes.match_indices('|').map(|(bar, _)| &bytes[bar..]);
    let sentence = format!("{read:?} was read where {right:?} was sent");
    if right.is_some()
        && pauses.clone().count() > 0
        && (wire.asked_too_often.is_some() || pauses.clone().any(is_lost))
    {
        run.diagnose_at(
            wire.asked_too_often.or(run.recorder().last_event()),
            "lost-on-pending",
            format!("{sentence}: what had come before a pause was thrown away at the pause, and reading began anew behind it."),
        );
    }
    run.departs_at(
        wire.asked_too_often.or(run.recorder().last_event()),
        format!("{sentence}."),
    )
}

/// What somebody reads who begins with these bytes.
fn reads(bytes: &str) -> Option<&str> {
    let (length, text) = bytes.split_once(':')?;
    text.get(..length.parse().ok()?)
}

#[track_caller]
fn read(run: &Run, wire: &mut Scripted) -> Option<String> {
    let a = poller(run.recorder(), "A");
    let mut reading = Driven::in_turn(run, "netstring", netstring(wire));
    match reading.run(&a, 40) {
        Some(text) => text,
        None => run.departs("All bytes have come, and it is not ready."),
    }
}

/// The waker of whoever asked last.
type Bell = Rc<RefCell<Option<Waker>>>;

/// A wire with a script, on which a bar is a pause.
struct Scripted {
    run: Run,
    left: std::vec::IntoIter<u8>,
    rings_at_once: bool,
    bell: Bell,
    /// The event at which it was asked for a byte that was not sent.
    asked_too_often: Option<usize>,
}

impl Scripted {
    fn new(run: &Run, bytes: &str) -> Scripted {
        Scripted {
            run: run.clone(),
            left: bytes.as_bytes().to_vec().into_iter(),
            rings_at_once: true,
            bell: Bell::default(),
            asked_too_often: None,
        }
    }

    /// From now on a pause lasts for ever, and nobody is woken unless the check does it.
    fn quiet(&mut self) -> Bell {
        self.rings_at_once = false;
        Rc::clone(&self.bell)
    }

    fn left(&self) -> String {
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
        if byte.is_none() && self.asked_too_often.is_none() {
            self.asked_too_often = self.run.recorder().last_event();
        }
        call.returns(match byte {
            Some(byte) => format!("ready({:?})", char::from(byte)),
            None => "ready(no more)".to_owned(),
        });
        Poll::Ready(byte)
    }
}
