//! How large a machine is, by hand and by the compiler. What is printed depends on the compiler and
//! the machine.

use state_machines::site::{self, Site};
use state_machines::{lowered, sizes};

/// A site whose answers are there at once, and weigh what they are told to.
struct Near;

impl Site for Near {
    type Version = Heavy<u32, 100>;
    type Download = Heavy<String, 300>;

    fn version(&self) -> Heavy<u32, 100> {
        Heavy::new(2)
    }

    fn download(&self, version: u32) -> Heavy<String, 300> {
        Heavy::new(format!("text {version}"))
    }
}

/// Ready at once, and `BYTES` bytes larger than it has to be.
struct Heavy<T, const BYTES: usize> {
    answer: std::future::Ready<T>,
    _weight: [u8; BYTES],
}

impl<T, const BYTES: usize> Heavy<T, BYTES> {
    fn new(answer: T) -> Heavy<T, BYTES> {
        Heavy {
            answer: std::future::ready(answer),
            _weight: [0; BYTES],
        }
    }
}

impl<T, const BYTES: usize> Future for Heavy<T, BYTES> {
    type Output = T;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<T> {
        std::pin::Pin::new(&mut self.answer).poll(context)
    }
}

fn main() {
    closed_output::end_quietly();
    say("child: version", size_of::<<Near as Site>::Version>());
    say("child: download", size_of::<<Near as Site>::Download>());
    say(
        "refresh, by the compiler",
        size_of_val(&site::refresh(&Near, 1)),
    );
    say("refresh, by hand", size_of_val(&lowered::refresh(&Near, 1)));
    println!();
    say("used_after", size_of_val(&sizes::used_after::<1_000>()));
    say("in_turn", size_of_val(&sizes::in_turn::<1_000>()));
    say(
        "both_made_first",
        size_of_val(&sizes::both_made_first::<1_000>()),
    );
    let once = sizes::passed_on(sizes::used_after::<1_000>());
    say("passed_on, once", size_of_val(&once));
    say("passed_on, twice", size_of_val(&sizes::passed_on(once)));
}

fn say(what: &str, bytes: usize) {
    println!("{what:<28}{bytes:>6} bytes");
}
