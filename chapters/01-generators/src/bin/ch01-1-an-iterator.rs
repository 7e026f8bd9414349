//! What it costs to have all the numbers, and what it costs to be able to go on.

use generators::countdown::Countdown;

const START: u32 = 1_000_000;

fn main() {
    closed_output::end_quietly();
    println!("A caller wants the first three numbers of a countdown from {START}.\n");

    // ANCHOR: all
    let all: Vec<u32> = (1..=START).rev().collect();
    println!(
        "a list of all of them holds {} bytes",
        size_of_val(&all[..])
    );
    println!("  {:?}", &all[..3]);
    // ANCHOR_END: all

    // ANCHOR: one
    let countdown = Countdown::from(START);
    println!("a countdown holds {} bytes", size_of_val(&countdown));
    println!("  {:?}", countdown.take(3).collect::<Vec<_>>());
    // ANCHOR_END: one
}
