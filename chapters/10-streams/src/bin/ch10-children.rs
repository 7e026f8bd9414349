//! Starts many programs, and counts what is left of them: children, zombies included, and descriptors.
//! The tests run it, because such counts need a process of their own.

use std::io;
use std::process::{Command, Stdio};

use event_loop::EventLoop;
use futures::future::try_join_all;
use reactor::{Reactor, ReactorHandle};
use rustix::process::{Resource, Rlimit, WaitId, WaitIdOptions, getrlimit, setrlimit, waitid};
use signal_hook_mio::v1_0::Signals;
use streams::process::{Process, Signal, wait_for_dropped};

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let mode = std::env::args().nth(1).unwrap_or_default();
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    let before = descriptors()?;
    match mode.as_str() {
        "ended" => event_loop.block_on(ended(&reactor, false))?,
        "ended-by-signal" => event_loop.block_on(ended(&reactor, true))?,
        "dropped" => event_loop.block_on(dropped(&reactor))?,
        "interrupted" => event_loop.block_on(interrupted(&reactor))?,
        "parent" => event_loop.block_on(parent(&reactor))?,
        "no-descriptors" => event_loop.block_on(no_descriptors(&reactor))?,
        other => return Err(io::Error::other(format!("unknown mode {other:?}"))),
    }
    wait_for_dropped();
    println!("children left: {}", i32::from(has_children()));
    println!("sources left: {}", reactor.sources());
    println!("descriptors left: {}", descriptors()? - before);
    Ok(())
}

/// A thousand programs end by themselves, at most a hundred of them at a time.
async fn ended(reactor: &ReactorHandle, by_signal: bool) -> io::Result<()> {
    let mut sum = 0;
    for hundred in 0..10 {
        let children = (0..100).map(async |number| {
            let mut process = Process::spawn(reactor, &mut shell(&format!("exit {number}")))?;
            if by_signal {
                process = process.watched_by_signal(reactor)?;
            }
            io::Result::Ok(process.wait().await?.code().unwrap_or(-1))
        });
        sum += try_join_all(children).await?.iter().sum::<i32>();
        assert_eq!(sum, (hundred + 1) * 4_950);
    }
    println!("statuses added up: {sum}");
    Ok(())
}

/// A hundred programs would run until their input ends. They are dropped, one half of them in a group.
async fn dropped(reactor: &ReactorHandle) -> io::Result<()> {
    let mut children = Vec::new();
    for number in 0..100 {
        let start = match number % 2 {
            0 => Process::spawn,
            _ => Process::spawn_group,
        };
        children.push(start(reactor, &mut shell("cat"))?);
    }
    println!("dropped: {}", children.len());
    Ok(())
}

/// A program writes lines, and interrupts this process with a signal after each one.
async fn interrupted(reactor: &ReactorHandle) -> io::Result<()> {
    let mut signals = Signals::new([Signal::USR1.as_raw()])?;
    let script = "i=0; while [ $i -lt 300 ]; do echo line; kill -USR1 $PPID; i=$((i+1)); done";
    let process = Process::spawn(reactor, &mut shell(script))?;
    let output = process.communicate(b"").await?;
    println!("bytes: {}, {}", output.stdout.len(), output.status);
    println!("signals came: {}", signals.pending().count() > 0);
    Ok(())
}

/// Waits for a program that ends with its input, until this process is killed.
async fn parent(reactor: &ReactorHandle) -> io::Result<()> {
    let mut command = shell("echo ready >&2; cat; echo the input has ended >&2");
    let mut process = Process::spawn(reactor, command.stderr(Stdio::inherit()))?;
    let _stdin = process.stdin.take();
    process.wait().await?;
    Ok(())
}

/// Programs are started until there are no descriptors left for their pipes.
async fn no_descriptors(reactor: &ReactorHandle) -> io::Result<()> {
    let limit = Rlimit {
        current: Some(40),
        ..getrlimit(Resource::Nofile)
    };
    setrlimit(Resource::Nofile, limit)?;
    let mut children = Vec::new();
    let error = loop {
        match Process::spawn(reactor, &mut shell("cat")) {
            Ok(process) => children.push(process),
            Err(error) => break error,
        }
    };
    println!("{error}");
    println!("some were started: {}", children.len() > 3);
    drop(children);
    // There is room again.
    let status = Process::spawn(reactor, &mut shell("cat"))?.wait().await?;
    println!("afterwards: {status}");
    Ok(())
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Whether there is a child, running or ended, that was not reaped.
fn has_children() -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    waitid(WaitId::All, options).is_ok()
}

fn descriptors() -> io::Result<usize> {
    Ok(std::fs::read_dir("/dev/fd")?.count())
}
