//! Two streams of one program, line by line as the lines come, and then its status.

use std::io;
use std::process::{Command, Stdio};

use event_loop::EventLoop;
use futures::io::AsyncWriteExt;
use reactor::Reactor;
use streams::{Process, lines, map, merge, next};

// ANCHOR: main
/// After each line the program waits for an answer, so that the order of the lines is certain.
const SCRIPT: &str =
    "echo stdout && read next && echo stderr 1>&2 && read next && echo done && read next";

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    event_loop.block_on(async {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT]).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = Process::spawn(&reactor, &mut command)?;

        let mut stdin = process.stdin.take().expect("it is piped");
        let stdout = lines(process.stdout.take().expect("it is piped"), 1_000);
        let stderr = lines(process.stderr.take().expect("it is piped"), 1_000);
        let mut all = merge(
            map(stdout, |line| ("stdout", line)),
            map(stderr, |line| ("stderr", line)),
        );
        while let Some((stream, line)) = next(&mut all).await {
            println!("{stream}: {}", line.map_err(io::Error::other)?);
            stdin.write_all(b"next\n").await?;
        }
        println!("{}", process.wait().await?);
        Ok(())
    })
}
// ANCHOR_END: main
