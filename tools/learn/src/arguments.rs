//! What can be said on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// From Yield to Await: build an async runtime by hand. Without a command, it watches the exercise that comes next.
#[derive(Debug, Parser)]
#[command(name = "cargo learn", bin_name = "cargo learn")]
pub struct Arguments {
    /// Look for saves again and again, where the system does not report them (WSL, network folders).
    #[arg(long)]
    pub poll: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Arguments {
    /// Whether processes may be running that must not be left behind.
    #[must_use]
    pub fn runs_checks(&self) -> bool {
        match self.command {
            None => true,
            Some(ref command) => matches!(
                command,
                Command::Watch { .. }
                    | Command::Check(_)
                    | Command::Mine(_)
                    | Command::Trace(_)
                    | Command::Verify { .. }
            ),
        }
    }
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch an exercise and check it at each save: this one, or the next that is not solved.
    Watch {
        /// `1.2`, `countdown` or `generators/countdown`.
        id: Option<String>,
        /// Look for saves again and again, where the system does not report them (WSL, network folders).
        #[arg(long)]
        poll: bool,
    },
    /// Every exercise with its state.
    List {
        /// Print one JSON document.
        #[arg(long)]
        json: bool,
    },
    /// Run the checks of these exercises, or of the next one.
    Check(Check),
    /// The next, stronger hint for this exercise, or for the next one.
    Hint {
        /// `1.2`, `countdown` or `generators/countdown`.
        id: Option<String>,
    },
    /// Put this exercise off, or the next one, and go on. Nothing is lost.
    Skip {
        /// `1.2`, `countdown` or `generators/countdown`.
        id: Option<String>,
    },
    /// A mistake explained at length; without a code, all codes.
    Explain {
        /// The code that a verdict named.
        code: Option<String>,
    },
    /// The stub again. Your version is kept aside.
    Reset {
        /// `1.2`, `countdown` or `generators/countdown`.
        id: String,
    },
    /// The reference answer: freely once you have solved the exercise, else after a confirmation.
    Solution {
        /// `1.2`, `countdown` or `generators/countdown`.
        id: String,
        /// Show it though the exercise is not solved.
        #[arg(long)]
        yes: bool,
    },
    /// The picture of what your code did: who was polled, who waited, and where each wake went.
    Trace(Trace),
    /// The runtime with your parts in it: the chapters' programs and tests run on what you have solved.
    Mine(Mine),
    /// Build the book and open it.
    Book,
    /// Get the newest version of the course. Your files always win.
    Update,
    /// For maintainers: everything that the course promises about itself.
    Verify {
        /// Write stubs and checksums anew where they are out of date.
        #[arg(long)]
        write: bool,
    },
    /// The client of `mine --serve`, in a process of its own.
    #[command(hide = true)]
    EchoClient {
        /// Where the server listens.
        address: SocketAddr,
        /// How many connections to open at once.
        #[arg(long)]
        connections: usize,
    },
}

/// `cargo learn check`.
#[derive(Debug, Args)]
pub struct Check {
    /// `1.2`, `countdown` or `generators/countdown`; several, if you like.
    pub ids: Vec<String>,
    /// Check every exercise.
    #[arg(long, conflicts_with = "ids")]
    pub all: bool,
    /// Check the reference answers, and leave progress alone.
    #[arg(long, conflicts_with = "with")]
    pub solution: bool,
    /// Check this file in place of the one exercise's, and leave progress alone.
    #[arg(long, value_name = "FILE")]
    pub with: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
    /// Write the verdicts as a JUnit file, too.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// How long the promises of one exercise may run, in seconds.
    #[arg(long, value_name = "SECS", default_value_t = 10.0)]
    pub deadline: f64,
}

/// `cargo learn trace`.
#[derive(Debug, Args)]
pub struct Trace {
    /// `1.2`, `countdown` or `generators/countdown`; without it, the next one.
    pub id: Option<String>,
    /// The run of this promise: its number, or some words of it. Otherwise the first that is broken, or else the one with the most wakes.
    #[arg(long, value_name = "TEXT")]
    pub promise: Option<String>,
    /// Only list the promises.
    #[arg(long, conflicts_with_all = ["promise", "chrome", "svg", "html"])]
    pub list: bool,
    /// Write the run as a trace file, too, which Perfetto opens.
    #[arg(long, value_name = "FILE")]
    pub chrome: Option<PathBuf>,
    /// Write the picture as an SVG file, too.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Write a page in which the run can be stepped through beside the source, too.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Run the reference answer.
    #[arg(long, conflicts_with = "with")]
    pub solution: bool,
    /// Run this file in place of the one exercise's.
    #[arg(long, value_name = "FILE")]
    pub with: Option<PathBuf>,
    /// Draw with ASCII characters alone.
    #[arg(long)]
    pub ascii: bool,
    /// How long the promises may run, in seconds.
    #[arg(long, value_name = "SECS", default_value_t = 10.0)]
    pub deadline: f64,
}

/// `cargo learn mine`.
#[derive(Debug, Args)]
pub struct Mine {
    /// Of your parts, only these, separated by commas; the reference in all other places.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Not these parts of yours: the reference in their places.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub without: Vec<String>,
    /// In the end, run the echo server on it, and want the bytes back on many connections at once.
    #[arg(long)]
    pub serve: bool,
    /// How many connections `--serve` opens.
    #[arg(long, value_name = "N", default_value_t = 10_000, requires = "serve")]
    pub connections: usize,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
    /// How long a test may run, in seconds.
    #[arg(long, value_name = "SECS", default_value_t = 20.0)]
    pub deadline: f64,
}
