//! The tests of the chapter, as one program: each program costs a link.

mod callbacks;
mod exchange;
mod plays;
mod programs;
mod sockets;
