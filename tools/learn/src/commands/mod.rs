//! One module for each subcommand.

pub mod book;
pub mod check;
pub mod explain;
pub mod hint;
pub mod list;
pub mod mine;
pub mod reset;
pub mod skip;
pub mod solution;
pub mod trace;
pub mod update;
pub mod verify;
pub mod watch;
