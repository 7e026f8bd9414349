//! Every short run of a channel with one slot, on the learner's code and on the reference.

use std::borrow::Cow;
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use super::moves::{ALPHABET, KNOWN, Move};
use probe::Run;
use probe::detect::{DropCounter, Token};
use probe::runs::{Machine, Search, Step};
use probe_futures::runs::Waiter;

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
                        self.waiters[0].stop_waiting();
                        "Ok(permit)"
                    }
                    Poll::Pending => "Pending",
                })
            }

            fn end_sender(&mut self, task: usize) {
                let ended = self.senders[task].take();
                self.waiters[task].stop_waiting();
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
                        self.waiters[2].stop_waiting();
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
                let kept: usize = waiters.iter().map(Waiter::wakers_kept).sum();
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
