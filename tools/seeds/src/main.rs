//! Runs the echo server in one simulated world for each seed.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use seeds::{Plan, run};

/// Runs chapter 15's echo server in one simulated world for each seed, and stops at the first world in which a
/// law is broken.
#[derive(Debug, Parser)]
#[command(name = "seeds")]
struct Arguments {
    /// How many worlds
    #[arg(long, default_value_t = 10_000)]
    count: u64,

    /// The first seed
    #[arg(long, default_value_t = 1)]
    first: u64,

    /// This world alone
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,

    /// Prints everything that happened in the world of `--seed`
    #[arg(long, requires = "seed")]
    trace: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seeds = match arguments.seed {
        Some(seed) => seed..seed + 1,
        None => arguments.first..arguments.first + arguments.count,
    };
    let started = Instant::now();
    let (mut simulated, mut clients, mut lines) = (Duration::ZERO, 0, 0);
    for seed in seeds.clone() {
        let plan = Plan::of(seed);
        let _said = SaysSeed(seed);
        let outcome = run(&plan, arguments.trace);
        say(format_args!("{}", outcome.trace));
        if !outcome.broken.is_empty() {
            say(format_args!(
                "seed {seed}: {}\nthe world, line by line: cargo run -p seeds -- --seed {seed} --trace\n",
                outcome.broken.join("\n  ")
            ));
            return ExitCode::FAILURE;
        }
        simulated += outcome.lasted;
        clients += plan.clients.len();
        lines += outcome.trace.count();
    }
    let took = started.elapsed();
    say(format_args!(
        "{} worlds, {clients} clients, {lines} lines of trace: every law holds\n\
         {simulated:.0?} simulated in {took:.1?}, {:.0} times as fast as the clock\n",
        seeds.end - seeds.start,
        simulated.as_secs_f64() / took.as_secs_f64()
    ));
    ExitCode::SUCCESS
}

/// Prints this, if standard output is still open: the reader of a long trace may have seen enough.
fn say(text: fmt::Arguments<'_>) {
    let _ = io::stdout().write_fmt(text);
}

/// A world that panics has not said which one it is.
struct SaysSeed(u64);

impl Drop for SaysSeed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "in the world of seed {0}: cargo run -p seeds -- --seed {0} --trace",
                self.0
            );
        }
    }
}
