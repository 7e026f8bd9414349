//! Twice as many clients as a server can serve: how many of them are answered, and how late.

mod load;
pub(crate) mod servers;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context;

use crate::echo::peer::{Serving, peers};
use crate::echo::{machine, workshop};
use crate::table::median;

/// What the command line says.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// How many rounds; in each, every server is overloaded once.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,

    /// How long clients come, in milliseconds.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(1_000..=20_000))]
    milliseconds: u64,

    /// Processor time for each request, in microseconds.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(500..=100_000))]
    work: u64,

    /// How many clients come in the time in which the server can serve one.
    #[arg(long, default_value_t = 2.0)]
    times: f64,
}

/// How long the capacity of a server is measured before.
const CAPACITY: Duration = Duration::from_millis(700);

/// How many connections the server with a limit serves at a time.
const LIMIT: &str = "10";

struct Server {
    name: &'static str,
    how: How,
}

enum How {
    /// This program itself, with these arguments.
    Myself(&'static [&'static str]),
    /// A Python script, and the module that it needs.
    Python(&'static str, &'static str),
}

const SERVERS: [Server; 6] = [
    Server {
        name: "this course, limit 10",
        how: How::Myself(&["ours", "--limit", LIMIT]),
    },
    Server {
        name: "this course, no limit",
        how: How::Myself(&["ours"]),
    },
    Server {
        name: "tokio, current thread",
        how: How::Myself(&["tokio"]),
    },
    Server {
        name: "asyncio streams",
        how: How::Python("overload_asyncio.py", "asyncio"),
    },
    Server {
        name: "gevent",
        how: How::Python("overload_gevent.py", "gevent"),
    },
    Server {
        name: "Tornado",
        how: How::Python("overload_tornado.py", "tornado"),
    },
];

/// What the rounds of one server gave; shares are of the clients that came.
#[derive(Default)]
struct Results {
    capacity: Vec<f64>,
    answered: Vec<f64>,
    refused: Vec<f64>,
    last: Vec<f64>,
    /// Answers a second, of those that the server could give.
    used: Vec<f64>,
    milliseconds: [Vec<f64>; 4],
    mebibytes: Vec<f64>,
    failed: Option<String>,
}

const QUANTILES: [f64; 4] = [0.5, 0.9, 0.99, 0.999];

/// Measures all servers in turn, and prints a table.
///
/// # Errors
///
/// If the folder for the table cannot be written.
pub(crate) fn measure(options: &Options) -> anyhow::Result<()> {
    let mut results: Vec<Results> = SERVERS.iter().map(|_| Results::default()).collect();
    for round in 0..options.rounds as usize {
        eprint!("\rround {} of {} ", round + 1, options.rounds);
        for turn in 0..SERVERS.len() {
            let which = (round + turn) % SERVERS.len();
            if results[which].failed.is_none()
                && let Err(error) = one_round(&SERVERS[which], options, &mut results[which])
            {
                results[which].failed = Some(format!("{error:#}"));
            }
        }
    }
    eprintln!();
    let table = report(options, &results);
    print!("{table}");
    let file = workshop()?.join("overload.txt");
    fs::write(&file, table)?;
    println!("\nalso in {}", file.display());
    Ok(())
}

fn one_round(server: &Server, options: &Options, results: &mut Results) -> anyhow::Result<()> {
    // What a process starts inherits where it may run.
    machine::pin(&[0]);
    let serving = Serving::start(&mut server.command(options.work)?)?;
    machine::pin(&[1]);
    let capacity = load::capacity(serving.address, CAPACITY).context("before the overload")?;
    let idle = machine::resident_bytes(serving.id()).unwrap_or(0);
    let mut peak = idle;
    let duration = Duration::from_millis(options.milliseconds);
    let came = load::offer(serving.address, capacity * options.times, duration, || {
        peak = peak.max(machine::resident_bytes(serving.id()).unwrap_or(0));
    })?;
    let share = |count: u64| count as f64 * 100.0 / came.clients.max(1) as f64;
    results.capacity.push(capacity);
    results.answered.push(share(came.answered));
    results.refused.push(share(came.refused));
    results
        .last
        .push(came.last.1 as f64 * 100.0 / came.last.0.max(1) as f64);
    let could = capacity * duration.as_secs_f64();
    results.used.push(came.answered as f64 * 100.0 / could);
    for (quantile, values) in QUANTILES.into_iter().zip(&mut results.milliseconds) {
        values.push(came.latency.value_at_quantile(quantile) as f64 / 1e6);
    }
    results
        .mebibytes
        .push((peak - idle) as f64 / (1024.0 * 1024.0));
    Ok(())
}

impl Server {
    fn command(&self, work: u64) -> anyhow::Result<Command> {
        match self.how {
            How::Myself(arguments) => {
                let mut command = Command::new(env::current_exe()?);
                command.arg("serve-overload").args(arguments);
                command.args(["--work", &work.to_string()]);
                Ok(command)
            }
            How::Python(script, module) => {
                let installed = Command::new("python3")
                    .args(["-c", &format!("import {module}")])
                    .stderr(Stdio::null())
                    .status();
                if !installed.context("python3 is not installed")?.success() {
                    anyhow::bail!("{module} is not installed: python3 -m pip install {module}");
                }
                let mut command = Command::new("python3");
                command
                    .arg(Path::new(&peers()).join(script))
                    .arg(work.to_string());
                Ok(command)
            }
        }
    }
}

fn report(options: &Options, results: &[Results]) -> String {
    let mut out = String::new();
    for line in machine::description() {
        let _ = writeln!(out, "{line}");
    }
    if let Some(load) = machine::load_average() {
        let _ = writeln!(out, "load average {load} at the end");
    }
    let _ = writeln!(
        out,
        "cargo run --release -p bench -- overload: {} rounds of {} ms, medians, {} µs of work a request\n",
        options.rounds, options.milliseconds, options.work
    );
    let _ = writeln!(
        out,
        "{} times as many clients as each server can serve; a client gives up after 1 s",
        options.times
    );
    let _ = writeln!(
        out,
        "{:24}{:>10}{:>10}{:>9}{:>9}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}",
        "",
        "serves/s",
        "answered%",
        "refused%",
        "last s %",
        "used %",
        "p50 ms",
        "p90",
        "p99",
        "p99.9",
        "MiB"
    );
    for (server, results) in SERVERS.iter().zip(results) {
        if let Some(failed) = &results.failed {
            let _ = writeln!(out, "{:24}failed: {failed}", server.name);
            continue;
        }
        let of = |values: &Vec<f64>| median(&mut values.clone());
        let _ = write!(
            out,
            "{:24}{:>10.0}{:>10.0}{:>9.0}{:>9.0}{:>8.0}",
            server.name,
            of(&results.capacity),
            of(&results.answered),
            of(&results.refused),
            of(&results.last),
            of(&results.used)
        );
        for values in &results.milliseconds {
            let _ = write!(out, "{:>8.0}", of(values));
        }
        let _ = writeln!(out, "{:>8.1}", of(&results.mebibytes));
    }
    out
}
