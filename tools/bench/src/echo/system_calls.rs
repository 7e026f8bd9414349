//! How many system calls a request takes: where `perf` can count them.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// Has `perf` count a process's system calls while `load` runs, which says how many requests that were.
/// `None` where that cannot be had.
pub(crate) fn a_request(process: u32, load: impl FnOnce() -> Option<u64>) -> Option<f64> {
    let perf = Command::new("perf")
        .args([
            "stat",
            "--field-separator",
            ",",
            "--event",
            "raw_syscalls:sys_enter",
            "--pid",
        ])
        .arg(process.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    // It takes a moment to attach, and does not say when it has.
    thread::sleep(Duration::from_millis(300));
    let requests = load();
    interrupt(perf.id());
    let output = perf.wait_with_output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = text.lines().find(|line| line.contains("raw_syscalls"))?;
    let calls: f64 = line.split(',').next()?.trim().parse().ok()?;
    Some(calls / requests? as f64)
}

/// `perf` prints what it has counted when it is interrupted.
fn interrupt(process: u32) {
    signal(process, 2);
}

/// Asks a process to end.
pub(crate) fn terminate(process: u32) {
    signal(process, 15);
}

#[cfg(target_os = "linux")]
fn signal(process: u32, number: i32) {
    let signal = rustix::process::Signal::from_named_raw(number);
    let process = rustix::process::Pid::from_raw(process.cast_signed());
    if let (Some(signal), Some(process)) = (signal, process) {
        let _ = rustix::process::kill_process(process, signal);
    }
}

#[cfg(not(target_os = "linux"))]
fn signal(_process: u32, _number: i32) {}
