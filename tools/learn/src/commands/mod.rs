//! One module for each subcommand.

pub mod book;
pub mod check;
pub mod explain;
pub mod hint;
pub mod list;
pub mod mine;
mod question;
pub mod reset;
pub mod route;
pub mod skip;
pub mod solution;
pub mod trace;
pub mod update;
pub mod verify;
pub mod watch;
