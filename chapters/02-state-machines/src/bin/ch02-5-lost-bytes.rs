//! A race, and what the loser had already read.

use std::collections::VecDeque;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use state_machines::{Winner, race, yield_now};

// ANCHOR: program
// ANCHOR: wire
/// Bytes arrive one by one, with a pause after each.
struct Wire(VecDeque<char>);

impl Wire {
    /// Reads up to the end of a line.
    async fn line(&mut self) -> String {
        let mut line = String::new();
        while let Some(byte) = self.0.pop_front() {
            if byte == '\n' {
                break;
            }
            line.push(byte);
            yield_now().await;
        }
        line
    }
}
// ANCHOR_END: wire

// ANCHOR: caller
/// Is ready after some pauses.
async fn time_is_up(pauses: u32) {
    for _ in 0..pauses {
        yield_now().await;
    }
}

fn main() {
    closed_output::end_quietly();
    let mut wire = Wire("hello\nworld\n".chars().collect());
    for pauses in [2, 9] {
        match run(race(wire.line(), time_is_up(pauses))) {
            Winner::First(line) => println!("a line came: {line:?}"),
            Winner::Second(()) => println!("no line came in time"),
        }
    }
}
// ANCHOR_END: caller
// ANCHOR_END: program

fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
