//! The options of the command line.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::process;
use std::thread;
use std::time::Duration;

use clap::Parser;

use crate::either_loop::WhichLoop;
use crate::output::complain;

/// Sends every byte back to the client that sent it, in order.
///
/// The first line of its output says where it listens. SIGTERM and SIGINT (on Windows: Ctrl-C) make it
/// finish: it accepts no more clients, sends back what it has received, closes, prints one line of
/// figures and exits with status 0. A second signal makes it stop at once, with status 1. SIGUSR1 makes it
/// print its figures so far.
#[derive(Debug, Clone, Parser)]
#[command(name = "chapter-15-echo-server", version)]
pub struct Options {
    /// The address to listen on; with port 0, any port that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7777", value_parser = address)]
    pub listen: SocketAddr,

    /// How many threads serve, each with a loop of its own [default: as many as the machine has cores].
    /// On Linux, DragonFly and FreeBSD each thread has a queue of clients, and the kernel spreads clients
    /// over them; on macOS and other systems all threads share one queue, and the first to accept serves
    /// the client
    #[arg(long, value_name = "N", value_parser = number_of_workers, allow_negative_numbers = true)]
    workers: Option<NonZeroUsize>,

    /// How many connections may be open, in all workers together; the next client waits in the kernel's
    /// queue
    #[arg(
        long,
        value_name = "N",
        default_value = "15000",
        value_parser = at_least_one,
        allow_negative_numbers = true
    )]
    pub max_connections: NonZeroUsize,

    /// After how many seconds without a byte in either direction a connection is closed
    #[arg(
        long,
        value_name = "SECS",
        default_value = "60",
        value_parser = seconds,
        allow_negative_numbers = true
    )]
    pub idle_timeout: Duration,

    /// How many seconds connections have to finish before the server cuts them off
    #[arg(
        long,
        value_name = "SECS",
        default_value = "10",
        value_parser = seconds,
        allow_negative_numbers = true
    )]
    pub drain_timeout: Duration,

    /// Which loop serves: chapter 04's, or chapter 14's faster one
    #[arg(long = "loop", value_name = "LOOP", value_enum, default_value_t)]
    pub event_loop: WhichLoop,

    /// For tests: a connection whose first byte is this one panics
    #[arg(long, value_name = "BYTE", hide = true)]
    pub crash_connection_on: Option<u8>,

    /// For tests: a connection whose first byte is this one takes its worker with it
    #[arg(long, value_name = "BYTE", hide = true)]
    pub crash_worker_on: Option<u8>,
}

impl Options {
    /// Parses the command line. [`Parser::parse_from`] does the same with any words:
    ///
    /// ```
    /// use clap::Parser;
    /// use echo_server::Options;
    ///
    /// let options = Options::parse_from(["server", "--listen", "127.0.0.1:0", "--workers", "2"]);
    /// assert_eq!(options.workers(), 2);
    /// assert_eq!(options.idle_timeout.as_secs(), 60);
    /// assert!(Options::try_parse_from(["server", "--workers", "0"]).is_err());
    /// ```
    ///
    /// A wrong argument ends the process with one sentence and status 2. Help and
    /// version go to standard output.
    #[must_use]
    pub fn read() -> Options {
        Options::try_parse().unwrap_or_else(|error| {
            if !error.use_stderr() {
                error.exit();
            }
            let text = error.to_string();
            let sentence = text.lines().next().unwrap_or_default();
            let sentence = sentence.strip_prefix("error: ").unwrap_or(sentence);
            complain(format_args!("{sentence} (see --help)"));
            process::exit(2);
        })
    }

    /// How many threads serve.
    #[must_use]
    pub fn workers(&self) -> usize {
        let cores = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.workers.map_or_else(cores, NonZeroUsize::get)
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    (text.parse()).map_err(|_| "an address is a number and a port, as in 127.0.0.1:7777".to_owned())
}

/// More threads than this do not serve faster, and their sockets and event queues alone use up the usual limit of descriptors.
const MOST_WORKERS: usize = 256;

fn number_of_workers(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse().ok();
    number
        .filter(|workers: &NonZeroUsize| workers.get() <= MOST_WORKERS)
        .ok_or_else(|| format!("it must be a whole number from 1 to {MOST_WORKERS}"))
}

fn at_least_one(text: &str) -> Result<NonZeroUsize, String> {
    (text.parse()).map_err(|_| "it must be a whole number, 1 or more".to_owned())
}

/// A time in seconds, whole or with a fraction: more than zero, and no more than a hundred years.
fn seconds(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("“{text}” is not a time in seconds: a number above zero, such as 30 or 0.5");
    let seconds: f64 = text.parse().map_err(|_| wrong())?;
    let century = 100.0 * 365.0 * 24.0 * 3600.0;
    if !(seconds > 0.0 && seconds <= century) {
        return Err(wrong());
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| wrong())
}
