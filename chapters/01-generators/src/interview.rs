//! A generator that asks: each yield is a question, and the next value sent is its answer.

use std::mem;

use crate::{Generator, Step};

/// Asks for a name and for a town, and completes with a sentence about both.
///
/// ```text
///   Created ──resume──▶ AskedName ──resume──▶ AskedTown ──resume──▶ Complete
///             "name?"               "town?"
/// ```
///
/// The first value sent answers nothing and is ignored: no question had been asked.
#[derive(Debug, Default)]
pub struct Interview {
    state: State,
}

// ANCHOR: state
#[derive(Debug, Default)]
enum State {
    #[default]
    Created,
    AskedName,
    AskedTown {
        name: &'static str,
    },
    Complete,
}
// ANCHOR_END: state

impl Interview {
    /// An interview in which nothing has been asked yet.
    pub fn new() -> Interview {
        Interview::default()
    }
}

// ANCHOR: resume
impl Generator<&'static str> for Interview {
    type Yield = &'static str;
    type Return = String;

    fn resume(&mut self, sent: &'static str) -> Step<&'static str, String> {
        match mem::replace(&mut self.state, State::Complete) {
            State::Created => {
                self.state = State::AskedName;
                Step::Yielded("name?")
            }
            State::AskedName => {
                self.state = State::AskedTown { name: sent };
                Step::Yielded("town?")
            }
            State::AskedTown { name } => Step::Complete(format!("{name} from {sent}")),
            State::Complete => panic!("resumed after completion"),
        }
    }
}
// ANCHOR_END: resume
