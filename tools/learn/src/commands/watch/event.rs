//! What the watch mode reacts to.

use anyhow::Result;

use super::keys::Key;
use crate::verdict::Verdict;

/// Something happened.
pub(super) enum Event {
    /// A key was pressed.
    Key(Key),
    /// The terminal has another size.
    Resized,
    /// Something in the exercise's folder changed.
    Stirred,
    /// A check is done.
    Judged {
        /// Which run of this session it was.
        run: u64,
        /// What it said.
        verdict: Box<Result<Verdict>>,
    },
    /// A crate that the checks depend on was compiled.
    Compiled,
    /// Everything that the checks depend on is compiled.
    Warm,
    /// Something that was done in the background has something to say.
    Note(String),
}
