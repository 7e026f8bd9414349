//! What five things cost: medians of rounds in turn.

use std::{env, io};

use speed::costs::{Thing, medians};

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let rounds = env::args().nth(1).and_then(|rounds| rounds.parse().ok());
    let rounds: usize = rounds.unwrap_or(31).max(1);
    println!("nanoseconds for a thousand of each, median of {rounds} rounds in turn");
    for (thing, median) in Thing::ALL.iter().zip(medians(rounds)?) {
        println!("{:26}{:>10}", thing.name(), median.as_nanos());
    }
    Ok(())
}
