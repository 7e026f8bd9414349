//! A tick every 100 ms, and a log whose target takes 250 ms for a line.

use std::io::{self, Write};
use std::sync::mpsc;
use std::time::Duration;

use blocking::LogQueue;
use event_loop::{EventLoop, JumpingDriver, Time};

const TICK: Duration = Duration::from_millis(100);
const WRITE: Duration = Duration::from_millis(250);

// ANCHOR: main
fn main() -> io::Result<()> {
    closed_output::end_quietly();
    println!("the task writes to the target:");
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    ticks(&event_loop, |_| event_loop.driver().spend(WRITE));

    println!("the task writes to a queue of two lines:");
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let (target, gate) = Slow::new();
    let log = LogQueue::new(2, target)?;
    ticks(&event_loop, |number| {
        log.log(format!("  tick {number}"));
        gate.until_busy();
    });
    gate.open();
    let (target, end) = log.close();
    print!("the log:\n{}", String::from_utf8_lossy(&target.written));
    end
}

/// Six ticks, with a line of the log at each.
fn ticks(event_loop: &EventLoop<JumpingDriver>, log: impl Fn(u32)) {
    let handle = event_loop.handle();
    event_loop.block_on(async {
        for number in 1..=6 {
            let due = Time::after_start(number * TICK);
            handle.sleep_until(due).await;
            println!("  tick {number}: {:?} late", handle.now() - due);
            log(number);
        }
    });
}
// ANCHOR_END: main

/// A target that blocks in its first write until the gate is opened.
struct Slow {
    written: Vec<u8>,
    busy: mpsc::Sender<()>,
    opened: Option<mpsc::Receiver<()>>,
}

struct Gate {
    busy: mpsc::Receiver<()>,
    open: mpsc::Sender<()>,
    known: std::cell::Cell<bool>,
}

impl Slow {
    fn new() -> (Slow, Gate) {
        let (says, busy) = mpsc::channel();
        let (open, opened) = mpsc::channel();
        let target = Slow {
            written: Vec::new(),
            busy: says,
            opened: Some(opened),
        };
        let known = std::cell::Cell::new(false);
        (target, Gate { busy, open, known })
    }
}

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(opened) = self.opened.take() {
            let _ = self.busy.send(());
            let _ = opened.recv();
        }
        self.written.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Gate {
    /// Waits until the target is in its first write, so that the program prints the same every time.
    fn until_busy(&self) {
        if !self.known.replace(true) {
            let _ = self.busy.recv();
        }
    }

    fn open(&self) {
        let _ = self.open.send(());
    }
}
