//! Every short run of calls and times, beside the reference.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use event_loop::Time;
use probe::Run;
use probe::detect::{DropCounter, Token};
use probe::runs::{Machine, Operation, Search, Step, compare_two};
use probe_loop::HandClock;
use wakers::oneshot::{self, Sender};

const NAMES: [&str; 2] = ["A", "B"];

/// What can happen.
#[derive(Clone, Copy)]
enum Event {
    /// A whole call, that succeeds or fails at once.
    Call(bool),
    Begins(usize),
    Ends(usize, bool),
    Drops(usize),
    Passes(u64),
}

const ALPHABET: [Event; 12] = [
    Event::Call(false),
    Event::Call(true),
    Event::Begins(0),
    Event::Ends(0, true),
    Event::Ends(0, false),
    Event::Drops(0),
    Event::Begins(1),
    Event::Ends(1, true),
    Event::Ends(1, false),
    Event::Drops(1),
    Event::Passes(10),
    Event::Passes(4),
];

fn well(well: bool) -> &'static str {
    if well { "succeeds" } else { "fails" }
}

impl Operation for Event {
    fn actor(&self) -> Cow<'static, str> {
        match *self {
            Event::Call(_) => "call".into(),
            Event::Begins(call) | Event::Ends(call, _) | Event::Drops(call) => NAMES[call].into(),
            Event::Passes(_) => "clock".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match *self {
            Event::Call(ends) => format!("begins, and {} at once", well(ends)).into(),
            Event::Begins(_) => "begins".into(),
            Event::Ends(_, ends) => well(ends).into(),
            Event::Drops(_) => "is dropped".into(),
            Event::Passes(seconds) => format!("{seconds} s pass").into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match *self {
            Event::Call(true) => "a call succeeded at once".into(),
            Event::Call(false) => "a call failed at once".into(),
            Event::Begins(call) => format!("call {} began", NAMES[call]).into(),
            Event::Ends(call, true) => format!("call {} succeeded", NAMES[call]).into(),
            Event::Ends(call, false) => format!("call {} failed", NAMES[call]).into(),
            Event::Drops(call) => format!("call {} was dropped", NAMES[call]).into(),
            Event::Passes(seconds) => format!("{seconds} s passed").into(),
        }
    }
}

/// What a call returns in a form that both sides share.
type Boxed = Pin<Box<dyn Future<Output = &'static str>>>;

/// The same machine on the learner's file and on the chapter's.
macro_rules! machine {
    ($name:ident, $($from:tt)*) => {
        struct $name {
            breaker: Rc<$($from)*::CircuitBreaker<HandClock>>,
            clock: HandClock,
            calls: [Option<(Boxed, Sender<bool>)>; 2],
            operations: DropCounter,
        }

        impl $name {
            fn new(threshold: u32) -> $name {
                let clock = HandClock::at(Time::START + Duration::from_secs(5));
                let cool_down = Duration::from_secs(10);
                $name {
                    breaker: Rc::new(<$($from)*::CircuitBreaker<HandClock>>::new(clock.clone(), threshold, cool_down)),
                    clock,
                    calls: [None, None],
                    operations: DropCounter::new(),
                }
            }

            fn begin(&self) -> (Boxed, Sender<bool>) {
                use $($from)*::Refused;
                let (sender, receiver) = oneshot::channel();
                let (breaker, token): (_, Token) = (Rc::clone(&self.breaker), self.operations.token());
                let call = async move {
                    let operation = || async move {
                        let _token = token;
                        if receiver.await.unwrap_or(true) { Ok(()) } else { Err(()) }
                    };
                    match breaker.call(operation).await {
                        Ok(()) => "Ok",
                        Err(Refused::Failed(())) => "Failed",
                        Err(Refused::Open) => "Refused",
                    }
                };
                (Box::pin(call), sender)
            }

            fn outcome(&mut self, event: Event) -> Option<&'static str> {
                Some(match event {
                    Event::Call(ends) => {
                        let (mut call, sender) = self.begin();
                        let _sent = sender.send(ends);
                        poll(&mut call)
                    }
                    Event::Begins(call) => {
                        if self.calls[call].is_some() {
                            return None;
                        }
                        let (mut begun, sender) = self.begin();
                        let seen = poll(&mut begun);
                        if seen == "Pending" {
                            self.calls[call] = Some((begun, sender));
                        }
                        seen
                    }
                    Event::Ends(call, ends) => {
                        let (mut ended, sender) = self.calls[call].take()?;
                        let _sent = sender.send(ends);
                        poll(&mut ended)
                    }
                    Event::Drops(call) => {
                        drop(self.calls[call].take()?);
                        "dropped"
                    }
                    Event::Passes(seconds) => {
                        self.clock.advance(Duration::from_secs(seconds));
                        "done"
                    }
                })
            }
        }

        impl Machine for $name {
            type Operation = Event;

            fn apply(&mut self, event: &Event) -> Option<Step> {
                let step = Step::of(self.outcome(*event)?);
                let state = format!("{:?}", self.breaker.state());
                let operations = format!("{} under way", self.operations.alive());
                Some(step.fact("breaker", state).fact("operations", operations))
            }

            fn end(self) -> Step {
                drop(self.calls);
                let operations = format!("{} under way", self.operations.alive());
                Step::of("dropped").fact("operations", operations)
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, service);

fn poll(call: &mut Boxed) -> &'static str {
    match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(seen) => seen,
        Poll::Pending => "Pending",
    }
}

/// What is tried in longer runs: the third state, and the count behind it, need six steps.
const CORE: [Event; 4] = [
    Event::Call(false),
    Event::Call(true),
    Event::Begins(0),
    Event::Passes(10),
];

pub(super) fn compare(run: &Run) {
    Search::of(&CORE)
        .up_to(6)
        .compare(run, || Yours::new(2), || Reference::new(2));
    for (threshold, length) in [(1, 4), (2, 3)] {
        Search::of(&ALPHABET)
            .up_to(length)
            .and_random(120, 24, 9)
            .compare(run, || Yours::new(threshold), || Reference::new(threshold));
        let (yours, right) = (|| Yours::new(threshold), || Reference::new(threshold));
        compare_two(run, &ALPHABET[..3], 4, yours, right);
    }
}
