//! Three tasks that work in rounds, without a barrier and with one.

use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use synchronization::Barrier;

// ANCHOR: part
/// Computes its part of the picture in two rounds.
async fn part(name: &'static str, takes: u64, barrier: Option<Rc<Barrier>>, handle: Handle) {
    let start = handle.now();
    for round in 1..=2 {
        let ms = (handle.now() - start).as_millis();
        println!("  {ms:>2} ms  {name} begins round {round}");
        handle.sleep(Duration::from_millis(takes)).await;
        if let Some(barrier) = &barrier {
            barrier.wait().await;
        }
    }
}

/// Three parts, which take 10, 20 and 30 ms in each round.
async fn picture(barrier: Option<Rc<Barrier>>, handle: &Handle) {
    let parts = [("a", 10), ("b", 20), ("c", 30)]
        .map(|(name, takes)| handle.spawn(part(name, takes, barrier.clone(), handle.clone())));
    for part in parts {
        part.await.expect("no part panics");
    }
}
// ANCHOR_END: part

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        println!("without a barrier");
        picture(None, &handle).await;
        println!("with a barrier");
        picture(Some(Rc::new(Barrier::new(3))), &handle).await;
    });
}
