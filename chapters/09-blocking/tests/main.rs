//! The tests of the chapter, as one program: each program costs a link.

mod common;
mod metrics;
mod plays;
mod pools;
mod processes;
mod programs;
mod questions;
mod real_resolver;
mod resolvers;
