//! The echo, against every contestant: requests a second, latency, processor time, system calls, memory.

mod idle;
pub(crate) mod instructions;
pub(crate) mod load;
pub(crate) mod machine;
pub(crate) mod peer;
pub(crate) mod servers;
mod stealing;
mod system_calls;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::table::median;
use load::{Clients, Load};
use peer::{PEERS, Peer, Serving};

/// What is measured, in a row of the table each.
const LOADS: [Load; 3] = [
    Load {
        clients: 50,
        bytes: 64,
    },
    Load {
        clients: 1_000,
        bytes: 64,
    },
    Load {
        clients: 50,
        bytes: 16 * 1024,
    },
];

/// What the command line says.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// How many rounds; in each, every peer serves every load once
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// How long one peer serves one load in one round, in milliseconds
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(10..))]
    milliseconds: u64,

    /// Only peers whose name contains this (and C epoll, to compare with)
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,

    /// How many idle connections to hold, to see what one costs in memory; 0 leaves that out
    #[arg(long, default_value_t = 10_000)]
    idle: usize,
}

/// What was measured of one peer under one load.
#[derive(Default)]
struct Results {
    /// Requests a second, in each round.
    rates: Vec<f64>,
    /// Microseconds of processor time a request, in each round.
    processor: Vec<f64>,
    latency: Option<Histogram<u64>>,
    errors: u64,
    system_calls: Option<f64>,
}

/// A peer that serves, and the clients that wait for their turn.
struct Contestant {
    peer: &'static Peer,
    serving: Serving,
    results: [Results; LOADS.len()],
    failed: Option<String>,
}

pub(crate) fn measure(options: &Options) -> anyhow::Result<()> {
    let workshop = workshop()?;
    // What a process starts inherits where it may run.
    let pinned = machine::pin(&[0]);
    let mut absent = Vec::new();
    let mut contestants = Vec::new();
    for peer in &PEERS {
        let wanted = options
            .only
            .as_deref()
            .is_none_or(|text| peer.name.contains(text));
        if !wanted && peer.name != PEERS[0].name {
            continue;
        }
        match peer.start(&workshop) {
            Ok(serving) => contestants.push(Contestant {
                peer,
                serving,
                results: Default::default(),
                failed: None,
            }),
            Err(why) => absent.push(format!("{}: {why:#}", peer.name)),
        }
    }
    machine::pin(&[1]);
    for (index, load) in LOADS.iter().enumerate() {
        for round in 0..options.rounds as usize {
            eprint!(
                "\r{} × {} B: round {} of {} ",
                load.clients,
                load.bytes,
                round + 1,
                options.rounds
            );
            for turn in 0..contestants.len() {
                let which = (turn + round) % contestants.len();
                contestants[which].serve(index, options);
            }
        }
        for contestant in &mut contestants {
            contestant.count_system_calls(index);
        }
    }
    eprintln!();
    let idle = if options.idle > 0 {
        idle::measure(&workshop, &contestants, options.idle)
    } else {
        Vec::new()
    };
    let table = report(options, &contestants, &idle, &absent, pinned);
    print!("{table}");
    let file = workshop.join("echo.txt");
    fs::write(&file, table)?;
    println!("\nalso in {}", file.display());
    Ok(())
}

impl Contestant {
    fn serve(&mut self, index: usize, options: &Options) {
        if self.failed.is_none()
            && let Err(error) = self.try_serve(index, options)
        {
            self.failed = Some(format!("{error:#}"));
        }
    }

    fn try_serve(&mut self, index: usize, options: &Options) -> anyhow::Result<()> {
        let mut clients = Clients::connect(self.serving.address, LOADS[index])?;
        let before = machine::processor_seconds(self.serving.id());
        let served = clients.run(Duration::from_millis(options.milliseconds))?;
        let after = machine::processor_seconds(self.serving.id());
        let results = &mut self.results[index];
        results.rates.push(served.requests as f64 / served.seconds);
        if let (Some(before), Some(after)) = (before, after) {
            results
                .processor
                .push((after - before) * 1e6 / served.requests as f64);
        }
        results.errors += served.errors;
        match &mut results.latency {
            Some(latency) => latency.add(&served.latency)?,
            none => *none = Some(served.latency),
        }
        Ok(())
    }

    fn count_system_calls(&mut self, index: usize) {
        if self.failed.is_some() {
            return;
        }
        let Ok(mut clients) = Clients::connect(self.serving.address, LOADS[index]) else {
            return;
        };
        self.results[index].system_calls = system_calls::a_request(self.serving.id(), || {
            let served = clients.run(Duration::from_millis(200)).ok()?;
            Some(served.requests)
        });
    }
}

fn report(
    options: &Options,
    contestants: &[Contestant],
    idle: &[Option<u64>],
    absent: &[String],
    pinned: bool,
) -> String {
    let mut out = String::new();
    for line in machine::description() {
        let _ = writeln!(out, "{line}");
    }
    let where_ = if pinned {
        "server and load on a core each"
    } else {
        "not pinned to cores"
    };
    let _ = writeln!(
        out,
        "cargo run --release -p bench -- echo: {} rounds of {} ms, medians, {where_}",
        options.rounds, options.milliseconds
    );
    for (index, load) in LOADS.iter().enumerate() {
        let _ = writeln!(out, "\n{} clients × {} bytes", load.clients, load.bytes);
        let _ = writeln!(
            out,
            "{:24}{:>12}{:>8}{:>10}{:>8}{:>10}{:>10}{:>8}{:>8}",
            "", "requests/s", "÷ C", "CPU µs", "÷ C", "p50 µs", "p99 µs", "calls", "errors"
        );
        let mut base = None;
        for contestant in contestants {
            let line = contestant.line(index, &mut base);
            let _ = writeln!(out, "{:24}{line}", contestant.peer.name);
        }
    }
    if !idle.is_empty() {
        let _ = writeln!(
            out,
            "\nresident bytes for each of {} idle connections",
            options.idle
        );
        for (contestant, bytes) in contestants.iter().zip(idle) {
            let bytes = bytes.map_or("–".to_owned(), |bytes| bytes.to_string());
            let _ = writeln!(out, "{:24}{bytes:>12}", contestant.peer.name);
        }
    }
    if !absent.is_empty() {
        let _ = writeln!(out, "\nnot here:");
    }
    for line in absent {
        let _ = writeln!(out, "  {line}");
    }
    out
}

impl Contestant {
    fn line(&self, index: usize, base: &mut Option<(f64, f64)>) -> String {
        if let Some(failed) = &self.failed {
            return format!("failed: {failed}");
        }
        let results = &self.results[index];
        let rate = median(&mut results.rates.clone());
        let processor = median(&mut results.processor.clone());
        let (base_rate, base_processor) = *base.get_or_insert((rate, processor));
        let percentile = |percent| {
            let latency = results.latency.as_ref();
            latency.map_or(0.0, |latency| {
                latency.value_at_quantile(percent) as f64 / 1e3
            })
        };
        let calls = results.system_calls;
        let calls = calls.map_or("–".to_owned(), |calls| format!("{calls:.2}"));
        format!(
            "{rate:>12.0}{:>8.2}{processor:>10.2}{:>8.2}{:>10.0}{:>10.0}{calls:>8}{:>8}",
            rate / base_rate,
            processor / base_processor,
            percentile(0.5),
            percentile(0.99),
            results.errors
        )
    }
}

/// A folder for what is built and written here, which git ignores.
pub(crate) fn workshop() -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench");
    fs::create_dir_all(&folder)?;
    Ok(folder.canonicalize()?)
}
