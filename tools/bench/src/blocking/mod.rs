//! Threads beside a loop: clients that ask one question at a time, and jobs that a pool of threads runs.

mod jobs;
mod questions;

/// What the command line says.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// How many rounds; each measures everything once, in an order that moves on.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// How long the clients ask in one round, in milliseconds.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(10..))]
    milliseconds: u64,

    /// The largest number of connections; below 1,000 for a quick look.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    connections: u64,
}

/// Measures both, and prints a table for each.
///
/// # Errors
///
/// If the server cannot be started, or a connection fails.
pub(crate) fn measure(options: &Options) -> anyhow::Result<()> {
    questions::measure(options)?;
    println!();
    jobs::measure(options.rounds);
    Ok(())
}
