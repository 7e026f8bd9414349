//! A loop with debug mode, if the environment asks for it.

use std::future::Future;

use debugging::DebugMode;
use event_loop::{Driver, EventLoop, Handle};

/// Runs the future that `main` makes on a loop of its own, and returns its output. With `LOOP_DEBUG=1` in
/// the environment the loop runs in [debug mode](DebugMode).
///
/// With `LOOP_DUMPS=FILE` beside it, another process gets dumps of the tasks at that socket: see
/// [`serve_dumps`](debugging::serve::serve_dumps). A socket that cannot be made is reported on standard error.
///
/// The compiler makes two copies of the loop: one with the observer, and one without it. So debug mode
/// costs nothing where it is off.
///
/// ```
/// use event_loop::ThreadDriver;
/// use std::time::Duration;
///
/// let answer = debugging::run(ThreadDriver::new(), |handle| async move {
///     handle.sleep(Duration::from_millis(1)).await;
///     42
/// });
/// assert_eq!(answer, 42);
/// ```
///
/// # Panics
///
/// As [`EventLoop::block_on`].
// ANCHOR: run
#[track_caller]
pub fn run<D, F>(driver: D, main: impl FnOnce(Handle) -> F) -> F::Output
where
    D: Driver + 'static,
    F: Future,
{
    if DebugMode::is_asked_for() {
        let debug = DebugMode::new();
        let _served = serve_if_asked_for(&debug);
        return run_in_debug_mode(&debug, driver, main);
    }
    let event_loop = EventLoop::with_driver(driver);
    let main = main(event_loop.handle());
    event_loop.block_on(main)
}

/// The same in this debug mode.
///
/// # Panics
///
/// As [`EventLoop::block_on`].
#[track_caller]
pub fn run_in_debug_mode<D, F>(
    debug: &DebugMode,
    driver: D,
    main: impl FnOnce(Handle) -> F,
) -> F::Output
where
    D: Driver + 'static,
    F: Future,
{
    let _entered = debug.enter();
    let event_loop = EventLoop::observed(driver, debug.clone());
    let main = main(event_loop.handle());
    event_loop.block_on(main)
}
// ANCHOR_END: run

#[cfg(unix)]
fn serve_if_asked_for(debug: &DebugMode) -> Option<debugging::serve::ServeDumps> {
    use debugging::serve::{VARIABLE, serve_dumps};
    let path = std::env::var_os(VARIABLE)?;
    match serve_dumps(debug, &path) {
        Ok(served) => Some(served),
        Err(error) => {
            use std::io::Write;
            let path = path.display();
            let _ = writeln!(std::io::stderr(), "no dumps at {path}: {error}");
            None
        }
    }
}

#[cfg(not(unix))]
fn serve_if_asked_for(_debug: &DebugMode) {}
