//! The tests of the chapter, as one program: each program costs a link.

mod backoffs;
mod breakers;
mod drains;
mod lifecycles;
mod plays;
mod programs;
mod retries;
mod supervisors;
