//! A dump when a signal comes.

use std::fmt;
use std::io;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use debugging::{DebugMode, Dump};
use signal_hook::iterator::{Handle, Signals};

/// How long a task that keeps the loop's thread delays the dump.
const PATIENCE: Duration = Duration::from_secs(1);

/// From now on, until the guard is dropped, the signal has the tasks of this loop dumped on standard error.
///
/// A thread of its own waits for the signal. If the loop does not get round to asking its tasks within a
/// second, the dump names the task that keeps it.
///
/// ```no_run
/// use debugging::{DebugMode, dump_on_signal, run_in_debug_mode};
/// use event_loop::ThreadDriver;
///
/// let debug = DebugMode::new();
/// let _dumps = dump_on_signal(&debug, signal_hook::consts::SIGUSR1).unwrap();
/// run_in_debug_mode(&debug, ThreadDriver::new(), |_handle| std::future::pending::<()>());
/// ```
///
/// # Errors
///
/// If the system refuses to handle this signal.
pub fn dump_on_signal(debug: &DebugMode, signal: i32) -> io::Result<DumpOnSignal> {
    call_on_signal(debug, signal, |dump| {
        use std::io::Write;
        let _ = write!(io::stderr(), "{dump}");
    })
}

/// As [`dump_on_signal`], and calls this with the dump, on the thread that waits for the signal.
///
/// # Errors
///
/// If the system refuses to handle this signal.
pub fn call_on_signal(
    debug: &DebugMode,
    signal: i32,
    call: impl Fn(&Dump) + Send + 'static,
) -> io::Result<DumpOnSignal> {
    let mut signals = Signals::new([signal])?;
    let handle = signals.handle();
    let debug = debug.clone();
    let thread = thread::Builder::new()
        .name("task-dump".to_owned())
        .spawn(move || {
            for _ in signals.forever() {
                debug.request_dump();
                call(&debug.wait_for_dump(PATIENCE));
            }
        })?;
    Ok(DumpOnSignal {
        handle,
        thread: Some(thread),
    })
}

/// See [`dump_on_signal`].
#[must_use = "dropping it ends the handling of the signal"]
pub struct DumpOnSignal {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Drop for DumpOnSignal {
    fn drop(&mut self) {
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // Its panic was printed.
        }
    }
}

impl fmt::Debug for DumpOnSignal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("DumpOnSignal").finish_non_exhaustive()
    }
}
