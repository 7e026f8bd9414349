//! Three programs that hang, each as the dump of its tasks.

use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use debugging::DebugMode;
use event_loop::{EventLoop, Handle, JoinHandle, JumpingDriver, yield_now};
use futures::channel::oneshot;
use synchronization::wait_graph::named;
use synchronization::{Mutex, WaitGraph};

// The first program.

async fn evening(handle: Handle) {
    let ledger = Rc::new(Mutex::named("the ledger", ()));
    let entries = handle.spawn(named("entries", write_entries(Rc::clone(&ledger))));
    let backup = handle.spawn(named("backup", backup(handle.clone(), ledger)));
    let _ = entries.await;
    let _ = backup.await;
}

async fn write_entries(ledger: Rc<Mutex<()>>) {
    yield_now().await;
    let _page = ledger.lock().await;
}

async fn backup(handle: Handle, ledger: Rc<Mutex<()>>) {
    let _page = ledger.lock().await;
    upload(&handle).await;
}

async fn upload(handle: &Handle) {
    handle.sleep(Duration::from_secs(3_600)).await;
}

// The second.

async fn serve(handle: Handle) {
    let (sender, address) = oneshot::channel();
    let answer = handle.spawn(answer(address));
    drop(handle.spawn(look_up(sender)));
    drop(handle.spawn(tick(handle.clone())));
    let _ = answer.await;
}

async fn answer(address: oneshot::Receiver<u32>) {
    let _ = address.await;
}

async fn look_up(address: oneshot::Sender<u32>) {
    let found = cached().await;
    let _ = address.send(found);
}

fn cached() -> impl Future<Output = u32> {
    poll_fn(|_context| Poll::Pending)
}

async fn tick(handle: Handle) {
    loop {
        handle.sleep(Duration::from_secs(10)).await;
    }
}

// The third.

async fn open(prices: oneshot::Receiver<u32>, handle: Handle) {
    let shelves = handle.spawn(fill_shelves(prices));
    let _ = shelves.await;
}

async fn fill_shelves(prices: oneshot::Receiver<u32>) {
    let _ = prices.await;
}

async fn set_prices(shop: JoinHandle<()>, prices: oneshot::Sender<u32>) {
    let _ = shop.await;
    let _ = prices.send(7);
}

/// Prints the tasks of this program, when each of them is suspended.
fn dump(number: u32, start: impl FnOnce(Handle)) {
    let _holders = WaitGraph::watch();
    let debug = DebugMode::new().on_warning(|_| {});
    let event_loop = EventLoop::observed(JumpingDriver::new(), debug.clone());
    start(event_loop.handle());
    for _ in 0..4 {
        event_loop.run_once().expect("a task is ready");
        debug.request_dump();
    }
    event_loop.run_once().expect("the tasks were woken");

    let dump = debug.take_dump().expect("every task was polled");
    println!("dump {number}: {dump}");
}

fn main() {
    closed_output::end_quietly();
    dump(1, |handle| drop(handle.spawn(evening(handle.clone()))));
    dump(2, |handle| drop(handle.spawn(serve(handle.clone()))));
    dump(3, |handle| {
        let (sender, prices) = oneshot::channel();
        let shop = handle.spawn(open(prices, handle.clone()));
        drop(handle.spawn(set_prices(shop, sender)));
    });
}
