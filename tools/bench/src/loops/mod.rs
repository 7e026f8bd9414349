//! The loop alone, against tokio's current-thread runtime, smol's executor and futures' `LocalPool`.

mod cases;
pub(crate) mod counts;
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
        ours::FAST,
    ];
    table(&runtimes, rounds, |medians| {
        print_ratio("÷ tokio", medians[0], medians[1]);
        print_ratio("debug mode ÷ off", medians[4], medians[0]);
        print_ratio("with a precise clock ÷ off", medians[5], medians[0]);
        print_ratio("chapter 14 ÷ chapter 04", medians[6], medians[0]);
    });
    Ok(())
}

/// Chapter 14's loop with all of its steps, with none, and without one at a time.
pub(crate) fn measure_steps(rounds: u32) -> anyhow::Result<()> {
    let mut runtimes = vec![ours::RUNTIME, ours::FAST];
    runtimes.extend(ours::STEPS_ALONE);
    table(&runtimes, rounds, |_| {});
    Ok(())
}

/// Prints a row for each case, and below it what `more` makes of the medians.
fn table(runtimes: &[Runtime], rounds: u32, more: impl Fn(&[Option<f64>])) {
    let names = runtimes.iter().map(|r| format!("{:>13}", r.name));
    println!(
        "{:42}{}",
        "ns each, median of the rounds",
        names.collect::<String>()
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
        more(&medians);
    }
}

fn print_ratio(name: &str, one: Option<f64>, other: Option<f64>) {
    if let (Some(one), Some(other)) = (one, other) {
        println!("  {name:40}{:>13.2}", one / other);
    }
}
