//! The tests of the chapter, as one program: each program costs a link.

mod adapters;
mod buffers;
mod bytes;
mod clocks;
mod codecs;
#[cfg(target_os = "linux")]
mod devices;
mod exits;
mod merges;
mod plays;
#[cfg(unix)]
mod processes;
mod programs;
#[cfg(unix)]
mod sockets;
mod source;
