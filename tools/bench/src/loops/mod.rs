//! The loop alone, against tokio's current-thread runtime, smol's executor and futures' `LocalPool`.

mod cases;
mod ours;
mod peers;

use std::time::Instant;

use crate::table::median;
use cases::{CASES, Case};

#[derive(Clone, Copy)]
/// A runtime that can run the cases: one call is one measured run of `count` steps.
pub(crate) struct Runtime {
    pub(crate) name: &'static str,
    /// Runs a case, and returns the nanoseconds a step; `None` if it has no such thing.
    pub(crate) run: fn(Case) -> Option<f64>,
}

/// Times what one run does, a step.
pub(crate) fn per_step(steps: usize, run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_nanos() as f64 / steps as f64
}

pub(crate) fn measure(rounds: u32) -> anyhow::Result<()> {
    let runtimes = [
        ours::RUNTIME,
        peers::TOKIO,
        peers::SMOL,
        peers::LOCAL_POOL,
        ours::DEBUG_MODE,
        ours::EXACT,
    ];
    println!(
        "{:42}{}",
        "ns each, median of the rounds",
        runtimes.map(|r| format!("{:>13}", r.name)).concat()
    );
    for case in CASES {
        let mut results = vec![Vec::new(); runtimes.len()];
        for round in 0..rounds as usize {
            for turn in 0..runtimes.len() {
                let which = (turn + round) % runtimes.len();
                results[which].extend((runtimes[which].run)(case));
            }
        }
        let medians: Vec<Option<f64>> = results
            .iter_mut()
            .map(|values| (!values.is_empty()).then(|| median(values)))
            .collect();
        let cells = medians.iter().map(|m| match m {
            Some(ns) => format!("{ns:>13.0}"),
            None => format!("{:>13}", "–"),
        });
        println!("{:42}{}", case.name(), cells.collect::<String>());
        if let (Some(ours), Some(tokio)) = (medians[0], medians[1]) {
            println!("{:42}{:>13.2}", "  ÷ tokio", ours / tokio);
        }
        if let (Some(ours), Some(debug)) = (medians[0], medians[4]) {
            println!("{:42}{:>13.2}", "  debug mode ÷ off", debug / ours);
        }
        if let (Some(ours), Some(exact)) = (medians[0], medians[5]) {
            println!(
                "{:42}{:>13.2}",
                "  with a precise clock ÷ off",
                exact / ours
            );
        }
    }
    Ok(())
}
