//! One module for each subcommand.

pub mod book;
pub mod check;
pub mod list;
pub mod verify;
