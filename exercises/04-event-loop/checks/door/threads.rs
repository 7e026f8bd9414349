//! A loop on one thread, and calls from another.

use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::super::subject::{RemoteTask, run_coroutine_threadsafe};
use event_loop::{Door, EventLoop, Handle, JoinError, LoopClosed, yield_now};
use probe::Run;

pub(super) const NO_ANSWER: &str = "The task has completed, and `wait` has not returned.";

#[track_caller]
pub(super) fn start<F>(
    run: &Run,
    door: &Door,
    make: impl FnOnce(Handle) -> F + Send + 'static,
) -> RemoteTask<F::Output>
where
    F: Future<Output: Send> + 'static,
{
    let hangs = "`run_coroutine_threadsafe` has not returned. It returns at once, even if the loop does not run yet or is busy; only `wait` \
                 blocks.";
    match run.risk(None, hangs, || run_coroutine_threadsafe(door, make)) {
        Ok(task) => task,
        Err(LoopClosed) => {
            run.departs("The loop is open, and `run_coroutine_threadsafe` returned `LoopClosed`.")
        }
    }
}

/// Returns when the loop has run ten more iterations.
pub(super) fn let_ten_iterations_pass(door: &Door) {
    let (over, is_over) = mpsc::channel();
    door.call_soon_threadsafe(move |handle| {
        let later = handle.spawn(async move {
            for _ in 0..10 {
                yield_now().await;
            }
            let _ = over.send(());
        });
        drop(later);
    })
    .expect("the loop is open");
    is_over.recv().expect("the loop runs");
}

pub(super) fn wait<T>(
    run: &Run,
    mistake: Option<&str>,
    hangs: &str,
    task: RemoteTask<T>,
) -> Result<T, JoinError> {
    run.risk(mistake, hangs, || task.wait())
}

/// Runs a loop on this thread, and `other` on another one, until `other` is done.
pub(super) fn on_another_thread<R: Send>(
    run: &Run,
    other: impl FnOnce(&Run, Door) -> R + Send,
) -> R {
    with_loop(run, |_| (), other)
}

pub(super) fn with_loop<R: Send>(
    run: &Run,
    prepare: impl FnOnce(&EventLoop),
    other: impl FnOnce(&Run, Door) -> R + Send,
) -> R {
    let event_loop = EventLoop::new();
    prepare(&event_loop);
    let door = event_loop.handle().door();
    let result = thread::scope(|scope| {
        let stop = Stop(door.clone());
        let other = scope.spawn(move || {
            // A panic here stops the loop as well.
            let _stop = stop;
            other(run, door)
        });
        event_loop.run_forever();
        other.join()
    });
    result.unwrap_or_else(|panic| resume_unwind(panic))
}

/// Stops the loop when it is dropped.
struct Stop(Door);

impl Drop for Stop {
    fn drop(&mut self) {
        let _ = self.0.call_soon_threadsafe(|handle| handle.stop());
    }
}

/// How often a thread has gone to sleep, as Linux counts it. Elsewhere it is not known.
#[derive(Clone)]
pub(super) struct Switches(Option<PathBuf>);

impl Switches {
    pub(super) fn of_this_thread() -> Switches {
        let thread = fs::read_link("/proc/thread-self").ok();
        Switches(thread.map(|thread| Path::new("/proc").join(thread).join("status")))
    }

    pub(super) fn count(&self) -> u64 {
        let status = self
            .0
            .as_ref()
            .and_then(|path| fs::read_to_string(path).ok());
        let status = status.unwrap_or_default();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        line.and_then(|count| count.trim().parse().ok())
            .unwrap_or(0)
    }

    /// Whether the thread uses up processor time and is never seen asleep. Waits until one of the two is known.
    pub(super) fn spins(&self) -> bool {
        let Some((_, before)) = self.state() else {
            return false;
        };
        loop {
            match self.state() {
                Some((false, ticks)) if ticks >= before + TICKS => return true,
                Some((false, _)) => thread::sleep(Duration::from_millis(1)),
                _ => return false,
            }
        }
    }

    /// Whether the thread is asleep, and how many hundredths of a second of processor time it has used.
    fn state(&self) -> Option<(bool, u64)> {
        let stat = fs::read_to_string(self.0.as_ref()?.with_file_name("stat")).ok()?;
        // The name of the thread may hold spaces.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let asleep = fields.next()? != "R";
        let mut ticks = fields.skip(10).map_while(|field| field.parse::<u64>().ok());
        Some((asleep, ticks.next()? + ticks.next()?))
    }
}

/// 50 ms. One that goes to sleep uses less than a hundredth of that before.
const TICKS: u64 = 5;
