//! The tests of the chapter, as one program: each program costs a link.

mod adapters;
mod buffers;
mod bytes;
mod clocks;
mod codecs;
mod merges;
mod plays;
#[cfg(unix)]
mod processes;
mod programs;
mod source;
