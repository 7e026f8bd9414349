//! Operations whose attempts end as a script says, on a clock that jumps.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use composition::Deadline;
use event_loop::{Handle, JoinHandle, Time};
use probe::detect::{DropCounter, Token};
use probe::{Recorder, Run, panics, run};
use probe_loop::SimLoop;
use service::{Backoff, Delays, Jitter};

pub(super) const SECOND: Duration = Duration::from_secs(1);

/// How an attempt ends, and after how many milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Script {
    Succeeds(u64),
    NotDone(u64),
    MaybeDone(u64),
    Permanent(u64),
    Cancelled(u64),
    Panics,
    Hangs,
}

/// A policy in plain numbers, for both sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limits {
    pub(super) attempts: u32,
    pub(super) deadline: Option<u64>,
    pub(super) idempotent: bool,
    pub(super) budget: Option<u32>,
}

pub(super) const USUAL: Limits = Limits {
    attempts: 3,
    deadline: None,
    idempotent: false,
    budget: None,
};

/// How a call ended: its value, or the reason, the number of attempts and the last failure.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ended {
    Ok(u32),
    GaveUp(String),
    Stuck,
    Panicked(String),
}

/// Chooses the whole delay, and notes that it was asked.
#[derive(Clone, Default)]
pub(super) struct Whole(pub(super) Rc<Cell<usize>>);

impl Jitter for Whole {
    fn choose(&mut self, limit: Duration) -> Duration {
        self.0.set(self.0.get() + 1);
        limit
    }
}

#[derive(Clone)]
pub(super) struct World {
    pub(super) sim: Rc<SimLoop>,
    pub(super) handle: Handle,
    recorder: Recorder,
    scripts: Rc<[Script]>,
    /// When each attempt began, with its number.
    pub(super) starts: Rc<RefCell<Vec<(u32, u64)>>>,
    pub(super) attempts: DropCounter,
    /// The attempts that were alive when an attempt began.
    pub(super) beside: Rc<Cell<usize>>,
    pub(super) jitter: Whole,
    /// How many retries were left in the budget at the end.
    pub(super) left: Rc<Cell<usize>>,
}

impl World {
    pub(super) fn new(recorder: &Recorder, scripts: &[Script]) -> World {
        let sim = Rc::new(SimLoop::new(&run!()));
        World {
            handle: sim.handle(),
            sim,
            recorder: recorder.clone(),
            scripts: scripts.into(),
            starts: Rc::default(),
            attempts: DropCounter::new(),
            beside: Rc::default(),
            jitter: Whole::default(),
            left: Rc::default(),
        }
    }

    pub(super) fn backoff(&self) -> Backoff<Whole> {
        let delays = Delays::Doubling {
            first: SECOND,
            cap: 8 * SECOND,
        };
        Backoff::new(delays, 10 * SECOND, self.jitter.clone())
    }

    pub(super) fn millis(&self) -> u64 {
        self.handle.now().since_start().as_millis() as u64
    }

    pub(super) fn starts(&self) -> Vec<(u32, u64)> {
        self.starts.borrow().clone()
    }

    pub(super) fn says(&self, actor: &str, text: impl Into<String>) {
        self.recorder.set_time(self.handle.now().since_start());
        self.recorder.says(actor, text);
    }

    /// The script of an attempt. The last one is for all that follow; but what never gives up has to stop at some time.
    fn script(&self, number: u32) -> Script {
        if self.starts.borrow().len() > 10_000 {
            return Script::Hangs;
        }
        let place = (number as usize).saturating_sub(1);
        let last = self.scripts.last().copied().unwrap_or(Script::Hangs);
        self.scripts.get(place).copied().unwrap_or(last)
    }

    /// One attempt: how it ends, when that time has come.
    pub(super) fn attempt(&self, number: u32) -> impl Future<Output = Script> + use<> {
        self.beside
            .set(self.beside.get().max(self.attempts.alive()));
        self.starts.borrow_mut().push((number, self.millis()));
        self.says(&format!("attempt {number}"), "begins");
        let (world, script) = (self.clone(), self.script(number));
        async move {
            let millis = match script {
                Script::Succeeds(millis)
                | Script::NotDone(millis)
                | Script::MaybeDone(millis)
                | Script::Permanent(millis)
                | Script::Cancelled(millis) => millis,
                Script::Panics => panic!("boom"),
                Script::Hangs => pending().await,
            };
            if millis > 0 {
                let time = Duration::from_millis(millis);
                world.handle.sleep(time).await;
            }
            let said = match script {
                Script::Succeeds(_) => "succeeds",
                Script::NotDone(_) => "fails: not done",
                Script::MaybeDone(_) => "fails: maybe done",
                Script::Permanent(_) => "fails: permanent",
                _ => "is cancelled",
            };
            world.says(&format!("attempt {number}"), said);
            script
        }
    }

    /// A future that holds something until it is dropped, also when it has finished.
    pub(super) fn held<F: Future>(&self, future: F) -> Held<F> {
        let (future, _token) = (Box::pin(future), self.attempts.token());
        Held { future, _token }
    }

    /// Runs the loop until this is ready.
    pub(super) fn drive(&self, call: impl Future<Output = Ended> + 'static) -> Ended {
        let joined: JoinHandle<Ended> = self.handle.spawn(call);
        let ended = match panics::expected(|| self.sim.drive(joined)) {
            Ok(Ok(ended)) => ended,
            Ok(Err(_stuck)) => Ended::Stuck,
            Err(panic) => Ended::Panicked(panic.message),
        };
        self.says(
            "retry",
            match &ended {
                Ended::Ok(value) => format!("returns Ok({value})"),
                Ended::GaveUp(why) => format!("gives up: {why}"),
                Ended::Stuck => "is stuck: nothing is going to happen".to_owned(),
                Ended::Panicked(_) => "panics".to_owned(),
            },
        );
        ended
    }
}

pub(super) struct Held<F> {
    future: Pin<Box<F>>,
    _token: Token,
}

impl<F: Future> Future for Held<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.future.as_mut().poll(context)
    }
}

pub(super) fn deadline(limits: Limits) -> Deadline {
    limits.deadline.map_or(Deadline::NEVER, |millis| {
        Deadline::at(Time::START + Duration::from_millis(millis))
    })
}

/// One call of `retry`, on the learner's file or on the chapter's.
macro_rules! call {
    ($name:ident, $($from:tt)*) => {
        pub(super) async fn $name(world: World, limits: Limits) -> Ended {
            use $($from)*::{Failed, Policy, RetryBudget, retry};
            let budget = limits.budget.map(RetryBudget::new);
            let policy = Policy {
                attempts: limits.attempts,
                deadline: deadline(limits),
                idempotent: limits.idempotent,
                budget: budget.as_ref(),
            };
            let operation = |number: u32| {
                let attempt = world.attempt(number);
                world.held(async move {
                    match attempt.await {
                        Script::Succeeds(_) => Ok(number),
                        Script::NotDone(_) => Err(Failed::NotDone(number)),
                        Script::MaybeDone(_) => Err(Failed::MaybeDone(number)),
                        Script::Permanent(_) => Err(Failed::Permanent(number)),
                        _ => Err(Failed::Cancelled),
                    }
                })
            };
            let result = retry(&world.handle, policy, world.backoff(), operation).await;
            if let Some(budget) = budget {
                world.left.set((0..100).take_while(|_| budget.try_take()).count());
            }
            match result {
                Ok(value) => Ended::Ok(value),
                Err(gave_up) => Ended::GaveUp(format!(
                    "{:?} after {} attempts, the last one: {:?}",
                    gave_up.because, gave_up.attempts, gave_up.last
                )),
            }
        }
    };
}

call!(yours, super::super::subject);
call!(reference, service);

/// Runs the learner's function on these scripts.
pub(super) fn retried(run: &Run, limits: Limits, scripts: &[Script]) -> (World, Ended) {
    let world = World::new(run.recorder(), scripts);
    let ended = world.drive(yours(world.clone(), limits));
    (world, ended)
}
