//! The echo server and a thousand clients, on a simulated network, in one thread.

use std::collections::BTreeMap;
use std::time::Instant;

use seeds::client::{End, Kind};
use seeds::{Outcome, Plan, run};

// ANCHOR: main
fn main() {
    let started = Instant::now();
    let plan = Plan::crowd(7);
    let outcome = run(&plan, false);
    for broken in &outcome.broken {
        println!("broken: {broken}");
    }
    println!("{}", outcome.ended.figures);
    println!("{:.1?} on the network's clock", outcome.lasted);
    how_they_ended(&plan, &outcome);
    println!(
        "{} lines of trace, {:016x}",
        outcome.trace.count(),
        outcome.trace.hash()
    );
    // Not on standard output, which is the same on every machine.
    let took = started.elapsed();
    let ratio = outcome.lasted.as_secs_f64() / took.as_secs_f64();
    eprintln!("{took:.1?} on yours: {ratio:.0} times as fast");
}
// ANCHOR_END: main

fn how_they_ended(plan: &Plan, outcome: &Outcome) {
    let mut counts: BTreeMap<(String, String), u32> = BTreeMap::new();
    for (script, report) in plan.clients.iter().zip(&outcome.ended.reports) {
        let kind = match script.kind {
            Kind::Steady => "sends and reads in turn",
            Kind::Bulk => "sends and reads at once",
            Kind::Silent => "falls silent",
            Kind::Resets => "resets",
            Kind::Leaves => "closes without reading",
            Kind::NeverReads => "does not read for a minute",
        };
        let end = match *report.end.borrow() {
            Some(End::ServersEnd) if report.received.get() == report.sent.get() => {
                "the server's end, and every byte"
            }
            Some(End::ServersEnd) => "the server's end, and not every byte",
            Some(End::Failed(_)) => "an error",
            Some(End::NotConnected(_)) => "no connection",
            Some(End::Own) => "its own end",
            Some(End::GaveUp) => "no end, for three hours",
            None => "killed, or without power",
        };
        *counts.entry((kind.to_owned(), end.to_owned())).or_default() += 1;
    }
    for ((kind, end), count) in counts {
        println!("{count:>5}  {kind:<26}  {end}");
    }
}
