//! The instrument of exercise late-ticks: how late the ticks of one task are beside a task that does a
//! number of items in each poll.

use event_loop::greedy::measure;

fn main() {
    closed_output::end_quietly();
    let batches: Vec<u32> = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse().ok())
        .filter(|batch| *batch > 0)
        .collect();
    if batches.is_empty() {
        println!("Say how many items: cargo run -q --bin ch04-measure-greedy -- 1 10 100");
    }
    for batch in batches {
        let measured = measure(batch);
        println!(
            "{batch:>6} items a poll: ticks up to {:>5} µs late, {:>3}.{} % of the time is work",
            measured.latest.as_micros(),
            measured.working / 10,
            measured.working % 10,
        );
    }
}
