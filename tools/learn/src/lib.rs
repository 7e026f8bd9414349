//! The learner's command line: it checks exercises, says which mistake it saw, and remembers what is solved.
//!
//! It knows how a check is built and run, and what the learner has done. It does not know what any single exercise is about.
//!
//! `tools/learn/README.md` is the map of the modules.

pub mod arguments;
pub mod commands;
pub mod documents;
pub mod id;
pub mod judging;
pub mod learner;
pub mod mine;
pub mod screen;
pub mod stop;
