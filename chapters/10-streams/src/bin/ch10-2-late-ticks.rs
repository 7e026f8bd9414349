//! An interval whose task is late, in three ways.

use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use streams::{MissedTicks, interval, next, take};

// ANCHOR: late
/// Ticks of 10 s. The first takes this task 34 s.
async fn late(handle: Handle) {
    for missed in [MissedTicks::Burst, MissedTicks::Delay, MissedTicks::Skip] {
        let start = handle.now();
        let period = Duration::from_secs(10);
        let mut ticks = take(interval(handle.clone(), period, missed), 6);
        print!("{:<6}", format!("{missed:?}"));
        let mut first = true;
        while next(&mut ticks).await.is_some() {
            print!(" {:>4}", format!("{:?}", handle.now() - start));
            if std::mem::take(&mut first) {
                handle.sleep(Duration::from_secs(34)).await;
            }
        }
        println!();
    }
}
// ANCHOR_END: late

fn main() {
    closed_output::end_quietly();
    println!("ticks of 10 s, of which the first is handled for 34 s; yielded at:");
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(late(event_loop.handle()));
}
