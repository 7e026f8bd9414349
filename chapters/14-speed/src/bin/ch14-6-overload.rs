//! A server that needs 2 ms for a request, and a client each millisecond, in simulated time: with and without
//! a limit on the requests that wait.

use std::collections::VecDeque;

/// Milliseconds.
const WORK: u64 = 2;
const PATIENCE: u64 = 1_000;
const SECONDS: usize = 4;

/// What came of the clients of one second.
#[derive(Clone, Copy, Default)]
struct Second {
    answered: u32,
    too_late: u32,
    refused: u32,
}

// ANCHOR: simulate
/// Serves the clients in the order in which they come. The server does not see that a client has given up.
fn simulate(limit: Option<usize>) -> [Second; SECONDS] {
    let mut seconds = [Second::default(); SECONDS];
    // When each request that waits or is being served will be done.
    let mut queue: VecDeque<u64> = VecDeque::new();
    for now in 0..SECONDS as u64 * 1_000 {
        while queue.front().is_some_and(|done| *done <= now) {
            queue.pop_front();
        }
        let second = &mut seconds[(now / 1_000) as usize];
        if limit.is_some_and(|limit| queue.len() >= limit) {
            second.refused += 1;
            continue;
        }
        let done = queue.back().copied().unwrap_or(now) + WORK;
        queue.push_back(done);
        if done - now <= PATIENCE {
            second.answered += 1;
        } else {
            second.too_late += 1;
        }
    }
    seconds
}
// ANCHOR_END: simulate

fn main() {
    closed_output::end_quietly();
    println!("clients that come in          no limit                  limit 10");
    println!("                        answered  too late        answered   refused");
    let rows = simulate(None).into_iter().zip(simulate(Some(10)));
    for (number, (free, limited)) in rows.enumerate() {
        println!(
            "second {:<15}{:>10}{:>10}{:>16}{:>10}",
            number + 1,
            free.answered,
            free.too_late,
            limited.answered,
            limited.refused
        );
    }
}
