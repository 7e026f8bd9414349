//! Every short run of a channel with one slot, on the learner's code and on the reference.

use std::borrow::Cow;
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use probe::detect::{DropCounter, Token};
use probe::runs::{Known, Machine, Operation, Search, Step};
use probe::{Recorder, Run};
use probe_futures::{Poller, poller};

/// One step of a short run.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Move {
    /// Task A or B calls `send`, or polls it again.
    Send(usize),
    /// Task A calls `reserve`, or polls it again.
    Reserve,
    /// Task A uses its permit.
    Use,
    /// Task A or B is cancelled.
    Cancel(usize),
    TrySend,
    /// Task R calls `recv`, or polls it again.
    Recv,
    CancelRecv,
    TryRecv,
    Close,
    DropReceiver,
    DropSender,
}

const ALPHABET: [Move; 13] = [
    Move::TrySend,
    Move::Send(0),
    Move::Send(1),
    Move::TryRecv,
    Move::Recv,
    Move::Cancel(0),
    Move::Cancel(1),
    Move::Reserve,
    Move::Use,
    Move::Close,
    Move::CancelRecv,
    Move::DropReceiver,
    Move::DropSender,
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Send(0) | Move::Reserve | Move::Use | Move::Cancel(0) => "A".into(),
            Move::Send(_) | Move::Cancel(_) => "B".into(),
            Move::TrySend | Move::DropSender => "sender".into(),
            Move::Recv | Move::CancelRecv => "R".into(),
            Move::TryRecv | Move::Close | Move::DropReceiver => "receiver".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Send(_) => "polls send".into(),
            Move::Reserve => "polls reserve".into(),
            Move::Use => "sends with its permit".into(),
            Move::Cancel(_) => "is cancelled".into(),
            Move::TrySend => "try_send".into(),
            Move::Recv => "polls recv".into(),
            Move::CancelRecv => "drops recv".into(),
            Move::TryRecv => "try_recv".into(),
            Move::Close => "close".into(),
            Move::DropReceiver | Move::DropSender => "is dropped".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        let actor = self.actor();
        match self {
            Move::Send(_) => format!("{actor} polled `send`").into(),
            Move::Reserve => "A polled `reserve`".into(),
            Move::Use => "A sent with its permit".into(),
            Move::Cancel(_) => format!("{actor} was cancelled").into(),
            Move::TrySend => "the sender called `try_send`".into(),
            Move::Recv => "R polled `recv`".into(),
            Move::CancelRecv => "R dropped `recv`".into(),
            Move::TryRecv => "the receiver called `try_recv`".into(),
            Move::Close => "the receiver called `close`".into(),
            Move::DropReceiver => "the receiver was dropped".into(),
            Move::DropSender => "the sender was dropped".into(),
        }
    }
}

const KNOWN: [Known<Move>; 4] = [
    Known {
        mistake: "value-lost",
        sentence: "The receiver had been dropped, and a value was accepted.",
        shows: |difference| {
            difference.operations.contains(&Move::DropReceiver)
                && difference.your_step().outcome() == "Ok"
        },
    },
    Known {
        mistake: "closed-over-the-permit",
        sentence: "A sender was handed a slot before the channel was closed. Its next poll returned `Err`.",
        shows: |difference| {
            let closes = |step: &Move| matches!(step, Move::Close | Move::DropReceiver);
            matches!(difference.operation(), Some(Move::Send(_) | Move::Reserve))
                && difference.operations.iter().any(closes)
                && difference.your_step().outcome().starts_with("Err")
                && difference.expected_step().outcome().starts_with("Ok")
        },
    },
    Known {
        mistake: "closed-over-the-permits",
        sentence: "The channel was closed, a slot that was handed out before could still get a value, and the receiver was told that the \
                   channel is at its end.",
        shows: |difference| {
            difference.operations.contains(&Move::Close)
                && matches!(difference.your_step().outcome(), "None" | "Err(Closed)")
                && matches!(
                    difference.expected_step().outcome(),
                    "Pending" | "Err(Empty)"
                )
        },
    },
    Known {
        mistake: "closed-without-a-wake",
        sentence: "No value can come any more, and the task that waits in `recv` was not woken.",
        shows: |difference| {
            !difference.at_the_end()
                && difference.your_step().outcome() == difference.expected_step().outcome()
                && difference.expected_step().about("R") == Some("is woken")
                && difference.your_step().about("R") == Some("is not woken")
                && matches!(
                    difference.operation(),
                    Some(Move::Cancel(_) | Move::DropSender)
                )
        },
    },
];

/// A task that waits, and whether it was woken since its latest poll.
struct Waiter {
    name: &'static str,
    by: Poller,
    before: usize,
    waits: bool,
}

impl Waiter {
    fn new(name: &'static str) -> Waiter {
        let by = poller(&Recorder::default(), name);
        Waiter {
            name,
            by,
            before: 0,
            waits: false,
        }
    }

    fn poll<F: Future + ?Sized>(&mut self, future: Pin<&mut F>) -> Poll<F::Output> {
        self.before = self.by.wakes();
        let poll = self.by.poll(future);
        self.waits = poll.is_pending();
        poll
    }

    fn tell(&self, step: Step) -> Step {
        match (self.waits, self.by.wakes() > self.before) {
            (false, _) => step,
            (true, true) => step.fact(self.name, "is woken"),
            (true, false) => step.absence(self.name, "is not woken"),
        }
    }
}

/// What is sent: a number, and a token that is counted.
type Value = (u32, Token);

/// What a sender's task does, beside its future.
#[derive(Default)]
struct Stage {
    has_permit: Cell<bool>,
    uses_it: Cell<bool>,
}

/// Carries out the steps on a channel of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        struct $name {
            sender: Option<$($module)::+::Sender<Value>>,
            senders: [Option<(bool, Pin<Box<dyn Future<Output = &'static str>>>)>; 2],
            stage: Rc<Stage>,
            receiver: Option<$($module)::+::Receiver<Value>>,
            recv: Option<Pin<Box<dyn Future<Output = (Option<String>, $($module)::+::Receiver<Value>)>>>>,
            gives_up: Rc<Cell<bool>>,
            waiters: [Waiter; 3],
            values: DropCounter,
            sent: u32,
        }

        impl $name {
            /// With one slot, and a value in it if it is `full`.
            fn new(slots: usize, full: bool) -> $name {
                let (sender, receiver) = $($module)::+::channel(slots);
                let mut machine = $name {
                    sender: Some(sender),
                    senders: [None, None],
                    stage: Rc::default(),
                    receiver: Some(receiver),
                    recv: None,
                    gives_up: Rc::default(),
                    waiters: ["A", "B", "R"].map(Waiter::new),
                    values: DropCounter::new(),
                    sent: 0,
                };
                if full {
                    let _sent = machine.outcome(Move::TrySend);
                }
                machine
            }

            fn value(&mut self) -> Value {
                self.sent += 1;
                (self.sent, self.values.token())
            }

            fn start(&mut self, task: usize, reserves: bool) -> Option<()> {
                if let Some((reserved, _)) = &self.senders[task] {
                    return (*reserved == reserves && !self.stage.has_permit.get()).then_some(());
                }
                let sender = self.sender.clone()?;
                let (value, stage) = (self.value(), Rc::clone(&self.stage));
                let future: Pin<Box<dyn Future<Output = &'static str>>> = Box::pin(async move {
                    if !reserves {
                        return match sender.send(value).await {
                            Ok(()) => "Ok",
                            Err(_) => "Err(value)",
                        };
                    }
                    let Ok(permit) = sender.reserve().await else { return "Err(Closed)" };
                    stage.has_permit.set(true);
                    poll_fn(|_| if stage.uses_it.get() { Poll::Ready(()) } else { Poll::Pending }).await;
                    match permit.send(value) {
                        Ok(()) => "Ok",
                        Err(_) => "Err(value)",
                    }
                });
                self.senders[task] = Some((reserves, future));
                Some(())
            }

            fn poll_sender(&mut self, task: usize) -> Option<&'static str> {
                let (_, future) = self.senders[task].as_mut()?;
                let poll = self.waiters[task].poll(future.as_mut());
                Some(match poll {
                    Poll::Ready(outcome) => {
                        self.end_sender(task);
                        outcome
                    }
                    Poll::Pending if task == 0 && self.stage.has_permit.get() => {
                        self.waiters[0].waits = false;
                        "Ok(permit)"
                    }
                    Poll::Pending => "Pending",
                })
            }

            fn end_sender(&mut self, task: usize) {
                let ended = self.senders[task].take();
                self.waiters[task].waits = false;
                if task == 0 {
                    self.stage = Rc::default();
                }
                drop(ended);
            }

            fn recv(&mut self) -> Option<String> {
                if let Some(mut receiver) = self.receiver.take() {
                    let gives_up = Rc::new(Cell::new(false));
                    self.gives_up = Rc::clone(&gives_up);
                    self.recv = Some(Box::pin(async move {
                        let received = {
                            let mut recv = pin!(receiver.recv());
                            poll_fn(|context| match gives_up.get() {
                                true => Poll::Ready(None),
                                false => recv.as_mut().poll(context).map(Some),
                            })
                            .await
                        };
                        (received.map(shown), receiver)
                    }));
                }
                let poll = self.waiters[2].poll(self.recv.as_mut()?.as_mut());
                let Poll::Ready((received, receiver)) = poll else { return Some("Pending".to_owned()) };
                self.recv = None;
                self.receiver = Some(receiver);
                Some(received.unwrap_or_else(|| "done".to_owned()))
            }

            fn outcome(&mut self, step: Move) -> Option<Cow<'static, str>> {
                Some(match step {
                    Move::Send(task) => {
                        self.start(task, false)?;
                        self.poll_sender(task)?.into()
                    }
                    Move::Reserve => {
                        self.start(0, true)?;
                        self.poll_sender(0)?.into()
                    }
                    Move::Use if self.stage.has_permit.get() => {
                        self.stage.uses_it.set(true);
                        self.poll_sender(0)?.into()
                    }
                    Move::Use => return None,
                    Move::Cancel(task) => {
                        self.senders[task].as_ref()?;
                        self.end_sender(task);
                        "done".into()
                    }
                    Move::TrySend => {
                        let value = self.value();
                        match self.sender.as_ref()?.try_send(value) {
                            Ok(()) => "Ok",
                            Err($($module)::+::TrySendError::Full(_)) => "Err(Full)",
                            Err($($module)::+::TrySendError::Closed(_)) => "Err(Closed)",
                        }
                        .into()
                    }
                    Move::Recv => self.recv()?.into(),
                    Move::CancelRecv => {
                        self.recv.as_ref()?;
                        self.gives_up.set(true);
                        self.recv()?.into()
                    }
                    Move::TryRecv => match self.receiver.as_mut()?.try_recv() {
                        Ok((number, _)) => format!("Ok({number})").into(),
                        Err(error) => format!("Err({error:?})").into(),
                    },
                    Move::Close => {
                        self.receiver.as_mut()?.close();
                        "done".into()
                    }
                    Move::DropReceiver => {
                        self.waiters[2].waits = false;
                        match (self.receiver.take(), self.recv.take()) {
                            (None, None) => return None,
                            gone => drop(gone),
                        }
                        "done".into()
                    }
                    Move::DropSender => {
                        drop(self.sender.take()?);
                        "done".into()
                    }
                })
            }
        }

        impl Machine for $name {
            type Operation = Move;

            fn apply(&mut self, step: &Move) -> Option<Step> {
                let outcome = self.outcome(*step)?;
                let seen = Step::of(outcome).fact("values", format!("{} alive", self.values.alive()));
                Some(self.waiters.iter().fold(seen, |seen, waiter| waiter.tell(seen)))
            }

            fn end(self) -> Step {
                let $name { sender, senders, receiver, recv, waiters, values, .. } = self;
                drop((receiver, recv, senders, sender));
                let kept: usize = waiters.iter().map(|waiter| waiter.by.counts().alive).sum();
                Step::of("everything is dropped")
                    .fact("values", format!("{} alive", values.alive()))
                    .fact("wakers", format!("{kept} kept"))
            }
        }
    };
}

fn shown(received: Option<Value>) -> String {
    match received {
        Some((number, _)) => format!("Some({number})"),
        None => "None".to_owned(),
    }
}

machine!(Yours, super::super::subject);
machine!(Reference, synchronization::channel);

/// All short runs from an empty channel and from a full one, and long ones with one slot and with two.
#[track_caller]
pub(super) fn compare(run: &Run) {
    let search = |length| Search::of(&ALPHABET).up_to(length).naming(&KNOWN);
    search(3).compare(run, || Yours::new(1, false), || Reference::new(1, false));
    let search_full = search(3).and_random(400, 14, 87);
    search_full.compare(run, || Yours::new(1, true), || Reference::new(1, true));
    let search_two = search(1).and_random(300, 20, 88);
    search_two.compare(run, || Yours::new(2, false), || Reference::new(2, false));
}
