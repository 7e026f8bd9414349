//! The tests of the chapter, as one program: each program costs a link.

mod cancel_everywhere;
mod cleanups;
mod common;
mod drawing;
mod plays;
mod programs;
mod promises;
mod shields_and_tokens;
mod states;
mod tasks;
