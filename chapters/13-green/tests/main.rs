//! The tests of the chapter, as one program: each program costs a link.

mod bridges;
mod coroutines;
mod hubs;
#[cfg(all(unix, not(feature = "elsewhere")))]
mod overflows;
#[cfg(not(feature = "elsewhere"))]
mod plays;
mod pools;
mod programs;
