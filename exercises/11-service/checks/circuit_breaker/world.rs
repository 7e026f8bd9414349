//! A breaker on a clock that is moved by hand, and calls that end as they are told.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::super::subject::{BreakerState, CircuitBreaker, Refused};
use event_loop::{Time, Timer};
use probe::{Run, panics};
use probe_loop::HandClock;
use wakers::oneshot::{self, Sender};

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const COOL_DOWN: Duration = Duration::from_secs(10);

type Breaker = CircuitBreaker<HandClock>;
type Boxed = Pin<Box<dyn Future<Output = Result<(), Refused<()>>>>>;

/// How a poll of a call ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Seen {
    Pending,
    Ok,
    Failed,
    Refused,
}

pub(super) struct World {
    pub(super) run: Run,
    pub(super) clock: HandClock,
    pub(super) breaker: Rc<Breaker>,
    /// How often an operation was called.
    pub(super) made: Rc<Cell<usize>>,
}

/// A call that was polled once, with what answers it.
pub(super) struct InFlight {
    name: &'static str,
    call: Boxed,
    answer: Option<Sender<Result<(), ()>>>,
}

impl World {
    /// A breaker with a cool-down of ten seconds, at 5 s.
    pub(super) fn new(run: Run, threshold: u32) -> World {
        let clock = HandClock::at(Time::START + 5 * SECOND);
        run.recorder().set_time(5 * SECOND);
        World {
            breaker: Rc::new(CircuitBreaker::new(clock.clone(), threshold, COOL_DOWN)),
            run,
            clock,
            made: Rc::default(),
        }
    }

    pub(super) fn passes(&self, duration: Duration) {
        self.clock.advance(duration);
        let recorder = self.run.recorder();
        recorder.set_time(self.clock.now().since_start());
    }

    /// A whole call, whose operation is ready at once.
    pub(super) fn call(&self, name: &str, well: bool) -> Seen {
        let made = Rc::clone(&self.made);
        let breaker = Rc::clone(&self.breaker);
        let mut call: Boxed = Box::pin(async move {
            let operation = || {
                made.set(made.get() + 1);
                std::future::ready(if well { Ok(()) } else { Err(()) })
            };
            breaker.call(operation).await
        });
        self.poll(name, &mut call)
    }

    /// A call whose operation waits for its answer.
    pub(super) fn begins(&self, name: &'static str) -> (InFlight, Seen) {
        let (answer, answered) = oneshot::channel();
        let made = Rc::clone(&self.made);
        let breaker = Rc::clone(&self.breaker);
        let mut call: Boxed = Box::pin(async move {
            let operation = || {
                made.set(made.get() + 1);
                async { answered.await.unwrap_or(Ok(())) }
            };
            breaker.call(operation).await
        });
        let seen = self.poll(name, &mut call);
        let answer = Some(answer);
        (InFlight { name, call, answer }, seen)
    }

    pub(super) fn ends(&self, in_flight: &mut InFlight, well: bool) -> Seen {
        if let Some(answer) = in_flight.answer.take() {
            let _sent = answer.send(if well { Ok(()) } else { Err(()) });
        }
        self.poll(in_flight.name, &mut in_flight.call)
    }

    pub(super) fn drops(&self, in_flight: InFlight) {
        let call = self.run.recorder().enters(in_flight.name, "is dropped");
        drop(in_flight);
        call.returns(self.in_words());
    }

    /// A call whose operation panics: when it is polled, or already when it is called. The panic has to pass through.
    pub(super) fn panics(&self, inside: bool) {
        let panicked = panics::expected(|| match inside {
            true => poll_with(&self.breaker, || async { panic!("boom") }),
            false => poll_with(&self.breaker, || -> std::future::Ready<_> {
                panic!("boom")
            }),
        });
        self.run.recorder().says("call", "panics");
        if matches!(panicked, Ok(Poll::Ready(Err(Refused::Open)))) {
            self.run.departs(
                "A call that panicked says nothing of the server. The call after it was refused.",
            );
        }
        if panicked.is_ok() {
            self.run
                .departs("The operation panicked, and the panic has not passed through.");
        }
    }

    fn poll(&self, name: &str, call: &mut Boxed) -> Seen {
        let entered = self.run.recorder().enters(name, "polled");
        let mut context = Context::from_waker(Waker::noop());
        let polled = match panics::expected(|| call.as_mut().poll(&mut context)) {
            Ok(polled) => polled,
            Err(panic) => {
                drop(entered);
                self.run
                    .departs(format!("The poll of a call panicked: {}.", panic.message))
            }
        };
        let seen = match polled {
            Poll::Pending => Seen::Pending,
            Poll::Ready(Ok(())) => Seen::Ok,
            Poll::Ready(Err(Refused::Failed(()))) => Seen::Failed,
            Poll::Ready(Err(Refused::Open)) => Seen::Refused,
        };
        entered.returns(format!("{seen:?}, {}", self.in_words()));
        seen
    }

    fn in_words(&self) -> String {
        match self.breaker.state() {
            BreakerState::Closed => "closed".to_owned(),
            BreakerState::Open => "open".to_owned(),
            BreakerState::HalfOpen => "half-open".to_owned(),
        }
    }

    pub(super) fn is(&self, state: BreakerState) -> bool {
        self.breaker.state() == state
    }

    #[track_caller]
    pub(super) fn expect(&self, seen: Seen, expected: Seen, what: &str) {
        if seen != expected {
            self.run.departs(format!(
                "{what}: the call is {seen:?}. Expected: {expected:?}."
            ));
        }
    }
}

/// Polls a call whose operation does this, once.
pub(super) fn poll_with<F>(
    breaker: &Breaker,
    operation: impl FnOnce() -> F,
) -> Poll<Result<(), Refused<()>>>
where
    F: Future<Output = Result<(), ()>>,
{
    let mut call = Box::pin(breaker.call(operation));
    call.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

thread_local! {
    /// What an operation calls while it is being called.
    pub(super) static INSIDE: RefCell<Option<Rc<Breaker>>> = const { RefCell::new(None) };
}
