//! The tests of the chapter, as one program: each program costs a link.

mod ready_set;
mod timeouts;
mod waits;
