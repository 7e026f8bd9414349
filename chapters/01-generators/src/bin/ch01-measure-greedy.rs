//! The instrument of exercise greedy: how long does a polite task wait?

use std::process::ExitCode;

use generators::work::longest_wait;

/// A larger batch would delay the others for too long, and would take long to count.
const MOST: u64 = 1_000_000;

fn main() -> ExitCode {
    closed_output::end_quietly();
    let argument = std::env::args().nth(1).unwrap_or_default();
    match argument.parse() {
        Ok(batch @ 0..=MOST) => {
            println!("units of work in a turn: {batch} for the greedy task, 10 for a polite one");
            println!(
                "longest wait of a polite task: {} units",
                longest_wait(batch)
            );
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!(
                "Say how many units the greedy task does in a turn: a number from 0 to {MOST}."
            );
            ExitCode::from(2)
        }
    }
}
