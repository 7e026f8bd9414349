//! What the system says of a process.

use std::fs;

/// Bytes of memory that are in use.
#[track_caller]
pub(crate) fn resident(id: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next());
    kibibytes.unwrap().parse::<usize>().unwrap() << 10
}

/// Hundredths of a second that it has used.
#[track_caller]
pub(crate) fn cpu(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    // The name, in brackets, may hold anything.
    let (_, after) = status.rsplit_once(')').unwrap();
    let mut fields = after.split_whitespace().skip(11);
    let mut next = || fields.next().unwrap().parse::<u64>().unwrap();
    next() + next()
}

/// How many descriptors are open.
#[track_caller]
pub(crate) fn descriptors(id: u32) -> usize {
    fs::read_dir(format!("/proc/{id}/fd")).unwrap().count()
}
