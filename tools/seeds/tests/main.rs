//! The echo server in simulated worlds.

mod programs;
mod worlds;
