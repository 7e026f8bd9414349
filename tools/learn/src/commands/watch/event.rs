//! What the watch mode reacts to.

use anyhow::Result;

use super::keys::Key;
use crate::judging::traces::Traced;
use crate::judging::verdict::Verdict;

/// Something happened.
pub(super) enum Event {
    /// A key was pressed.
    Key(Key),
    /// The terminal has another size.
    Resized,
    /// The terminal gives no more keys: it is gone.
    Deserted,
    /// Something in the exercise's folder changed.
    Stirred,
    /// A check is done.
    Judged {
        /// Which run of this session it was.
        run: u64,
        /// What it said.
        verdict: Box<Result<Verdict>>,
    },
    /// A run was made to be drawn.
    Traced {
        /// Which run of this session it was.
        run: u64,
        /// The test to show, or why there is none.
        traced: Box<Result<Traced>>,
    },
    /// A crate that the checks depend on was compiled.
    Compiled,
    /// This is how many crates a first build compiles.
    Counted(usize),
    /// Everything that the checks depend on is compiled.
    Warm,
    /// Everything that the next chapter's checks depend on is compiled.
    Prepared,
    /// How many steps of building the book are done, and how many there are.
    BookSteps(usize, usize),
    /// The book is open in the browser, or could not be built: a sentence about it.
    Book(String),
}
