//! Every short run: waiters that come, poll, move and go, and turns that pass themselves on.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::Poll;

use probe::detect::{DropCounter, Token};
use probe::runs::{Difference, Known, Machine, Operation, Step};
use probe::{Recorder, Run, panics};
use probe_futures::{Poller, poller};

/// How many tasks wait at a time.
const TASKS: usize = 3;

/// Their names, and that of a task to which a wait can move.
const NAMES: [&str; TASKS] = ["a", "b", "c"];

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Move {
    /// The first task without a wait calls `wait`.
    Waits,
    Polls(usize),
    /// Task d polls the wait of a.
    Moves,
    Drops(usize),
    HandOver,
    HandToAll,
}

pub(super) const ALPHABET: [Move; 10] = [
    Move::Waits,
    Move::HandOver,
    Move::Polls(0),
    Move::Polls(1),
    Move::Polls(2),
    Move::Drops(0),
    Move::Drops(1),
    Move::Drops(2),
    Move::Moves,
    Move::HandToAll,
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Waits | Move::HandOver | Move::HandToAll => "queue".into(),
            Move::Polls(task) | Move::Drops(task) => NAMES[*task].into(),
            Move::Moves => "d".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Waits => "wait(number of the task)".into(),
            Move::HandOver => "hand_over(turn)".into(),
            Move::HandToAll => "hand_to_all(turns)".into(),
            Move::Polls(_) => "polls its wait".into(),
            Move::Moves => "polls the wait of a".into(),
            Move::Drops(_) => "drops its wait".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Waits => "a task called `wait`".into(),
            Move::HandOver => "a turn was handed over".into(),
            Move::HandToAll => "every waiter was handed a turn".into(),
            Move::Polls(task) => format!("{} polled its wait", NAMES[*task]).into(),
            Move::Moves => "task d polled the wait of a".into(),
            Move::Drops(task) => format!("{} dropped its wait", NAMES[*task]).into(),
        }
    }
}

/// Whether a fact is smaller in the learner's run than in the expected one, or greater.
fn differs(difference: &Difference<Move>, fact: &str) -> bool {
    difference.your_step().about(fact) != difference.expected_step().about(fact)
}

pub(super) const KNOWN: [Known<Move>; 2] = [
    Known {
        mistake: "turn-not-passed-on",
        sentence: "A task that had been handed a turn dropped its wait, and the turn was not dropped with it. Its destructor could not hand it to the \
                   next waiter.",
        shows: |difference| {
            matches!(difference.operation(), Some(Move::Drops(_)))
                && difference.your_step().outcome() != "panics"
                && differs(difference, "turns")
        },
    },
    Known {
        mistake: "first-waker-only",
        sentence: "The wait of a was polled by another task, with another waker, and its turn did not wake the task that polled last.",
        shows: |difference| {
            matches!(
                difference.operation(),
                Some(Move::HandOver | Move::HandToAll)
            ) && difference.operations.contains(&Move::Moves)
                && differs(difference, "woken")
                && !differs(difference, "len")
        },
    },
];

/// Which waits there are, which task polled each last, and how often it had been woken then.
#[derive(Clone, Copy)]
struct Latest {
    poller: usize,
    wakes: usize,
}

/// Carries out the steps on a queue of `$module`.
macro_rules! machine {
    ($name:ident, $turn:ident, $($module:ident)::+) => {
        /// A turn. Its destructor hands it to the next waiter, as that of a permit does.
        pub(super) struct $turn {
            number: usize,
            queue: $($module)::+::WaitQueue<$turn, usize>,
            counter: DropCounter,
            used: bool,
            _token: Token,
        }

        impl $turn {
            fn new(
                number: usize,
                queue: &$($module)::+::WaitQueue<$turn, usize>,
                counter: &DropCounter,
            ) -> $turn {
                $turn {
                    number,
                    queue: queue.clone(),
                    counter: counter.clone(),
                    used: false,
                    _token: counter.token(),
                }
            }

            /// It has reached its task, and goes no further.
            fn used(mut self) -> usize {
                self.used = true;
                self.number
            }
        }

        impl Drop for $turn {
            fn drop(&mut self) {
                if !self.used && !std::thread::panicking() {
                    let again = $turn::new(self.number, &self.queue, &self.counter);
                    if let Err(back) = self.queue.hand_over(again) {
                        back.used();
                    }
                }
            }
        }

        pub(super) struct $name {
            queue: $($module)::+::WaitQueue<$turn, usize>,
            waits: [Option<$($module)::+::Wait<$turn, usize>>; TASKS],
            latest: [Option<Latest>; TASKS],
            pollers: [Poller; TASKS + 1],
            turns: DropCounter,
            handed: usize,
        }

        impl $name {
            pub(super) fn new() -> $name {
                let recorder = Recorder::default();
                $name {
                    queue: $($module)::+::WaitQueue::new(),
                    waits: [const { None }; TASKS],
                    latest: [None; TASKS],
                    pollers: ["a", "b", "c", "d"].map(|name| poller(&recorder, name)),
                    turns: DropCounter::new(),
                    handed: 0,
                }
            }

            fn turn(&mut self) -> $turn {
                self.handed += 1;
                $turn::new(self.handed, &self.queue, &self.turns)
            }

            fn poll(&mut self, task: usize, by: usize) -> Option<Cow<'static, str>> {
                self.latest[task] = None;
                let wait = self.waits[task].as_mut()?;
                let wakes = self.pollers[by].wakes();
                Some(match self.pollers[by].poll(Pin::new(wait)) {
                    Poll::Pending => {
                        self.latest[task] = Some(Latest { poller: by, wakes });
                        "Pending".into()
                    }
                    Poll::Ready(turn) => format!("Ready(turn {})", turn.used()).into(),
                })
            }

            fn outcome(&mut self, step: Move) -> Option<Cow<'static, str>> {
                Some(match step {
                    Move::Waits => {
                        let free = self.waits.iter().position(Option::is_none)?;
                        self.waits[free] = Some(self.queue.wait(free));
                        NAMES[free].into()
                    }
                    Move::Polls(task) => return self.poll(task, task),
                    Move::Moves => return self.poll(0, TASKS),
                    Move::Drops(task) => {
                        self.latest[task] = None;
                        drop(self.waits[task].take()?);
                        "done".into()
                    }
                    Move::HandOver => {
                        let turn = self.turn();
                        match self.queue.hand_over(turn) {
                            Ok(()) => "Ok".into(),
                            Err(turn) => format!("Err(turn {})", turn.used()).into(),
                        }
                    }
                    Move::HandToAll => {
                        let (queue, turns) = (self.queue.clone(), self.turns.clone());
                        let mut handed = self.handed;
                        let count = queue.hand_to_all(|| {
                            handed += 1;
                            $turn::new(handed, &queue, &turns)
                        });
                        self.handed = handed;
                        format!("{count}").into()
                    }
                })
            }

            /// The waits whose latest task was woken since it polled.
            fn woken(&self) -> String {
                let woken = |task: &usize| {
                    let latest = self.latest[*task];
                    latest.is_some_and(|latest| self.pollers[latest.poller].wakes() > latest.wakes)
                };
                let names: Vec<&str> = (0..TASKS).filter(woken).map(|task| NAMES[task]).collect();
                if names.is_empty() { "none".to_owned() } else { names.join(", ") }
            }
        }

        impl Machine for $name {
            type Operation = Move;

            fn apply(&mut self, step: &Move) -> Option<Step> {
                let outcome = self.outcome(*step)?;
                let first = self.queue.first().map_or("none", |task| NAMES[task]);
                Some(
                    Step::of(outcome)
                        .fact("woken", self.woken())
                        .fact("turns", format!("{} alive", self.turns.alive()))
                        .fact("len", self.queue.len().to_string())
                        .fact("first", first),
                )
            }

            fn end(self) -> Step {
                let $name { queue, waits, pollers, turns, .. } = self;
                drop(waits);
                let kept: usize = pollers.iter().map(|poller| poller.counts().alive).sum();
                Step::of("all waits are dropped")
                    .fact("len", queue.len().to_string())
                    .fact("turns", format!("{} alive", turns.alive()))
                    .fact("wakers", format!("{kept} kept"))
            }
        }
    };
}

machine!(Yours, YourTurn, super::super::subject);
machine!(Reference, TheirTurn, synchronization::wait_queue);

/// A chosen waiter is dropped, and its turn goes to the next one.
#[track_caller]
pub(super) fn passes_on(run: &Run) {
    let mut yours = Yours::new();
    let steps = [
        Move::Waits,
        Move::Waits,
        Move::Polls(0),
        Move::Polls(1),
        Move::HandOver,
    ];
    for step in steps {
        step_of(run, &mut yours, step);
    }
    let dropped = panics::expected(|| step_of(run, &mut yours, Move::Drops(0)));
    if let Err(panic) = dropped {
        run.diagnose(
            "borrowed-when-dropped",
            format!(
                "a was handed a turn and dropped. The turn was dropped with it, and its destructor called `hand_over`. That panicked: {}. A turn's \
                 destructor is caller-supplied code.",
                panic.message
            ),
        );
    }
    let polled = step_of(run, &mut yours, Move::Polls(1));
    if polled != "Ready(turn 1)" {
        run.recorder().lacks("b", "does not receive the turn");
        run.diagnose(
            "turn-not-passed-on",
            "a was handed a turn and dropped before its next poll. The turn did not reach b, which waits behind a.",
        );
    }
}

fn step_of(run: &Run, yours: &mut Yours, step: Move) -> Cow<'static, str> {
    let call = run.recorder().enters(&step.actor(), step.call());
    let outcome = yours.outcome(step).expect("it is possible");
    call.returns(outcome.clone());
    outcome
}
