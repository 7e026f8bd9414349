//! A target that is slow, full or broken, and what is asked of every run.

use std::io::{self, Write};

use super::super::subject::LogQueue;
use probe::Run;
use probe_model::sync::atomic::{AtomicBool, Ordering};
use probe_model::sync::thread;
use probe_model::sync::{Arc, Condvar, Mutex};
use probe_model::{Blame, Ending};

/// A target that blocks in each write until the gate is open, and fails after some lines.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) gate: Arc<(Mutex<bool>, Condvar)>,
    pub(super) writing: Arc<AtomicBool>,
    pub(super) written: Vec<u8>,
    pub(super) fails_after: usize,
}

impl Target {
    pub(super) fn new(open: bool) -> Target {
        Target {
            gate: Arc::new((Mutex::new(open), Condvar::new())),
            writing: Arc::new(AtomicBool::new(false)),
            written: Vec::new(),
            fails_after: usize::MAX,
        }
    }

    pub(super) fn open(&self) {
        *self.gate.0.lock().unwrap() = true;
        self.gate.1.notify_all();
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.written);
        text.lines().map(str::to_owned).collect()
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writing.store(true, Ordering::SeqCst);
        let mut open = self.gate.0.lock().unwrap();
        while !*open {
            open = self.gate.1.wait(open).unwrap();
        }
        drop(open);
        if self.written.iter().filter(|&&byte| byte == b'\n').count() >= self.fails_after {
            return Err(io::Error::other("the disk is full"));
        }
        self.written.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) const BUSY: Blame<'static> = Blame {
    mistake: Some("busy-poll"),
    sentence: "Your code loops, and does not return.",
};

/// Logs the lines 1 to `count`, and notes each.
pub(super) fn log_all(run: &Run, log: &LogQueue<Target>, count: usize) -> usize {
    let mut taken = 0;
    for number in 1..=count {
        let queued = log.log(format!("line {number}"));
        taken += usize::from(queued);
        let how = if queued { "queued" } else { "dropped" };
        run.recorder()
            .says("caller", format!("logs line {number}: {how}"));
    }
    taken
}

pub(super) fn until_writing(target: &Target) {
    while !target.writing.load(Ordering::SeqCst) {
        thread::yield_now();
    }
}

#[track_caller]
pub(super) fn returned((run, end): (Run, Ending), asleep: &str) -> Run {
    match end {
        Ending::Returned => run,
        Ending::Asleep => run.departs(asleep),
        Ending::Panicked(panic) => run.departs(format!(
            "It panicked: {}.",
            panic.message.trim_end_matches('.')
        )),
    }
}

/// A target whose bytes others can see. Its flush may fail, or its first write.
#[derive(Clone, Default)]
pub(super) struct Seen {
    pub(super) bytes: std::sync::Arc<std::sync::Mutex<Vec<u8>>>,
    /// How many bytes there were at the last flush.
    pub(super) flushed: std::sync::Arc<std::sync::Mutex<Option<usize>>>,
    pub(super) fails_to_flush: bool,
    pub(super) fails_once: bool,
}

impl Seen {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }
}

impl Write for Seen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.fails_once) {
            return Err(io::Error::other("the disk is full"));
        }
        self.bytes.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.fails_to_flush {
            return Err(io::Error::other("the disk is full"));
        }
        *self.flushed.lock().unwrap() = Some(self.bytes.lock().unwrap().len());
        Ok(())
    }
}

pub(super) const ASLEEP: Blame<'static> = Blame {
    mistake: None,
    sentence: "All threads wait.",
};
