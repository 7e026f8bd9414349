//! What a thread costs that waits for a client: memory, and the time to begin it. And a task.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use event_loop::EventLoop;

/// How many of each: the program's argument, or 1,000.
fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let count = (std::env::args().nth(1)).and_then(|number| number.parse().ok());
    let count = count.unwrap_or(1_000);
    println!("{count} of each, and what one takes");
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    let before = memory();
    let begun = Instant::now();
    event_loop.block_on(async {
        for _ in 0..count {
            drop(handle.spawn(std::future::pending::<()>()));
            event_loop::yield_now().await;
        }
        print("a task that waits", count, begun, before);
    });

    let before = memory();
    let begun = Instant::now();
    let mut doors = Vec::new();
    for _ in 0..count {
        let (door, wait) = mpsc::channel::<()>();
        let (here, there) = mpsc::channel();
        let thread = thread::Builder::new().spawn(move || {
            here.send(()).ok();
            wait.recv().ok();
        })?;
        there.recv().ok();
        doors.push((door, thread));
    }
    print("a thread that waits", count, begun, before);
    for (door, thread) in doors {
        drop(door);
        thread.join().expect("it does not panic");
    }
    Ok(())
}

fn print(what: &str, count: usize, begun: Instant, before: Option<[u64; 2]>) {
    let time = begun.elapsed().as_nanos() / count as u128;
    print!("{what:<20} {time:>8} ns");
    if let (Some(before), Some(after)) = (before, memory()) {
        let each = |at: usize| after[at].saturating_sub(before[at]) * 1024 / count as u64;
        print!("  {:>6} bytes used", each(0));
        print!("  {:>8} bytes of addresses", each(1));
    }
    println!();
}

/// Memory in use and addresses taken, in KiB, where the system says it as Linux does.
fn memory() -> Option<[u64; 2]> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let figure = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some([figure("VmRSS:")?, figure("VmSize:")?])
}
