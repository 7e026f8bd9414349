//! From a file to a verdict: the room it is built in, the tests it is run through, the evidence they leave.

pub mod borrowed;
pub mod check;
pub mod compile;
pub(crate) mod crates;
pub mod evidence;
pub(crate) mod group;
#[cfg(unix)]
mod guard;
pub mod limits;
pub mod manifest;
pub mod outcome;
pub mod played;
pub mod process;
pub mod refusal;
pub mod room;
pub mod test;
mod tokens;
pub mod traces;
pub mod unseen;
pub mod untouched;
pub mod verdict;
pub mod waiting;
mod warned;
