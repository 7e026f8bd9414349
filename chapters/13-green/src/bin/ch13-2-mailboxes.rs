//! Three tasks on one trampoline. One waits for messages in a function that its body calls.

use green::trampoline::{Port, Trampoline};

// ANCHOR: main
fn main() -> std::io::Result<()> {
    closed_output::end_quietly();
    let mut tasks = Trampoline::new();
    let adder = tasks.spawn(|port| {
        println!("a: the sum is {}", sum_of(port, 3));
    })?;
    for (name, numbers) in [("b", [1, 2]), ("c", [30, 40])] {
        tasks.spawn(move |port| {
            for number in numbers {
                match port.send(adder, number) {
                    Ok(()) => println!("{name}: has sent {number}"),
                    Err(number) => println!("{name}: {number} came back"),
                }
            }
        })?;
    }
    let turns = std::iter::from_fn(|| tasks.turn()).count();
    println!("{turns} turns, and {:?} wait", tasks.waiting());
    Ok(())
}

/// A plain function: it calls `receive` as it would call any other.
fn sum_of(port: &Port<'_, u32>, count: u32) -> u32 {
    (0..count).map(|_| port.receive()).sum()
}
// ANCHOR_END: main
