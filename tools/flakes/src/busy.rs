//! Processes that keep the cores busy.

use std::env;
use std::hint;
use std::process::{Child, Command};
use std::thread;

/// One for each core. Dropping it ends them.
pub(crate) struct Busy {
    children: Vec<Child>,
}

impl Busy {
    pub(crate) fn start() -> anyhow::Result<Busy> {
        let cores = thread::available_parallelism()?.get();
        let mut busy = Busy {
            children: Vec::new(),
        };
        for _ in 0..cores {
            let child = Command::new(env::current_exe()?).arg("--count").spawn()?;
            busy.children.push(child);
        }
        Ok(busy)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Counts forever.
pub(crate) fn count() -> ! {
    let mut counter = 0_u64;
    loop {
        counter = hint::black_box(counter.wrapping_add(1));
    }
}
