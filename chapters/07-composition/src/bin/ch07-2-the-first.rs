//! The first of two, where the first is a source that is always ready.

use std::future::ready;

use cancellation::Source;
use composition::{Winner, select};
use event_loop::{EventLoop, JumpingDriver};
use state_machines::race;

// ANCHOR: race
/// Handles items until it is told to stop, which happens after item 10. The next item is always
/// there: it waits in memory.
async fn with_race() -> usize {
    let stop = Source::new();
    for handled in 0..1_000 {
        match race(ready(handled), stop.token().cancelled()).await {
            Winner::First(10) => drop(stop.cancel()),
            Winner::First(_item) => {}
            Winner::Second(()) => return handled,
        }
    }
    1_000
}
// ANCHOR_END: race

// ANCHOR: select
async fn with_select() -> usize {
    let stop = Source::new();
    for handled in 0..1_000 {
        match select(ready(handled), stop.token().cancelled()).await {
            Winner::First(10) => drop(stop.cancel()),
            Winner::First(_item) => {}
            Winner::Second(()) => return handled,
        }
    }
    1_000
}
// ANCHOR_END: select

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    EventLoop::with_driver(JumpingDriver::new()).block_on(async {
        println!("race handled {} items", with_race().await);
        println!("select handled {} items", with_select().await);
    });
}
// ANCHOR_END: main
