//! Every short run of tasks that take turns: what is spawned, and when the trampoline has its turns.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use probe::runs::{Difference, Known, Machine, Operation, Step as Seen};

/// What a task does, one after the other.
#[derive(Clone, Copy)]
pub(super) enum Act {
    Turn,
    Receive,
    Send(usize, u32),
}

const SCRIPTS: [(&str, &[Act]); 3] = [
    ("receives twice", &[Act::Receive, Act::Receive]),
    (
        "sends 1 and 2 to task 0",
        &[Act::Send(0, 1), Act::Send(0, 2)],
    ),
    (
        "sends 3 to task 1, receives",
        &[Act::Send(1, 3), Act::Turn, Act::Receive],
    ),
];

/// What can happen.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    Turn,
    Spawn(usize),
}

pub(super) const ALPHABET: [Step; 4] = [Step::Turn, Step::Spawn(0), Step::Spawn(1), Step::Spawn(2)];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        "trampoline".into()
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Turn => "turn()".into(),
            Step::Spawn(script) => format!("spawn: {}", SCRIPTS[*script].0).into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Turn => "the trampoline had a turn".into(),
            Step::Spawn(script) => format!("a task was spawned that {}", SCRIPTS[*script].0).into(),
        }
    }
}

pub(super) const KNOWN: [Known<Step>; 3] = [
    Known {
        mistake: "newest-message-first",
        sentence: "Two messages were there, and the task received the newer one first.",
        shows: |difference: &Difference<Step>| {
            difference.your_step().about("task") == Some("has 2")
                && difference.expected_step().about("task") == Some("has 1")
        },
    },
    Known {
        mistake: "waiting-out-of-order",
        sentence: "`waiting` has the right numbers in another order. Expected: ascending.",
        shows: |difference: &Difference<Step>| {
            let (yours, expected) = (
                waiting(difference.your_step()),
                waiting(difference.expected_step()),
            );
            let mut sorted = yours.clone();
            sorted.sort_unstable();
            yours != expected && sorted == expected
        },
    },
    Known {
        mistake: "ready-said-to-wait",
        sentence: "`waiting` has the number of a task that has got its message, and is ready.",
        shows: |difference: &Difference<Step>| {
            let (yours, expected) = (
                waiting(difference.your_step()),
                waiting(difference.expected_step()),
            );
            difference.your_step().about("task") == difference.expected_step().about("task")
                && yours.len() > expected.len()
                && expected.iter().all(|number| yours.contains(number))
        },
    },
];

/// The numbers that `waiting` returned after this step.
fn waiting(step: &Seen) -> Vec<usize> {
    let list = step.about("waiting").unwrap_or_default();
    let numbers = list.trim_matches(['[', ']']).split(", ");
    numbers.filter_map(|number| number.parse().ok()).collect()
}

pub(super) type Log = Rc<RefCell<Vec<String>>>;

/// What a machine asks its trampoline for.
pub(super) enum Asked {
    Turn,
    Waiting,
    Spawn(&'static [Act], Log),
}

/// What it is told.
pub(super) enum Told {
    Turn(Option<usize>),
    Waiting(Vec<usize>),
    Number(usize),
}

/// A trampoline, by the one function that the check calls it with.
pub(super) struct Tasks {
    ask: Box<dyn FnMut(Asked) -> Told>,
    log: Log,
}

impl Tasks {
    pub(super) fn new(ask: impl FnMut(Asked) -> Told + 'static) -> Tasks {
        Tasks {
            ask: Box::new(ask),
            log: Log::default(),
        }
    }
}

impl Machine for Tasks {
    type Operation = Step;

    fn apply(&mut self, step: &Step) -> Option<Seen> {
        let asked = match step {
            Step::Turn => Asked::Turn,
            Step::Spawn(script) => Asked::Spawn(SCRIPTS[*script].1, Rc::clone(&self.log)),
        };
        let outcome = match (self.ask)(asked) {
            Told::Turn(task) => format!("{task:?}"),
            Told::Number(number) => format!("task {number}"),
            Told::Waiting(_) => return None,
        };
        let mut seen = Seen::of(outcome);
        for text in self.log.take() {
            seen = seen.fact("task", text);
        }
        match (self.ask)(Asked::Waiting) {
            Told::Waiting(waiting) => Some(seen.fact("waiting", format!("{waiting:?}"))),
            _ => Some(seen),
        }
    }

    fn end(self) -> Seen {
        drop(self.ask);
        Seen::of("dropped").fact("task", format!("{:?}", self.log.take()))
    }
}
