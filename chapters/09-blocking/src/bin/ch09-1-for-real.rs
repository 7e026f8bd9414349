//! The experiment on real threads: five jobs that wait, and one look-up behind them.

use std::net::ToSocketAddrs;
use std::sync::mpsc;
use std::time::Duration;

use blocking::{Limits, ThreadPool};
use event_loop::EventLoop;

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::new();
    let limits = Limits {
        threads: 5,
        idle: Duration::from_secs(10),
    };
    let shared = ThreadPool::new("shared", limits);
    let names = ThreadPool::new("names", limits);

    let slow: Vec<_> = (0..5).map(|_| Slow::start(&shared)).collect();
    let behind = shared.submit(look_up).expect("the pool is open");
    let beside = names.submit(look_up).expect("the pool is open");
    let found = event_loop.block_on(beside).expect("no panic");
    println!("in a pool of its own, the look-up returns {found}");
    let (threads, queued) = (shared.threads(), shared.queued());
    println!("in the shared pool, {threads} threads are busy, and {queued} job waits");

    slow.into_iter().for_each(Slow::end);
    let found = event_loop.block_on(behind).expect("no panic");
    println!("when they have returned, the look-up returns {found}");
}

fn look_up() -> bool {
    let addresses = ("localhost", 80).to_socket_addrs();
    addresses.is_ok_and(|mut found| found.next().is_some())
}
// ANCHOR_END: main

/// A job that blocks its thread until this program ends it.
struct Slow(mpsc::Sender<()>);

impl Slow {
    /// Returns when a thread runs the job.
    fn start(pool: &ThreadPool) -> Slow {
        let (end, ended) = mpsc::channel();
        let (start, started) = mpsc::channel();
        let job = pool.submit(move || {
            let _ = start.send(());
            let _ = ended.recv();
        });
        job.expect("the pool is open").detach();
        let _ = started.recv();
        Slow(end)
    }

    fn end(self) {
        let _ = self.0.send(());
    }
}
