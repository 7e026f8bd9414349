//! Chapter 15's server on the simulated network: one world for each seed, and the laws that hold in all of them.
//!
//! ```text
//! cargo run --release -p seeds                        # 10,000 worlds
//! cargo run --release -p seeds -- --seed 17 --trace   # one of them, line by line
//! ```
//!
//! | file | idea |
//! |---|---|
//! | [`plan`] | what a seed decides before the world begins |
//! | [`server`] | the server, started on a simulated host |
//! | [`client`] | clients, good and bad, and what each of them saw |
//! | [`world`] | a world from its beginning to its end |
//! | [`laws`] | what holds in every world |
//! | [`busy`] | the network of a machine that is busy |
//! | [`planted`] | networks with a fault, which the laws have to find |

pub mod busy;
pub mod client;
mod either_loop;
pub mod laws;
pub mod plan;
pub mod planted;
pub mod server;
pub mod world;

pub use plan::Plan;
pub use world::{Outcome, run, run_on};
