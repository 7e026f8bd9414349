//! Every short run: the calls, and the list that they are compared with.

use std::borrow::Cow;

use super::super::subject::Tokens;
use probe::detect::{DropCounter, Token};
use probe::runs::{Machine, Operation, Step as Seen};

/// Something that is done with the table; the number says which insertion the name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Insert,
    Get(usize),
    Change(usize),
    Remove(usize),
}

pub(super) const MOVES: [Move; 10] = [
    Move::Insert,
    Move::Get(0),
    Move::Get(1),
    Move::Get(2),
    Move::Change(0),
    Move::Change(1),
    Move::Change(2),
    Move::Remove(0),
    Move::Remove(1),
    Move::Remove(2),
];

const LETTERS: [&str; 3] = ["a", "b", "c"];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        "table".into()
    }

    fn call(&self) -> Cow<'static, str> {
        match *self {
            Move::Insert => "insert".into(),
            Move::Get(name) => format!("get({})", LETTERS[name]).into(),
            Move::Change(name) => format!("get_mut({})", LETTERS[name]).into(),
            Move::Remove(name) => format!("remove({})", LETTERS[name]).into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match *self {
            Move::Insert => "an item was inserted".into(),
            Move::Get(name) => format!("`get` was called with key {}", LETTERS[name]).into(),
            Move::Change(name) => format!("`get_mut` was called with key {}", LETTERS[name]).into(),
            Move::Remove(name) => format!("`remove` was called with key {}", LETTERS[name]).into(),
        }
    }
}

/// The table under test, and the keys that it gave.
pub(super) struct Yours {
    table: Tokens<(u32, Token)>,
    keys: Vec<usize>,
    drops: DropCounter,
}

impl Yours {
    pub(super) fn new() -> Yours {
        Yours {
            table: Tokens::new(),
            keys: Vec::new(),
            drops: DropCounter::new(),
        }
    }
}

/// The contract: a list in which no place is used again.
pub(super) struct Listed {
    pub(super) items: Vec<Option<u32>>,
}

pub(super) fn found(item: Option<u32>) -> String {
    item.map_or_else(|| "None".to_owned(), |item| format!("item {item}"))
}

/// No more insertions than there are letters.
fn is_possible(operation: Move, inserted: usize) -> bool {
    match operation {
        Move::Insert => inserted < LETTERS.len(),
        Move::Get(name) | Move::Change(name) | Move::Remove(name) => name < inserted,
    }
}

impl Machine for Yours {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Seen> {
        if !is_possible(*operation, self.keys.len()) {
            return None;
        }
        let outcome = match *operation {
            Move::Insert => {
                let item = u32::try_from(10 * (self.keys.len() + 1)).expect("a few");
                self.keys
                    .push(self.table.insert((item, self.drops.token())));
                "a key".to_owned()
            }
            Move::Get(name) => found(self.table.get(self.keys[name]).map(|item| item.0)),
            Move::Change(name) => found(self.table.get_mut(self.keys[name]).map(|item| {
                item.0 += 1;
                item.0
            })),
            Move::Remove(name) => found(self.table.remove(self.keys[name]).map(|item| item.0)),
        };
        let len = self.table.len();
        let step =
            Seen::of(outcome).fact("len", format!("{len}, is_empty {}", self.table.is_empty()));
        Some(step.absence("memory", format!("{} items are alive", self.drops.alive())))
    }

    fn end(self) -> Seen {
        drop(self.table);
        Seen::of(format!("{} items are alive", self.drops.alive()))
    }
}

impl Machine for Listed {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Seen> {
        if !is_possible(*operation, self.items.len()) {
            return None;
        }
        let outcome = match *operation {
            Move::Insert => {
                let item = u32::try_from(10 * (self.items.len() + 1)).expect("a few");
                self.items.push(Some(item));
                "a key".to_owned()
            }
            Move::Get(name) => found(self.items[name]),
            Move::Change(name) => {
                self.items[name] = self.items[name].map(|item| item + 1);
                found(self.items[name])
            }
            Move::Remove(name) => found(self.items[name].take()),
        };
        let len = self.items.iter().flatten().count();
        let step = Seen::of(outcome).fact("len", format!("{len}, is_empty {}", len == 0));
        Some(step.absence("memory", format!("{len} items are alive")))
    }

    fn end(self) -> Seen {
        Seen::of("0 items are alive")
    }
}

pub(super) const SEED: u64 = 0x0504;
