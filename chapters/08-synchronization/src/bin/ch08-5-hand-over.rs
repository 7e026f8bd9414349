//! The instrument of exercise hand-off: eight tasks share a lock, and the one that has waited longest
//! may be overtaken a number of times.

use synchronization::hand_off::{Overtaking, measure};

fn main() {
    closed_output::end_quietly();
    let mut arguments: Vec<_> = std::env::args().skip(1).collect();
    if arguments.is_empty() {
        arguments = vec!["0".to_owned(), "unlimited".to_owned()];
    }
    for argument in arguments {
        let overtaking = match argument.parse() {
            Ok(times) => Overtaking::UpTo(times),
            Err(_) => Overtaking::Unlimited,
        };
        let measured = measure(overtaking);
        println!(
            "overtaken up to {argument:>9} times: {:4} locks in 100 ms, longest wait {:6} µs",
            measured.locks,
            measured.longest.as_micros(),
        );
    }
}
