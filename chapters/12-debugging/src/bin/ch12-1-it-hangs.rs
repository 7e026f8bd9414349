//! Three orders are packed at the same time, each with a trolley and a scanner. Then nothing is printed
//! any more.

use std::rc::Rc;
use std::time::Duration;

use debugging::DebugMode;
use event_loop::{EventLoop, Handle, JumpingDriver};
use synchronization::wait_graph::named;
use synchronization::{Mutex, WaitGraph};

struct Hall {
    handle: Handle,
    trolley: Mutex<()>,
    scanner: Mutex<()>,
}

// ANCHOR: pack
async fn pack(hall: Rc<Hall>, order: &'static str) {
    let trolley = hall.trolley.lock().await;
    fetch(&hall, order).await;
    let scanner = hall.scanner.lock().await;
    println!("{order} is packed");
    drop((trolley, scanner));
}

async fn count(hall: Rc<Hall>) {
    let scanner = hall.scanner.lock().await;
    hall.handle.sleep(Duration::from_secs(2)).await;
    let trolley = hall.trolley.lock().await;
    println!("the goods are counted");
    drop((trolley, scanner));
}
// ANCHOR_END: pack

async fn fetch(hall: &Hall, order: &str) {
    hall.handle.sleep(Duration::from_secs(1)).await;
    println!("{order} is on the trolley");
}

// ANCHOR: evening
async fn evening(hall: Rc<Hall>) {
    let handle = hall.handle.clone();
    let orders = ["bread", "milk"];
    let packers = orders.map(|order| {
        let pack = pack(Rc::clone(&hall), order);
        handle.spawn(named(order, pack))
    });
    let counter = handle.spawn(named("counter", count(hall)));
    for packer in packers {
        packer.await.expect("packing does not panic");
    }
    counter.await.expect("counting does not panic");
    println!("good night");
}
// ANCHOR_END: evening

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let holders = WaitGraph::watch();
    let debug = DebugMode::new().on_warning(|_| {}); // Warnings are the subject of the page about debug mode.
    let event_loop = EventLoop::observed(JumpingDriver::new(), debug.clone());
    let hall = Rc::new(Hall {
        handle: event_loop.handle(),
        trolley: Mutex::named("the trolley", ()),
        scanner: Mutex::named("the scanner", ()),
    });
    let evening = event_loop.handle().spawn(evening(hall));
    // This driver fails where another one would sleep forever.
    while event_loop.run_once().is_ok() {}
    println!("… and it hangs. SIGUSR1 would print:\n");
    debug.request_dump();
    while event_loop.run_once().is_ok() {}
    print!("{}", debug.take_dump().expect("every task was asked"));
    print!("\n{holders}");
    drop(evening);
}
// ANCHOR_END: main
