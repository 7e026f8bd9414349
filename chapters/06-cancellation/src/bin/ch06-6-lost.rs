//! A message is lost when its reader is dropped; and, read differently, it is not.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use cancellation::Frames;
use event_loop::{EventLoop, Handle, JumpingDriver, Sleep};
use futures::io::{AsyncRead, AsyncReadExt};
use state_machines::{Winner, race};

// ANCHOR: lossy
/// A length of two bytes, and then the bytes.
async fn read_message(stream: &mut Slow) -> io::Result<String> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).await?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut message).await?;
    Ok(String::from_utf8_lossy(&message).into_owned())
}
// ANCHOR_END: lossy

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        println!("reading into the future:");
        let mut stream = Slow::new(&handle);
        for _ in 0..4 {
            match race(read_message(&mut stream), seconds(&handle, 3)).await {
                Winner::First(Ok(message)) => println!("  {message:?}"),
                Winner::First(Err(error)) => println!("  {error}"),
                Winner::Second(()) => println!("  nothing for three seconds"),
            }
        }

        println!("reading into Frames:");
        let mut frames = Frames::new(Slow::new(&handle));
        for _ in 0..4 {
            match race(frames.next(), seconds(&handle, 3)).await {
                Winner::First(Ok(Some(message))) => {
                    println!("  {:?}", String::from_utf8_lossy(&message));
                }
                Winner::First(Ok(None)) => println!("  the end"),
                Winner::First(Err(error)) => println!("  {error}"),
                Winner::Second(()) => println!("  nothing for three seconds"),
            }
        }
    });
}
// ANCHOR_END: main

fn seconds(handle: &Handle, seconds: u64) -> Sleep {
    handle.sleep(Duration::from_secs(seconds))
}

/// A stream that brings three bytes at most every two seconds.
struct Slow {
    bytes: &'static [u8],
    handle: Handle,
    sleep: Sleep,
}

impl Slow {
    fn new(handle: &Handle) -> Slow {
        Slow {
            bytes: b"\0\x02hi\0\x03you",
            handle: handle.clone(),
            sleep: seconds(handle, 2),
        }
    }
}

impl AsyncRead for Slow {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        std::task::ready!(Pin::new(&mut self.sleep).poll(context));
        self.sleep = seconds(&self.handle, 2);
        let count = buffer.len().min(self.bytes.len()).min(3);
        let (now, later) = self.bytes.split_at(count);
        buffer[..count].copy_from_slice(now);
        self.bytes = later;
        Poll::Ready(Ok(count))
    }
}
