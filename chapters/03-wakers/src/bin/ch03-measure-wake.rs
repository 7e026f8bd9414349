//! The instrument of exercise cost-of-a-wake: a wake within one thread, and a round trip between
//! two.

use wakers::cost::{round_trip, wake_and_poll};

/// How often each is measured. The program prints the fastest, which other programs disturbed least.
const ROUNDS: u32 = 5;

fn main() {
    closed_output::end_quietly();
    let quickest = |measure: &dyn Fn() -> std::time::Duration| {
        (0..ROUNDS)
            .map(|_| measure())
            .min()
            .expect("there are rounds")
    };
    let wake = quickest(&|| wake_and_poll(100_000));
    let trip = quickest(&|| round_trip(5_000));
    println!(
        "a wake, and the poll that follows it on the same thread   {:>8} ns",
        wake.as_nanos()
    );
    println!(
        "a round trip between two threads that sleep in between   {:>9} ns",
        trip.as_nanos()
    );
}
