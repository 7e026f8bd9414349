//! Every short run of a queue with a slot: the alphabet, and the machine on either queue.

use std::borrow::Cow;

use probe::detect::{DropCounter, Token};
use probe::runs::{Machine, Operation, Step};

/// What happens to a queue. Entries have numbers, in the order in which they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Push,
    PushNext,
    TakeNext,
    TakeBatch,
}

pub(super) const ALPHABET: [Move; 4] =
    [Move::Push, Move::PushNext, Move::TakeNext, Move::TakeBatch];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Push | Move::PushNext => "queue".into(),
            Move::TakeNext | Move::TakeBatch => "loop".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Push => "push(entry)".into(),
            Move::PushNext => "push_next(entry)".into(),
            Move::TakeNext => "take_next()".into(),
            Move::TakeBatch => "take_batch()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Push => "an entry was pushed".into(),
            Move::PushNext => "an entry was put into the slot".into(),
            Move::TakeNext => "the loop called `take_next`".into(),
            Move::TakeBatch => "the loop took the batch".into(),
        }
    }
}

/// An entry, which tells when it is dropped.
pub(super) struct Entry {
    number: usize,
    _token: Token,
}

/// The machine, on the learner's queue and on the reference.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name {
            queue: $($module)::+::RunQueue<Entry>,
            entries: DropCounter,
            made: usize,
        }

        impl $name {
            pub(super) fn new() -> $name {
                $name {
                    queue: $($module)::+::RunQueue::new(),
                    entries: DropCounter::new(),
                    made: 0,
                }
            }

            fn entry(&mut self) -> Entry {
                self.made += 1;
                Entry {
                    number: self.made,
                    _token: self.entries.token(),
                }
            }
        }

        impl Machine for $name {
            type Operation = Move;

            fn apply(&mut self, step: &Move) -> Option<Step> {
                let outcome = match step {
                    Move::Push => {
                        let entry = self.entry();
                        self.queue.push(entry);
                        "done".to_owned()
                    }
                    Move::PushNext => {
                        let entry = self.entry();
                        self.queue.push_next(entry);
                        "done".to_owned()
                    }
                    Move::TakeNext => match self.queue.take_next() {
                        Some(entry) => format!("entry {}", entry.number),
                        None => "None".to_owned(),
                    },
                    Move::TakeBatch => {
                        let mut batch = Vec::new();
                        self.queue.take_batch(&mut batch);
                        let numbers: Vec<usize> = batch.iter().map(|entry| entry.number).collect();
                        format!("{numbers:?}")
                    }
                };
                Some(
                    Step::of(outcome)
                        .fact("is_empty", self.queue.is_empty().to_string())
                        .fact("entries", format!("{} alive", self.entries.alive())),
                )
            }

            fn end(self) -> Step {
                drop(self.queue);
                Step::of("the queue is dropped")
                    .fact("entries", format!("{} alive", self.entries.alive()))
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, speed::lifo_slot);
