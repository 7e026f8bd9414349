//! Twelve pages from a server that serves five requests at a time: all at once, in batches, and with
//! a semaphore.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use synchronization::Semaphore;

/// How long the server takes for each page, in milliseconds.
const PAGES: [u64; 12] = [300, 100, 100, 100, 100, 300, 100, 100, 100, 100, 300, 100];

// ANCHOR: server
/// A server that refuses the sixth request at a time.
#[derive(Clone)]
struct Server {
    handle: Handle,
    open: Rc<Cell<usize>>,
}

impl Server {
    async fn fetch(&self, page: usize) -> Result<(), &'static str> {
        if self.open.get() == 5 {
            return Err("503 Service Unavailable");
        }
        self.open.set(self.open.get() + 1);
        self.handle.sleep(Duration::from_millis(PAGES[page])).await;
        self.open.set(self.open.get() - 1);
        Ok(())
    }
}
// ANCHOR_END: server

// ANCHOR: at_once
/// Starts all of them.
async fn at_once(server: &Server, pages: std::ops::Range<usize>) -> usize {
    let fetches: Vec<_> = pages
        .map(|page| {
            let server = server.clone();
            let handle = server.handle.clone();
            handle.spawn(async move { server.fetch(page).await })
        })
        .collect();
    let mut served = 0;
    for fetch in fetches {
        served += usize::from(fetch.await.unwrap().is_ok());
    }
    served
}
// ANCHOR_END: at_once

// ANCHOR: in_batches
/// Starts five, waits for all five, starts the next five.
async fn in_batches(server: &Server) -> usize {
    let mut served = 0;
    for first in (0..PAGES.len()).step_by(5) {
        let last = (first + 5).min(PAGES.len());
        served += at_once(server, first..last).await;
    }
    served
}
// ANCHOR_END: in_batches

// ANCHOR: permits
/// Starts all of them. Each one waits for one of five permits before it asks the server.
async fn with_permits(server: &Server) -> usize {
    let semaphore = Semaphore::new(5);
    let fetches: Vec<_> = (0..PAGES.len())
        .map(|page| {
            let (server, semaphore) = (server.clone(), semaphore.clone());
            let handle = server.handle.clone();
            handle.spawn(async move {
                let _permit = semaphore.acquire().await;
                server.fetch(page).await
            })
        })
        .collect();
    let mut served = 0;
    for fetch in fetches {
        served += usize::from(fetch.await.unwrap().is_ok());
    }
    served
}
// ANCHOR_END: permits

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let server = Server {
        handle: event_loop.handle(),
        open: Rc::default(),
    };
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let mut start = handle.now();
        let mut report = |way: &str, served: usize| {
            let took = (handle.now() - start).as_millis();
            println!("{way:14}{served:2} of 12 pages in {took} ms");
            start = handle.now();
        };
        report("all at once", at_once(&server, 0..12).await);
        report("in batches", in_batches(&server).await);
        report("with permits", with_permits(&server).await);
    });
}
