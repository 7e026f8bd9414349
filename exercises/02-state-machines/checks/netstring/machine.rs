//! Every short run: how the bytes arrive, the machine, and the contract as a function.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::super::subject::{Wire, netstring};
use super::reading::{MANY_POLLS_AFTER_THE_END, SPINS_AT_THE_END};
use probe::runs::{Machine, Operation, Step};
use probe_futures::runs::Tasks;

/// What can happen on a wire and to its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    Poll(usize),
    Bytes(&'static str),
    Ends,
}

pub(super) const ARRIVALS: [Arrival; 8] = [
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
pub(super) struct Arrived {
    pub(super) bytes: VecDeque<u8>,
    taken: usize,
    ended: bool,
    pub(super) waker: Option<Waker>,
    pub(super) polls_after_the_end: usize,
}

#[derive(Clone, Default)]
pub(super) struct Shared(Rc<RefCell<Arrived>>);

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

pub(super) type Read = Pin<Box<dyn Future<Output = Option<String>>>>;

/// A future that reads from a wire on which bytes arrive as a run says.
pub(super) struct Reading {
    wire: Shared,
    tasks: Tasks,
    reading: Option<Read>,
    /// All bytes that have arrived.
    sent: Vec<u8>,
}

impl Reading {
    pub(super) fn by_yours() -> Reading {
        Reading::of(|mut wire| Box::pin(async move { netstring(&mut wire).await }))
    }

    pub(super) fn by_the_contract() -> Reading {
        Reading::of(|wire| Box::pin(contract(wire)))
    }

    pub(super) fn of(reader: impl FnOnce(Shared) -> Read) -> Reading {
        let wire = Shared::default();
        Reading {
            reading: Some(reader(wire.clone())),
            wire,
            tasks: Tasks::new(),
            sent: Vec::new(),
        }
    }

    pub(super) fn poll(&mut self, task: usize) -> Option<Step> {
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
