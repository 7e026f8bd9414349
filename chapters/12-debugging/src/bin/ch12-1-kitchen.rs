//! Tasks that wait for several things, for `ch12-top` to watch. It runs until it is ended.

use std::rc::Rc;
use std::time::Duration;

use event_loop::{Handle, ThreadDriver};
use futures::StreamExt;
use futures::channel::mpsc;
use synchronization::wait_graph::named;
use synchronization::{Mutex, WaitGraph};

fn main() {
    closed_output::end_quietly();
    let _holders = WaitGraph::watch();
    debugging::run(ThreadDriver::new(), kitchen);
}

async fn kitchen(handle: Handle) {
    let oven = Rc::new(Mutex::named("the oven", ()));
    let (orders, mut board) = mpsc::unbounded();
    let mut cooks = Vec::new();
    for (name, seconds) in [("bread", 4), ("cake", 6), ("tart", 3)] {
        let cook = bake(handle.clone(), Rc::clone(&oven), seconds);
        cooks.push(handle.spawn(named(name, cook)));
    }
    let waiter = handle.clone();
    drop(handle.spawn(named("waiter", async move {
        loop {
            waiter.sleep(Duration::from_millis(700)).await;
            let _ = orders.unbounded_send(());
        }
    })));
    let washer = handle.spawn(named("dishes", async move {
        while board.next().await.is_some() {}
    }));
    for cook in cooks {
        let _ = cook.await;
    }
    let _ = washer.await;
}

async fn bake(handle: Handle, oven: Rc<Mutex<()>>, seconds: u64) {
    loop {
        let warm = oven.lock().await;
        handle.sleep(Duration::from_secs(seconds)).await;
        drop(warm);
        handle.sleep(Duration::from_secs(1)).await;
    }
}
