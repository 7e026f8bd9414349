//! The tests of the chapter, as one program: each program costs a link.

mod backoffs;
mod breakers;
mod drains;
mod heartbeats;
mod lifecycles;
mod plays;
mod programs;
mod reconnects;
mod redis;
mod retries;
mod runs;
mod signals;
mod supervisors;
