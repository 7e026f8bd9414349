//! The tests of the chapter, as one program: each program costs a link.

mod bytes;
mod codecs;
#[cfg(unix)]
mod processes;
mod adapters;
mod buffers;
mod clocks;
mod merges;
mod source;
