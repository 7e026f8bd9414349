//! The tests of the crate, as one program: each program costs a link.

mod every_snapshot;
mod pictures;
mod player;
mod plays;
