//! Three tasks that wait for a time, on a clock that jumps.

use std::cell::Cell;
use std::time::Duration;

use event_loop::s4_timers::{Clock, Timed};

// ANCHOR: clock
/// A clock on which sleeping takes no time: it jumps.
#[derive(Default)]
struct Jumping {
    now: Cell<Duration>,
}

impl Clock for Jumping {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn sleep(&self, duration: Duration) {
        println!("  the thread sleeps for {duration:?}");
        self.now.set(self.now.get() + duration);
    }
}
// ANCHOR_END: clock

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let mut timed = Timed::new(Jumping::default());
    for (name, seconds) in [("bread", 3_000), ("eggs", 360), ("tea", 180), ("milk", 180)] {
        let sleep = timed.sleep_until(Duration::from_secs(seconds));
        timed.spawn(async move {
            sleep.await;
            println!("{name} is ready, after {seconds} s");
        });
    }
    let mut turns = 0;
    while timed.turn() {
        turns += 1;
    }
    println!("{turns} turns");
}
// ANCHOR_END: main
