//! The tests of the chapter, as one program: each program costs a link.

mod bytes;
mod codecs;
#[cfg(unix)]
mod processes;
