//! Three eaters sit around a table with three forks, and each needs two.

use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver, yield_now};
use synchronization::wait_graph::named;
use synchronization::{Mutex, WaitGraph};

type Forks = Rc<[Mutex<()>; 3]>;

// ANCHOR: eat
/// Takes two forks, one after the other, and eats.
async fn eat(name: &str, forks: Forks, [first, second]: [usize; 2]) {
    let _first = forks[first].lock().await;
    yield_now().await; // It looks for the other one.
    let _second = forks[second].lock().await;
    println!("  {name} eats");
}
// ANCHOR_END: eat

// ANCHOR: dinner
/// Serves dinner: each eater takes its two forks in this order.
async fn dinner(handle: Handle, orders: [[usize; 2]; 3]) {
    let graph = WaitGraph::watch();
    let forks: Forks = Rc::new(["fork 1", "fork 2", "fork 3"].map(|name| Mutex::named(name, ())));
    let names = ["eater 1", "eater 2", "eater 3"];
    let eaters: Vec<_> = names
        .into_iter()
        .zip(orders)
        .map(|(name, order)| handle.spawn(named(name, eat(name, Rc::clone(&forks), order))))
        .collect();
    handle.sleep(Duration::from_secs(3600)).await;
    let hungry = eaters.iter().filter(|eater| !eater.is_finished()).count();
    println!("  after an hour, {hungry} have not eaten");
    for line in graph.to_string().lines() {
        println!("    {line}");
    }
    for eater in eaters {
        eater.abort();
    }
}
// ANCHOR_END: dinner

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        println!("each takes the fork on its left first");
        dinner(handle.clone(), [[0, 1], [1, 2], [2, 0]]).await;
        println!("each takes the fork with the lower number first");
        dinner(handle.clone(), [[0, 1], [1, 2], [0, 2]]).await;
    });
}
// ANCHOR_END: main
