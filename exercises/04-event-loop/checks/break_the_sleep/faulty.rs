//! A loop that sleeps on an empty queue, and a thread that pushes into it. This version has a fault.
//!
//! Each arm of a `match` is one step of a thread. Between two steps of one thread the other may make any number of its own.

use std::mem::take;

#[derive(Default)]
pub(super) struct Threads {
    entries: u32,
    /// The loop has marked itself asleep.
    asleep: bool,
    /// `unpark` was called, and no `park` has returned since.
    unparked: bool,
    at: Loop,
    sender: Sender,
}

/// What the loop's thread does next.
#[derive(Default, PartialEq)]
enum Loop {
    #[default]
    Looks,
    Marks,
    Parks,
    Sleeps,
}

/// What the other thread does next.
#[derive(Default, PartialEq)]
enum Sender {
    #[default]
    Pushes,
    Asks,
}

impl Threads {
    // ANCHOR: code
    /// The next step of the loop's thread; `None` if it sleeps.
    pub(super) fn loop_steps(&mut self) -> Option<&'static str> {
        Some(match self.at {
            Loop::Looks if self.entries > 0 => {
                self.entries = 0;
                "takes the entries"
            }
            Loop::Looks => {
                self.at = Loop::Marks;
                "finds the queue empty"
            }
            Loop::Marks => {
                self.asleep = true;
                self.at = Loop::Parks;
                "marks itself asleep"
            }
            Loop::Parks | Loop::Sleeps if take(&mut self.unparked) => {
                self.asleep = false;
                self.at = Loop::Looks;
                "returns from park"
            }
            Loop::Parks => {
                self.at = Loop::Sleeps;
                "parks, and sleeps"
            }
            Loop::Sleeps => return None,
        })
    }

    /// The next step of the thread that pushes.
    pub(super) fn sender_steps(&mut self) -> &'static str {
        match self.sender {
            Sender::Pushes => {
                self.entries += 1;
                self.sender = Sender::Asks;
                "pushes an entry"
            }
            Sender::Asks => {
                self.sender = Sender::Pushes;
                if take(&mut self.asleep) {
                    self.unparked = true;
                    "finds the loop asleep, and unparks it"
                } else {
                    "finds the loop awake"
                }
            }
        }
    }
    // ANCHOR_END: code

    /// The loop sleeps on an entry, and the sender has done its part.
    pub(super) fn is_lost(&self) -> bool {
        let sleeps = self.at == Loop::Sleeps && !self.unparked;
        sleeps && self.entries > 0 && self.sender == Sender::Pushes
    }
}
