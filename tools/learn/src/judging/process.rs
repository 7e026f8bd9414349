//! Running a process that ends at a deadline, with everything that it started.

use std::io::{self, Read, Write as _};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::judging::group::Group;
use crate::stop::Stop;

/// How much of an output is kept: its end.
const KEPT: usize = 64 * 1024;

/// How long the rest of an output is waited for after the process is gone. A process that left its group may still hold it open.
const DRAIN: Duration = Duration::from_secs(1);

/// How a process ended.
#[derive(Debug)]
pub enum End {
    /// By itself.
    Exited(ExitStatus),
    /// At the deadline, with its whole process group.
    TimedOut,
    /// Because the caller asked for it, with its whole process group.
    Stopped,
}

/// A process that has ended.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// The end of what it wrote to standard output.
    pub stdout: String,
    /// The end of what it wrote to standard error.
    pub stderr: String,
}

/// Runs a command in a process group of its own until it ends, the deadline comes, or the caller asks it to stop. Nothing of the group
/// survives. Of its output only the end is kept, so that endless output does not fill the memory.
///
/// # Errors
///
/// If it cannot be started.
pub fn run(command: Command, deadline: Instant, stop: &Stop) -> io::Result<Ran> {
    let tail = Tail::default();
    let into = tail.clone();
    let mut ran = run_reading(command, deadline, stop, move |bytes| into.push(bytes))?;
    ran.stdout = tail.text();
    Ok(ran)
}

/// Like [`run`], and writes `input`, a few bytes, to its standard input.
///
/// # Errors
///
/// If it cannot be started.
pub fn run_telling(
    command: Command,
    input: &str,
    deadline: Instant,
    stop: &Stop,
) -> io::Result<Ran> {
    let tail = Tail::default();
    let into = tail.clone();
    let may_go_on = || Instant::now() < deadline;
    let reader = move |bytes: &[u8]| into.push(bytes);
    let mut ran = run_with(command, Some(input), may_go_on, stop, reader)?;
    ran.stdout = tail.text();
    Ok(ran)
}

/// Like [`run`], but gives all of standard output to `reader` as it comes.
///
/// # Errors
///
/// If it cannot be started.
pub fn run_reading(
    command: Command,
    deadline: Instant,
    stop: &Stop,
    reader: impl FnMut(&[u8]) + Send + 'static,
) -> io::Result<Ran> {
    run_while(command, || Instant::now() < deadline, stop, reader)
}

/// Like [`run_reading`], but as long as `may_go_on` says so, which is asked again and again.
///
/// # Errors
///
/// If it cannot be started.
pub fn run_while(
    command: Command,
    may_go_on: impl Fn() -> bool,
    stop: &Stop,
    reader: impl FnMut(&[u8]) + Send + 'static,
) -> io::Result<Ran> {
    run_with(command, None, may_go_on, stop, reader)
}

fn run_with(
    mut command: Command,
    input: Option<&str>,
    may_go_on: impl Fn() -> bool,
    stop: &Stop,
    reader: impl FnMut(&[u8]) + Send + 'static,
) -> io::Result<Ran> {
    let stdin = input.map_or_else(Stdio::null, |_| Stdio::piped());
    command
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = Group::spawn(command)?;
    if let (Some(input), Some(mut stdin)) = (input, child.take_stdin()) {
        // A process that ends without reading it is no failure of this one's.
        let _ = stdin.write_all(input.as_bytes());
    }
    let stderr = Tail::default();
    let into = stderr.clone();
    let read = [
        drain(child.take_stdout(), reader),
        drain(child.take_stderr(), move |bytes| into.push(bytes)),
    ];
    let end = wait(&mut child, may_go_on, stop)?;
    // The processes that it started and left behind end as well. There may be none.
    child.end();
    for done in read {
        let _ = done.recv_timeout(DRAIN);
    }
    Ok(Ran {
        end,
        stdout: String::new(),
        stderr: stderr.text(),
    })
}

/// Looks again and again, at first often: most checks end within milliseconds.
fn wait(child: &mut Group, may_go_on: impl Fn() -> bool, stop: &Stop) -> io::Result<End> {
    const OFTEN: Duration = Duration::from_micros(500);
    const RARELY: Duration = Duration::from_millis(10);
    let mut pause = OFTEN;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(End::Exited(status));
        }
        if stop.asked() {
            return Ok(End::Stopped);
        }
        if !may_go_on() {
            return Ok(End::TimedOut);
        }
        thread::sleep(pause);
        pause = (pause * 5 / 4).min(RARELY);
    }
}

/// Reads until the end in a thread of its own, and says when that was.
fn drain(
    source: Option<impl Read + Send + 'static>,
    mut sink: impl FnMut(&[u8]) + Send + 'static,
) -> Receiver<()> {
    let (done, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 8 * 1024];
        if let Some(mut source) = source {
            while let Ok(length @ 1..) = source.read(&mut buffer) {
                sink(&buffer[..length]);
            }
        }
        let _ = done.send(());
    });
    receiver
}

/// The end of an output.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tail(Arc<Mutex<Vec<u8>>>);

impl Tail {
    pub(crate) fn push(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        if kept.len() > 2 * KEPT {
            let surplus = kept.len() - KEPT;
            kept.drain(..surplus);
        }
    }

    pub(crate) fn text(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept).into_owned()
    }
}
