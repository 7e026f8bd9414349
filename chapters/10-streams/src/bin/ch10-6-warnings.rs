//! Runs a program, collects what it writes, and waits for its end.

use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use event_loop::EventLoop;
use futures::future::{Either, select};
use futures::io::AsyncReadExt;
use reactor::{Reactor, ReactorHandle};
use streams::Process;

// ANCHOR: run
/// The program writes this many bytes of warnings to its standard error, and then its result.
fn program(warnings: usize) -> Command {
    let script = format!("head -c {warnings} /dev/zero >&2; echo result");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn run(reactor: &ReactorHandle, warnings: usize) -> io::Result<(usize, ExitStatus)> {
    let mut process = Process::spawn(reactor, &mut program(warnings))?;
    let mut stdout = process.stdout.take().expect("it is piped");
    let mut stderr = process.stderr.take().expect("it is piped");
    let (mut result, mut errors) = (Vec::new(), Vec::new());
    stdout.read_to_end(&mut result).await?;
    stderr.read_to_end(&mut errors).await?;
    Ok((errors.len(), process.wait().await?))
}
// ANCHOR_END: run

// ANCHOR: main
fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let (reactor, handle) = (event_loop.driver().handle(), event_loop.handle());
    event_loop.block_on(async {
        let (count, status) = run(&reactor, 1_000).await?;
        println!("1000 bytes of warnings: {count} read, {status}");

        let many = Box::pin(run(&reactor, 100_000));
        match select(many, handle.sleep(Duration::from_millis(200))).await {
            Either::Left((ended, _)) => println!("100000 bytes of warnings: {}", ended?.1),
            Either::Right(_) => println!("100000 bytes of warnings: no end after 200 ms"),
        }
        Ok(())
    })
}
// ANCHOR_END: main
