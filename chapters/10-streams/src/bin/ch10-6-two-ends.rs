//! A program starts another one and ends: its own end, and the end of its output.

use std::io;
use std::process::{Command, Stdio};

use event_loop::EventLoop;
use futures::FutureExt;
use futures::io::AsyncReadExt;
use reactor::{Reactor, ReactorHandle};
use streams::Process;

// ANCHOR: main
/// Starts `cat` in the background and ends. `cat` runs until its input ends.
fn command() -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "exec 3<&0; cat <&3 &"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

async fn alone(reactor: &ReactorHandle) -> io::Result<()> {
    let mut process = Process::spawn(reactor, &mut command())?;
    let stdin = process.stdin.take();
    let mut stdout = process.stdout.take().expect("it is piped");
    println!("alone: {}", process.wait().await?);
    let read = stdout.read(&mut [0]).now_or_never();
    println!("alone: its output has ended: {}", read.is_some());
    drop(stdin);
    println!("alone: {} bytes, the end", stdout.read(&mut [0]).await?);
    Ok(())
}

async fn group(reactor: &ReactorHandle) -> io::Result<()> {
    let mut process = Process::spawn_group(reactor, &mut command())?;
    let _stdin = process.stdin.take();
    let mut stdout = process.stdout.take().expect("it is piped");
    println!("group: {}", process.wait().await?);
    println!("group: {} bytes, the end", stdout.read(&mut [0]).await?);
    Ok(())
}
// ANCHOR_END: main

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    event_loop.block_on(async {
        alone(&reactor).await?;
        group(&reactor).await
    })
}
