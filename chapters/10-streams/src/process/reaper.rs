//! The thread that waits for processes which were killed and dropped.

use std::collections::VecDeque;
use std::process::Child;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// A child that has ended stays in the kernel's table, as a *zombie*, until its parent has asked for its
/// status. A destructor cannot wait for it, so a thread does. The thread starts when it is needed, and ends
/// when it has nothing to do.
#[derive(Default)]
struct Reaper {
    queue: VecDeque<Child>,
    running: bool,
}

static REAPER: Mutex<Reaper> = Mutex::new(Reaper {
    queue: VecDeque::new(),
    running: false,
});
static IDLE: Condvar = Condvar::new();

/// Sees to it that a child that was killed is reaped.
pub(super) fn reap(mut child: Child) {
    if let Ok(Some(_)) = child.try_wait() {
        return;
    }
    let mut reaper = lock();
    reaper.queue.push_back(child);
    if reaper.running {
        return;
    }
    reaper.running = true;
    drop(reaper);
    let named = thread::Builder::new().name("reaper".to_owned());
    if named.spawn(run).is_err() {
        // There are no threads left. A child that was killed ends soon, so this waits instead.
        run();
    }
}

/// Blocks until every process that was dropped is reaped: for a test, or for the end of a program.
pub fn wait_for_dropped() {
    let mut reaper = lock();
    while reaper.running {
        reaper = IDLE.wait(reaper).unwrap_or_else(PoisonError::into_inner);
    }
}

fn run() {
    while let Some(mut child) = next() {
        // An error says that it is reaped already.
        let _ = child.wait();
    }
}

fn next() -> Option<Child> {
    let mut reaper = lock();
    let child = reaper.queue.pop_front();
    if child.is_none() {
        reaper.running = false;
        IDLE.notify_all();
    }
    child
}

/// Ignores poisoning: no caller-supplied code runs under this lock.
fn lock() -> MutexGuard<'static, Reaper> {
    REAPER.lock().unwrap_or_else(PoisonError::into_inner)
}
