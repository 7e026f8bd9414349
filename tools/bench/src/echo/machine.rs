//! What the system says of a process, and where it lets it run.

use std::fs;
use std::process::Command;

/// Seconds of processor time that a process has had, in all its threads; `None` where the system does
/// not say (it is Linux that does).
pub(crate) fn processor_seconds(process: u32) -> Option<f64> {
    let mut nanos = 0u64;
    for thread in fs::read_dir(format!("/proc/{process}/task")).ok()? {
        let statistics = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        nanos += statistics.split_whitespace().next()?.parse::<u64>().ok()?;
    }
    Some(nanos as f64 / 1e9)
}

/// Bytes of memory that a process occupies.
pub(crate) fn resident_bytes(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// How many threads wanted to run in the last minute, on average: on a machine with fewer cores than that, the
/// figures are those of a busy machine. `None` where the system does not say.
pub(crate) fn load_average() -> Option<String> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    Some(text.split_whitespace().next()?.to_owned())
}

/// Has this process, and what it starts from now on, run on these cores only. Returns whether the
/// system does that.
#[cfg(target_os = "linux")]
pub(crate) fn pin(cores: &[usize]) -> bool {
    let mut set = rustix::thread::CpuSet::new();
    cores.iter().for_each(|core| set.set(*core));
    rustix::thread::sched_setaffinity(None, &set).is_ok()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn pin(_cores: &[usize]) -> bool {
    false
}

/// How many cores the machine has, also when this process may not use them all.
fn cores() -> usize {
    let online = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let listed = online
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let allowed = std::thread::available_parallelism().map_or(1, usize::from);
    listed.max(allowed)
}

/// The machine and what is on it, for the readers of the table.
pub(crate) fn description() -> Vec<String> {
    let said = |program: &str, argument: &str| {
        let output = Command::new(program).arg(argument).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Some(text.lines().next()?.trim().to_owned())
    };
    let cores = cores();
    let processor = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split(':').nth(1)?.trim().to_owned())
    });
    [
        said("date", "+%Y-%m-%d"),
        said("uname", "-srm"),
        Some(format!("{cores} cores, {}", processor.unwrap_or_default())),
        said("rustc", "--version"),
        said("cc", "--version"),
        said("python3", "--version"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
