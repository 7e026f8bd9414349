//! Clients that lose their server in the same moment: when they come back, without jitter and with full jitter.
//!
//! The arguments are the number of clients, how many the server accepts in 100 ms, and a seed.

use std::env;
use std::time::Duration;

use service::herd::{Choice, Herd, herd};

fn main() {
    closed_output::end_quietly();
    let mut numbers = env::args()
        .skip(1)
        .map(|word| word.parse().expect("a number"));
    let clients = numbers.next().unwrap_or(1_000);
    let capacity = numbers.next().unwrap_or(20);
    let seed = numbers.next().unwrap_or(1);
    let together = herd(clients, capacity, Choice::Longest);
    let spread = herd(clients, capacity, Choice::Full(seed.into()));
    println!("{clients} clients; the server accepts {capacity} in 100 ms");
    println!();
    println!("second   attempts without jitter            with full jitter");
    for second in 0..16 {
        let bar = |herd: &Herd| bar(herd, second, clients);
        let line = format!("{second:>6}   {}   {}", bar(&together), bar(&spread));
        println!("{}", line.trim_end());
    }
    println!();
    for (name, herd) in [("without jitter", together), ("with full jitter", spread)] {
        println!(
            "{name:16} {:5} attempts, {:4} at most in 100 ms, connected in {:.1} s",
            herd.attempts.len(),
            herd.busiest(),
            herd.last.as_secs_f64()
        );
    }
}

/// The attempts in one second. All clients are twenty-five signs.
fn bar(herd: &Herd, second: u64, clients: u32) -> String {
    let from = Duration::from_secs(second);
    let attempts = herd.between(from, from + Duration::from_secs(1));
    let signs = (attempts * 25).div_ceil(clients.max(1) as usize);
    let number = if attempts == 0 {
        String::new()
    } else {
        attempts.to_string()
    };
    format!("{:<25} {number:>5}", "█".repeat(signs))
}
