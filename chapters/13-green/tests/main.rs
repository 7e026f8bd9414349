//! The tests of the chapter, as one program: each program costs a link.

mod coroutines;
mod hubs;
mod overflows;
mod programs;
