//! The limit for peers that do not read, apart from any server.

use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use event_loop::{EventLoop, JumpingDriver, Time};
use futures::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use probe::run;
use probe_io::hostile::{Script, hostile};
use probe_loop::HandClock;
use world::write_limit::WriteLimit;

const LIMIT: Duration = Duration::from_secs(30);
const TEXT: &[u8] = b"twelve bytes";

/// Reads everything, writes it back, and closes.
async fn echo(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin) -> io::Result<()> {
    let mut bytes = [0; 5];
    loop {
        match stream.read(&mut bytes).await? {
            0 => break,
            count => stream.write_all(&bytes[..count]).await?,
        }
    }
    stream.flush().await?;
    stream.close().await
}

#[test]
fn a_stream_that_goes_on_in_time_is_as_without_a_limit() {
    let run = run!();
    for script in Script::of_all(3) {
        let clock = HandClock::at(Time::default());
        let (stream, witness) = hostile(&run, &script, TEXT);
        let limited = WriteLimit::new(stream, clock.clone(), LIMIT);
        let ended = witness.drive(pin!(echo(limited)), || {});
        let whole = witness.input();
        witness.judge(ended, &whole, |_| None);
    }
}

/// A stream of which one operation that writes is pending without end.
struct Stuck(&'static str);

impl Stuck {
    fn poll<V>(&self, operation: &str, value: V) -> Poll<io::Result<V>> {
        match self.0 == operation {
            true => Poll::Pending,
            false => Poll::Ready(Ok(value)),
        }
    }
}

impl AsyncWrite for Stuck {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll("write", bytes.len())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll("flush", ())
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll("close", ())
    }
}

#[test]
fn an_operation_that_is_pending_for_the_limit_fails_in_that_moment() {
    for operation in ["write", "flush", "close"] {
        let event_loop = EventLoop::with_driver(JumpingDriver::new());
        let handle = event_loop.handle();
        let ended = event_loop.block_on(async {
            let mut limited = WriteLimit::new(Stuck(operation), handle.clone(), LIMIT);
            // The limit is for one operation: these took none of it.
            handle.sleep(LIMIT).await;
            limited.write_all(TEXT).await?;
            handle.sleep(LIMIT).await;
            limited.flush().await?;
            limited.close().await
        });
        let waited = match operation {
            "write" => 2 * LIMIT,
            _ => 3 * LIMIT,
        };
        assert_eq!(
            ended.unwrap_err().kind(),
            ErrorKind::TimedOut,
            "{operation}"
        );
        assert_eq!(handle.now().since_start(), waited, "{operation}");
    }
}

#[test]
fn a_close_that_is_ready_is_ready_at_once() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let mut limited = WriteLimit::new(Stuck("nothing"), handle.clone(), LIMIT);
    event_loop.block_on(limited.close()).unwrap();
    assert!(handle.now().since_start().is_zero());
}
