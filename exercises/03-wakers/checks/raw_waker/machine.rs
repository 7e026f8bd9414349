//! Every short run: the steps, and the machine that carries them out on the learner's code and on the reference.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::task::{Wake, Waker};

use super::super::subject::{Notify, waker_of};
use super::target::TARGETS_PANIC;
use probe::detect::{DropCounter, Token};
use probe::panics;
use probe::runs::{Known, Machine, Operation, Step as Seen};

/// One step of a short run. `Clone` and the wakes are calls of the newest waker.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    Clone,
    WakeByRef { panics: bool },
    Wake { panics: bool },
    Drop { oldest: bool },
    ReleaseTarget,
}

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::ReleaseTarget => "check".into(),
            _ => "waker".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Clone => "clone()".into(),
            Step::WakeByRef { panics: false } => "wake_by_ref()".into(),
            Step::WakeByRef { panics: true } => "wake_by_ref(), and notify panics".into(),
            Step::Wake { panics: false } => "wake()".into(),
            Step::Wake { panics: true } => "wake(), and notify panics".into(),
            Step::Drop { oldest: false } => "the newest is dropped".into(),
            Step::Drop { oldest: true } => "the oldest is dropped".into(),
            Step::ReleaseTarget => "drops its own Arc".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Clone => "the newest waker was cloned".into(),
            Step::WakeByRef { panics: false } => "`wake_by_ref` was called".into(),
            Step::WakeByRef { panics: true } => "`notify` panicked in `wake_by_ref`".into(),
            Step::Wake { panics: false } => "`wake` was called".into(),
            Step::Wake { panics: true } => "`notify` panicked in `wake`".into(),
            Step::Drop { oldest: false } => "the newest waker was dropped".into(),
            Step::Drop { oldest: true } => "the oldest waker was dropped".into(),
            Step::ReleaseTarget => "the check dropped its own `Arc`".into(),
        }
    }
}

/// The target of a short run.
struct Counted {
    world: Arc<World>,
    _held: Token,
}

/// What a short run sees of its target from outside.
#[derive(Default)]
struct World {
    notified: AtomicUsize,
    panics: AtomicBool,
}

impl Counted {
    fn tell(&self) {
        self.world.notified.fetch_add(1, Relaxed);
        assert!(!self.world.panics.load(Relaxed), "{TARGETS_PANIC}");
    }
}

impl Notify for Counted {
    fn notify(&self) {
        self.tell();
    }
}

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.tell();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.tell();
    }
}

pub(super) fn dropped(targets: &DropCounter) -> String {
    match targets.dropped() {
        0 => "is alive".to_owned(),
        1 => "is freed".to_owned(),
        times => format!("is freed {times} times"),
    }
}

/// Carries out the steps on the wakers that `$make` makes.
macro_rules! machine {
    ($name:ident, $make:expr) => {
        pub(super) struct $name {
            wakers: Vec<Waker>,
            own: Option<Arc<Counted>>,
            world: Arc<World>,
            targets: DropCounter,
        }

        impl $name {
            pub(super) fn new() -> $name {
                let (world, targets) = (Arc::<World>::default(), DropCounter::new());
                let target = Arc::new(Counted {
                    world: Arc::clone(&world),
                    _held: targets.token(),
                });
                let wakers = vec![$make(Arc::clone(&target))];
                $name {
                    wakers,
                    own: Some(target),
                    world,
                    targets,
                }
            }

            fn call(&self, panics: bool, call: impl FnOnce()) -> &'static str {
                self.world.panics.store(panics, Relaxed);
                let result = panics::expected(call);
                self.world.panics.store(false, Relaxed);
                match result {
                    Ok(()) => "returns",
                    Err(panic) if panic.message == TARGETS_PANIC => "the panic passes through",
                    Err(_) => "another panic",
                }
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, step: &Step) -> Option<Seen> {
                let before = self.world.notified.load(Relaxed);
                let outcome = match *step {
                    Step::Clone => {
                        self.wakers.push(self.wakers.last()?.clone());
                        "returns"
                    }
                    Step::WakeByRef { panics } => {
                        let waker = self.wakers.last()?;
                        self.call(panics, || waker.wake_by_ref())
                    }
                    Step::Wake { panics } => {
                        let waker = self.wakers.pop()?;
                        self.call(panics, || waker.wake())
                    }
                    Step::Drop { oldest: false } => {
                        drop(self.wakers.pop()?);
                        "done"
                    }
                    Step::Drop { oldest: true } => {
                        if self.wakers.len() < 2 {
                            return None;
                        }
                        drop(self.wakers.remove(0));
                        "done"
                    }
                    Step::ReleaseTarget => {
                        drop(self.own.take()?);
                        "done"
                    }
                };
                let notified = self.world.notified.load(Relaxed) - before;
                let seen = Seen::of(outcome).fact("target", dropped(&self.targets));
                Some(match notified {
                    0 => seen.absence("notify", "is not called"),
                    1 => seen.absence("notify", "is called once"),
                    times => seen.fact("notify", format!("is called {times} times")),
                })
            }

            fn end(self) -> Seen {
                let $name {
                    wakers,
                    own,
                    targets,
                    ..
                } = self;
                drop((wakers, own));
                Seen::of("everything is dropped").fact("target", dropped(&targets))
            }
        }
    };
}

machine!(Yours, waker_of);
machine!(Reference, Waker::from);

/// How a panic of `notify` that does not pass through shows.
pub(super) const PANIC_SWALLOWED: Known<Step> = Known {
    mistake: "panic-swallowed",
    sentence: "`notify` panicked, and its panic did not reach the caller of the waker.",
    shows: |difference| {
        let passes = "the panic passes through";
        difference.expected_step().outcome() == passes && difference.your_step().outcome() != passes
    },
};
