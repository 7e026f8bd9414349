//! The learner's command line: it checks exercises, says which mistake it saw, and remembers what is solved.
//!
//! `tools/learn/README.md` is the map of the modules.

pub mod about;
pub mod arguments;
pub mod check;
pub mod commands;
pub mod compile;
pub mod course;
pub mod evidence;
pub mod files;
pub mod git;
pub mod id;
pub mod junit;
pub mod keep;
pub mod manifest;
pub mod mine;
pub mod mistakes;
pub mod next_step;
pub mod outcome;
pub mod output;
pub mod page;
pub mod passed;
pub mod played;
pub mod process;
pub mod progress;
pub mod promise;
pub mod refusal;
pub mod room;
pub mod screen;
pub mod snapshot;
pub mod stop;
pub mod stub;
pub mod sums;
pub mod traces;
pub mod unseen;
pub mod untouched;
pub mod verdict;
mod warned;
