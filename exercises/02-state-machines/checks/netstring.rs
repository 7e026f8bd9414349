//! 2.4 netstring: a text with its length in front, on a slow wire.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::subject::{Wire, netstring};
use probe::random::texts;
use probe::runs::{Machine, Operation, Search, Step};
use probe::{Recorder, Run, run, snapshot};
use probe_futures::laws::driving::{self, Driven};
use probe_futures::poller;
use probe_futures::runs::Tasks;
use probe_futures::waker::name_of;

#[test]
fn bytes_that_are_ready_at_once_are_read_in_one_poll() {
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
fn a_pending_poll_inside_of_the_text_loses_nothing() {
    let run = run!("a_pause_in_the_text");
    expect(&run, "2:h|i", Some("hi"));
    snapshot!(run);
}

#[test]
fn a_pending_poll_inside_of_the_length_loses_nothing() {
    let run = run!("a_pause_in_the_length");
    expect(&run, "1|2:to be or not", Some("to be or not"));
    snapshot!(run);
}

#[test]
fn the_text_is_the_same_wherever_the_wire_is_pending() {
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
fn no_byte_after_the_text_is_taken_from_the_wire() {
    let run = run!();
    let mut wire = Scripted::new(&run, "2:hi|3:you");
    read(&run, &mut wire);
    if wire.left() != "|3:you" {
        run.departs(format!(
            "After \"2:hi\" the wire holds {:?}. Expected: \"3:you\".",
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
fn a_length_that_is_not_one_to_six_digits_gives_none() {
    for bytes in [
        ":a",
        "x:a",
        "+1:a",
        "|-|1:a",
        "1000000:a",
        "1|0|0|0|0|0|0|:a",
        "0000001:a",
        " 1:a",
        "1 :a",
        "-1:a",
        "0x1:a",
        "1_0:aaaaaaaaaa",
        "\0:a",
        "١:a",
    ] {
        let run = run!();
        expect(&run, bytes, None);
    }
}

#[test]
fn after_a_length_that_is_too_long_no_text_is_read() {
    let run = run!();
    let mut wire = Scripted::new(&run, "1000000:abc");
    let read = read(&run, &mut wire);
    if !wire.left().ends_with("abc") {
        run.departs("The length has seven digits, and bytes of the text were taken from the wire.");
    }
    if let Some(read) = read {
        run.departs(format!(
            "The length has seven digits, and the outcome is {read:?}. Expected: None."
        ));
    }
}

#[test]
fn the_wire_wakes_the_task_that_polled_last() {
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
fn each_poll_after_the_end_panics() {
    for bytes in ["1:a", "x:a"] {
        let run = run!();
        let mut wire = Scripted::new(&run, bytes);
        let a = poller(run.recorder(), "A");
        let mut reading = Driven::in_turn(&run, "netstring", netstring(&mut wire));
        reading.run(&a, 3);
        reading.panics_after_the_end(&a);
    }
}

/// Texts with letters of one to four bytes, and the edges of Unicode.
const TEXTS: [&str; 9] = [
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

#[test]
fn the_length_counts_bytes_and_the_text_may_hold_any_letters() {
    let generated = texts(2_04, 60, 12).map(|input| input.value);
    for text in TEXTS.map(str::to_owned).into_iter().chain(generated) {
        let run = run!();
        let text = text.as_str();
        let bytes = [
            format!("{}:", text.len()).as_bytes(),
            text.as_bytes(),
            b"1:a",
        ]
        .concat();
        run.recorder()
            .says("wire", format!("{}:{text}1:a", text.len()));
        let (mut wire, a) = (Silent::new(&run, bytes), poller(&Recorder::default(), "A"));
        let read = a.poll(pin!(netstring(&mut wire)));
        if read != Poll::Ready(Some(text.to_owned())) {
            explain(&run, text, &read);
        }
        if wire.bytes.len() != 3 {
            run.departs(format!(
                "After a text of {} bytes, {} bytes are left on the wire. Expected: 3.",
                text.len(),
                wire.bytes.len(),
            ));
        }
    }
}

/// Names what was made of a text that is not ASCII.
#[track_caller]
fn explain(run: &Run, text: &str, read: &Poll<Option<String>>) -> ! {
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
    run.departs(seen)
}

#[test]
fn bytes_that_are_not_utf8_give_none() {
    let wrong: [&[u8]; 6] = [
        b"\xff",
        b"\xc3",
        b"\xc3(",
        b"\xed\xa0\x80",
        b"\xc0\x80",
        b"a\xf4\x90\x80\x80",
    ];
    for text in wrong {
        let run = run!();
        run.recorder()
            .says("wire", format!("{}:{}", text.len(), text.escape_ascii()));
        let bytes = [format!("{}:", text.len()).as_bytes(), text].concat();
        let (mut wire, a) = (Silent::new(&run, bytes), poller(&Recorder::default(), "A"));
        let read = a.poll(pin!(netstring(&mut wire)));
        if read == Poll::Ready(Some(String::from_utf8_lossy(text).into_owned())) {
            run.diagnose(
                "invalid-replaced",
                format!("The bytes of the text are not UTF-8, and the outcome is {read:?}. Expected: Ready(None). U+FFFD took their place."),
            );
        }
        if read != Poll::Ready(None) {
            run.departs(format!(
                "The bytes of the text are not UTF-8. The outcome is {read:?}. Expected: Ready(None)."
            ));
        }
    }
}

/// Lengths of one to six digits, with zeros in front, too.
const LENGTHS: [&str; 10] = [
    "0", "7", "007", "000000", "255", "256", "04096", "65537", "100000", "999999",
];

#[test]
fn a_length_has_one_to_six_digits_and_each_may_come_late() {
    for digits in LENGTHS {
        let run = run!();
        let length = digits.parse().expect("digits");
        run.recorder()
            .says("wire", format!("{digits}:xxx…, all of it ready at once"));
        expect_length(&run, digits, length, 0);
        let pending = digits.len() + 3;
        run.recorder().says(
            "wire",
            format!("the same, pending once before each of the first {pending} bytes"),
        );
        expect_length(&run, digits, length, pending);
    }
}

/// Reads a text of this length from a wire that is pending once before each of the first `pending` bytes.
#[track_caller]
fn expect_length(run: &Run, digits: &str, length: usize, pending: usize) {
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
    run.departs(seen)
}

#[test]
fn every_short_run_is_as_expected() {
    Search::of(&ARRIVALS)
        .up_to(5)
        .and_random(100, 24, 2_04)
        .compare(&run!(), Reading::by_yours, Reading::by_the_contract);
}

/// Reads a netstring from a wire that is pending once at each bar, and compares the text with the right one.
#[track_caller]
fn expect(run: &Run, bytes: &str, right: Option<&str>) {
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
    run.departs_at(
        wire.asked_too_often.or(run.recorder().last_event()),
        format!("{sentence}."),
    )
}

/// What a reader that starts with these bytes reads.
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
        None => run.departs("All bytes have arrived, and the future is pending after 40 polls."),
    }
}

/// More polls of a wire after its end than any right answer makes.
const MANY_POLLS_AFTER_THE_END: usize = 20;

const SPINS_AT_THE_END: &str = "The wire has ended, and one poll asked it for a byte more than 20 times after that. There will be no more \
                                bytes: the poll spins.";

/// A wire that records nothing, for many bytes.
struct Silent {
    run: Run,
    polls_after_the_end: usize,
    bytes: VecDeque<u8>,
    /// Before this many bytes it is pending once each.
    pending_before: usize,
    was_pending: bool,
}

impl Silent {
    fn new(run: &Run, bytes: Vec<u8>) -> Silent {
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

/// What can happen on a wire and to its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arrival {
    Poll(usize),
    Bytes(&'static str),
    Ends,
}

const ARRIVALS: [Arrival; 8] = [
    Arrival::Poll(0),
    Arrival::Poll(1),
    Arrival::Bytes("1"),
    Arrival::Bytes("2"),
    Arrival::Bytes("0"),
    Arrival::Bytes(":"),
    Arrival::Bytes("é"),
    Arrival::Ends,
];

impl Operation for Arrival {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Arrival::Poll(0) => "A".into(),
            Arrival::Poll(_) => "B".into(),
            Arrival::Bytes(_) | Arrival::Ends => "wire".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Arrival::Poll(_) => "polls".into(),
            Arrival::Bytes(bytes) => format!("{bytes:?} arrives").into(),
            Arrival::Ends => "ends".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Arrival::Poll(_) => format!("{} polled", self.actor()).into(),
            Arrival::Bytes(bytes) => format!("{bytes:?} arrived").into(),
            Arrival::Ends => "the wire ended".into(),
        }
    }
}

/// Bytes that have arrived and were not taken, and how many were taken.
#[derive(Default)]
struct Arrived {
    bytes: VecDeque<u8>,
    taken: usize,
    ended: bool,
    waker: Option<Waker>,
    polls_after_the_end: usize,
}

#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Arrived>>);

impl Wire for Shared {
    fn poll_byte(&mut self, context: &mut Context<'_>) -> Poll<Option<u8>> {
        let mut arrived = self.0.borrow_mut();
        match arrived.bytes.pop_front() {
            Some(byte) => {
                arrived.taken += 1;
                Poll::Ready(Some(byte))
            }
            None if arrived.ended => {
                arrived.polls_after_the_end += 1;
                assert!(
                    arrived.polls_after_the_end <= MANY_POLLS_AFTER_THE_END,
                    "{SPINS_AT_THE_END}"
                );
                Poll::Ready(None)
            }
            None => {
                arrived.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

type Read = Pin<Box<dyn Future<Output = Option<String>>>>;

/// A future that reads from a wire on which bytes arrive as a run says.
struct Reading {
    wire: Shared,
    tasks: Tasks,
    reading: Option<Read>,
    /// All bytes that have arrived.
    sent: Vec<u8>,
}

impl Reading {
    fn by_yours() -> Reading {
        Reading::of(|mut wire| Box::pin(async move { netstring(&mut wire).await }))
    }

    fn by_the_contract() -> Reading {
        Reading::of(|wire| Box::pin(contract(wire)))
    }

    fn of(reader: impl FnOnce(Shared) -> Read) -> Reading {
        let wire = Shared::default();
        Reading {
            reading: Some(reader(wire.clone())),
            wire,
            tasks: Tasks::new(),
            sent: Vec::new(),
        }
    }

    fn poll(&mut self, task: usize) -> Option<Step> {
        let polled = self.tasks.poll(task, self.reading.as_mut()?.as_mut());
        if polled.is_ready() {
            self.reading = None;
        }
        let taken = self.wire.0.borrow().taken;
        Some(
            Step::of(format!("{polled:?}").to_lowercase())
                .fact("reader", format!("has taken {taken} bytes")),
        )
    }

    /// Whether these bytes keep the length one of up to six digits: of a wrong length the contract does not say where it ends.
    fn may_arrive(&self, bytes: &str) -> bool {
        let digits = self.sent.iter().take_while(|byte| **byte != b':').count();
        match digits == self.sent.len() {
            true if bytes == ":" => digits > 0,
            true => digits < 6 && bytes != "é",
            false => true,
        }
    }
}

impl Machine for Reading {
    type Operation = Arrival;

    fn apply(&mut self, arrival: &Arrival) -> Option<Step> {
        let step = match arrival {
            Arrival::Poll(task) => self.poll(*task)?,
            _ if self.wire.0.borrow().ended => return None,
            Arrival::Bytes(bytes) => {
                if !self.may_arrive(bytes) {
                    return None;
                }
                self.sent.extend(bytes.bytes());
                self.wire.0.borrow_mut().bytes.extend(bytes.bytes());
                Step::of("done")
            }
            Arrival::Ends => {
                self.wire.0.borrow_mut().ended = true;
                Step::of("done")
            }
        };
        if !matches!(arrival, Arrival::Poll(_)) {
            let waker = self.wire.0.borrow_mut().waker.take();
            waker.into_iter().for_each(Waker::wake);
        }
        Some(self.tasks.tell(step))
    }

    fn end(mut self) -> Step {
        self.reading = None;
        self.wire.0.borrow_mut().waker = None;
        Step::of("dropped").fact("wakers", format!("{} kept", self.tasks.wakers_kept()))
    }
}

/// The contract, for lengths of up to six digits.
async fn contract(mut wire: Shared) -> Option<String> {
    let mut length = 0;
    loop {
        match poll_fn(|context| wire.poll_byte(context)).await? {
            b':' => break,
            digit => length = length * 10 + usize::from(digit - b'0'),
        }
    }
    let mut text = Vec::new();
    while text.len() < length {
        text.push(poll_fn(|context| wire.poll_byte(context)).await?);
    }
    String::from_utf8(text).ok()
}

/// The waker of the last poll of the wire.
type Bell = Rc<RefCell<Option<Waker>>>;

/// A wire with a script: at a bar it is pending once.
struct Scripted {
    run: Run,
    left: std::vec::IntoIter<u8>,
    rings_at_once: bool,
    bell: Bell,
    /// The event at which it was first polled after its end.
    asked_too_often: Option<usize>,
    polls_after_the_end: usize,
}

impl Scripted {
    fn new(run: &Run, bytes: &str) -> Scripted {
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
