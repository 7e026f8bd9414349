//! Five slow jobs, one look-up, and the threads that they share.
//!
//! The jobs are simulated: a thread of the pool is a task of the loop, which sleeps where a thread would
//! block. So an hour takes no time, and the program prints the same on every machine.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};

const SLOW: Duration = Duration::from_secs(42);
const LOOK_UP: Duration = Duration::from_millis(20);

// ANCHOR: pool
type Queue = Rc<RefCell<VecDeque<(&'static str, Duration)>>>;

/// What one thread of a pool does: it takes the oldest job, and is blocked until that job returns.
async fn thread(handle: Handle, queue: Queue) {
    loop {
        let job = queue.borrow_mut().pop_front();
        let Some((name, duration)) = job else { return };
        handle.sleep(duration).await;
        println!("{:>8?}  {name} returns", handle.now().since_start());
    }
}
// ANCHOR_END: pool

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    println!("one pool of five threads:");
    run(&[(5, &[1, 2, 3, 4, 5, 0])]);
    println!("a second pool, of one thread, for look-ups:");
    run(&[(5, &[1, 2, 3, 4, 5]), (1, &[0])]);
}

/// Runs pools of `(threads, jobs)`. Job 0 is the look-up.
fn run(pools: &[(usize, &[usize])]) {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let mut threads = Vec::new();
    for (count, jobs) in pools {
        let queue: Queue = Rc::new(RefCell::new(jobs.iter().map(|&job| named(job)).collect()));
        for _ in 0..*count {
            threads.push(handle.spawn(thread(handle.clone(), Rc::clone(&queue))));
        }
    }
    event_loop.block_on(async {
        for thread in threads {
            thread.await.expect("no job panics");
        }
    });
}
// ANCHOR_END: main

fn named(job: usize) -> (&'static str, Duration) {
    const SLEEPERS: [&str; 5] = ["sleep 1", "sleep 2", "sleep 3", "sleep 4", "sleep 5"];
    match job {
        0 => ("getaddrinfo", LOOK_UP),
        number => (SLEEPERS[number - 1], SLOW),
    }
}
