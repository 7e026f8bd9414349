//! The tests of the chapter, as one program: each program costs a link.

mod backoffs;
mod breakers;
mod drains;
mod heartbeats;
mod lifecycles;
mod plays;
mod programs;
#[cfg(feature = "world")]
mod reconnects;
#[cfg(feature = "world")]
mod redis;
mod retries;
mod signals;
mod supervisors;
