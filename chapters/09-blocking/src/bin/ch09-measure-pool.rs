//! The instrument of an exercise: how late a tick is, and how long a request waits for a thread.

use std::process::ExitCode;

use blocking::crowded::{Caller, measure};

fn main() -> ExitCode {
    closed_output::end_quietly();
    let mut callers = vec![Caller::Loop];
    for argument in std::env::args().skip(1) {
        match argument.parse() {
            Ok(threads @ 1..=1_000) => callers.push(Caller::Pool(threads)),
            _ => {
                eprintln!("`{argument}` is no number of threads from 1 to 1000.");
                return ExitCode::from(2);
            }
        }
    }
    println!("who makes the calls     latest tick    longest wait    wait in the last burst");
    for caller in callers {
        let name = match caller {
            Caller::Loop => "the loop's thread".to_owned(),
            Caller::Pool(1) => "a pool of 1 thread".to_owned(),
            Caller::Pool(threads) => format!("a pool of {threads} threads"),
        };
        let measured = measure(caller);
        println!(
            "{name:<22} {:>8} ms late {:>12} ms {:>22} ms",
            measured.latest_tick.as_millis(),
            measured.longest_wait.as_millis(),
            measured.last_wait.as_millis(),
        );
    }
    ExitCode::SUCCESS
}
