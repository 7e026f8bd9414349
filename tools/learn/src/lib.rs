//! The learner's command line: it checks exercises, says which mistake it saw, and remembers what is solved.
//!
//! `tools/learn/README.md` is the map of the modules.

pub mod about;
pub mod arguments;
pub mod commands;
pub mod course;
pub mod documents;
pub mod id;
pub mod judging;
pub mod learner;
pub mod mine;
pub mod mistakes;
pub mod page;
pub mod screen;
pub mod snapshot;
pub mod stop;
pub mod stub;
pub mod sums;
