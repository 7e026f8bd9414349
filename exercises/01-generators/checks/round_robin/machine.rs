//! Every short run: the calls, and the model that they are compared with.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::super::subject::Turn;
use super::tasks::{Counting, Tasks};
use probe::detect::DropCounter;
use probe::runs::{Known, Machine, Operation, Step as Seen};
use probe_generators::script;

/// What a caller does.
#[derive(Clone)]
pub(super) enum Do {
    /// Spawns a task that yields so often.
    Spawn(u32),
    Turn,
}

impl Operation for Do {
    fn actor(&self) -> Cow<'static, str> {
        "caller".into()
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Do::Spawn(yields) => format!("spawns a task that yields {yields} times").into(),
            Do::Turn => "turn()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Do::Spawn(yields) => format!("a task was spawned that yields {yields} times").into(),
            Do::Turn => "a turn was taken".into(),
        }
    }
}

pub(super) const KNOWN: [Known<Do>; 2] = [
    Known {
        mistake: "state-not-in-the-struct",
        sentence: "A new trampoline gave its first task another number than 0. The trampolines before it had given that one: the \
                   next number is kept where all of them can reach it.",
        shows: |difference| {
            difference.yours.len() == 1 && difference.expected_step().outcome() == "number 0"
        },
    },
    Known {
        mistake: "none-is-final",
        sentence: "A turn had returned `None`, a task was spawned after that, and the next turn returned `None` again.",
        shows: |difference| {
            let none = |step: &Seen| step.outcome() == "None";
            let (last, before) = difference
                .yours
                .split_last()
                .expect("they differ in a step");
            none(last) && before.iter().any(none) && !none(difference.expected_step())
        },
    },
];

/// The learner's trampoline.
#[derive(Default)]
pub(super) struct Yours {
    tasks: Tasks,
    values: DropCounter,
}

impl Machine for Yours {
    type Operation = Do;

    fn apply(&mut self, operation: &Do) -> Option<Seen> {
        let seen = match operation {
            Do::Spawn(yields) => {
                let task = Counting(script(1..=*yields, "done"), self.values.token());
                format!("number {}", self.tasks.spawn(Box::new(task)))
            }
            Do::Turn => format!("{:?}", self.tasks.turn()),
        };
        Some(Seen::of(seen).fact("tasks", format!("{} are alive", self.values.alive())))
    }

    fn end(self) -> Seen {
        drop(self.tasks);
        Seen::of("dropped").fact("tasks", format!("{} are alive", self.values.alive()))
    }
}

/// What the contract says, with a plain queue of numbers.
#[derive(Default)]
pub(super) struct Model {
    queue: VecDeque<(usize, u32, u32)>,
    spawned: usize,
}

impl Model {
    pub(super) fn spawn(&mut self, yields: u32) -> usize {
        self.queue.push_back((self.spawned, 0, yields));
        self.spawned += 1;
        self.spawned - 1
    }

    pub(super) fn waiting(&self) -> bool {
        !self.queue.is_empty()
    }

    pub(super) fn turn(&mut self) -> Option<Turn<u32, &'static str>> {
        let (task, given, yields) = self.queue.pop_front()?;
        if given == yields {
            return Some(Turn::Finished {
                task,
                result: "done",
            });
        }
        self.queue.push_back((task, given + 1, yields));
        Some(Turn::Yielded {
            task,
            value: given + 1,
        })
    }
}

impl Machine for Model {
    type Operation = Do;

    fn apply(&mut self, operation: &Do) -> Option<Seen> {
        let seen = match operation {
            Do::Spawn(yields) => format!("number {}", self.spawn(*yields)),
            Do::Turn => format!("{:?}", self.turn()),
        };
        Some(Seen::of(seen).fact("tasks", format!("{} are alive", self.queue.len())))
    }

    fn end(self) -> Seen {
        Seen::of("dropped").fact("tasks", "0 are alive")
    }
}
