//! Measures the course's runtime beside others, in turn, in one run.
//!
//! It knows the runtimes that it starts. It does not know checks or exercises.

mod blocking;
#[cfg(target_os = "linux")]
mod completion;
#[cfg(target_os = "linux")]
mod database;
mod echo;
mod green;
mod http;
mod locks;
mod loops;
mod overload;
#[cfg(unix)]
mod processes;
mod sets;
mod streams;
mod table;
mod timers;
mod workers;

use clap::{Parser, Subcommand};

/// Measures the course's runtime beside others: in turn, several rounds, and prints medians and
/// ratios.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The loop alone: spawning, waking, yielding, setting timers.
    Loop {
        /// How many rounds; each measures every runtime once, in an order that moves on.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
        rounds: u32,
        /// Chapter 14's loop alone: with all of its steps, with none, and without one at a time.
        #[arg(long)]
        steps: bool,
    },
    /// Sets of futures: what a child costs, by the number of children.
    Sets {
        /// How many rounds; each measures every set once, in an order that moves on.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
        rounds: u32,
    },
    /// Locks and channels on one thread: a lock, a value, a waiting task.
    Locks {
        /// How many rounds; each measures every family once, in an order that moves on.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
        rounds: u32,
    },
    /// Threads beside a loop: clients that ask one question at a time, and jobs of a pool.
    Blocking(blocking::Options),
    /// Queries of many callers on eight connections to PostgreSQL, beside tokio-postgres and threads that block.
    #[cfg(target_os = "linux")]
    Database(database::Options),
    /// Lines and copies, by the size of the lines and of the reads; and child processes: what it costs
    /// to start one and to hear of its end.
    Streams {
        /// How many rounds; each measures every family once, in an order that moves on.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
        rounds: u32,
    },
    /// Green threads beside corosensei, threads of the system and tasks: a switch, a new one, a suspended one.
    Green {
        /// How many rounds; each measures every kind once, in an order that moves on.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
        rounds: u32,
    },
    /// Executors with several threads: chapter 14's beside tokio's and async-executor's.
    Workers {
        /// How many rounds; each measures every executor once, in an order that moves on.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
        rounds: u32,
    },
    /// Sets of timers alone: a heap, a wheel and a sorted map, by the number of timers that are set.
    Timers {
        /// How many rounds; each measures every set once, in an order that moves on.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
        rounds: u32,
    },
    /// Reads of fifty sockets: told when they are ready, by epoll and by io_uring, and told when they are done.
    #[cfg(target_os = "linux")]
    Completion {
        /// How many rounds; each measures every way once, in an order that moves on.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
        rounds: u32,
    },
    /// An echo server, under three loads: requests a second, processor time, latency, memory.
    Echo(echo::Options),
    /// A server with twice as many clients as it can serve: the share that is answered, latency, memory.
    Overload(overload::Options),
    /// hyper's server on this loop beside hyper's on tokio: requests a second, processor time.
    Http {
        /// How many rounds; each measures both, in an order that moves on.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
        rounds: u32,
    },
    /// The loop alone, in instructions outside the kernel: the same on a busy machine. Needs valgrind.
    Counts {
        /// Chapter 14's loop only; fails if it takes more instructions than when the bounds were set.
        #[arg(long)]
        check: bool,
    },
    /// Is what `counts` counts.
    #[command(hide = true)]
    Counted(loops::counts::Counted),
    /// Is one of the peers.
    #[command(hide = true)]
    Serve { peer: echo::servers::Server },
    /// Is one of the servers that are overloaded.
    #[command(hide = true)]
    ServeOverload(overload::servers::Options),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().what {
        What::Loop {
            rounds,
            steps: true,
        } => loops::measure_steps(rounds),
        What::Loop { rounds, .. } => loops::measure(rounds),
        What::Counts { check: true } => loops::counts::check(),
        What::Counts { check: false } => loops::counts::measure(),
        What::Counted(counted) => loops::counts::run(&counted),
        What::Sets { rounds } => {
            sets::measure(rounds);
            Ok(())
        }
        What::Locks { rounds } => {
            locks::measure(rounds);
            Ok(())
        }
        #[cfg(target_os = "linux")]
        What::Completion { rounds } => completion::measure(rounds),
        What::Timers { rounds } => {
            timers::measure(rounds);
            Ok(())
        }
        What::Blocking(options) => blocking::measure(&options),
        #[cfg(target_os = "linux")]
        What::Database(options) => database::measure(&options),
        What::Streams { rounds } => streams(rounds),
        What::Green { rounds } => {
            green::measure(rounds);
            Ok(())
        }
        What::Workers { rounds } => workers::measure(rounds),
        What::Http { rounds } => http::measure(rounds),
        What::Echo(options) => echo::measure(&options),
        What::Overload(options) => overload::measure(&options),
        What::Serve { peer } => peer.run(),
        What::ServeOverload(options) => overload::servers::run(&options),
    }
}

fn streams(rounds: u32) -> anyhow::Result<()> {
    streams::measure(rounds);
    #[cfg(unix)]
    {
        println!();
        processes::measure(rounds)?;
    }
    Ok(())
}
