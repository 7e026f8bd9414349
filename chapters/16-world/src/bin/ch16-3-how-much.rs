//! How much of a large file two bodies have read when the client has taken the first frame.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncReadExt};
use http_body_util::Full;
use hyper::body::{Body, Bytes};
use world::file_body::FileBody;

const MIB: u64 = 1024 * 1024;
const LENGTH: u64 = 64 * MIB;

// ANCHOR: bodies
/// Reads the file, and makes a body of it.
async fn in_memory(mut file: Disk) -> io::Result<Full<Bytes>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).await?;
    Ok(Full::from(bytes))
}

/// Makes a body that reads the file.
async fn streamed(file: Disk) -> io::Result<FileBody<Disk>> {
    Ok(FileBody::new(file, LENGTH))
}
// ANCHOR_END: bodies

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    wakers::block_on(async {
        println!("a file of 64 MiB, when the client has taken one frame:");
        for (name, read) in [
            ("in memory", one_frame(in_memory).await),
            ("streamed", one_frame(streamed).await),
        ] {
            println!("  {name:9}  at most {:2} MiB are read", read.div_ceil(MIB));
        }
    });
}

async fn one_frame<B>(make: impl AsyncFnOnce(Disk) -> io::Result<B>) -> u64
where
    B: Body + Unpin,
{
    let read = Rc::new(Cell::new(0));
    let file = Disk {
        read: Rc::clone(&read),
    };
    let mut body = make(file).await.unwrap();
    let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
    assert!(frame.is_some_and(|frame| frame.is_ok()));
    read.get()
}
// ANCHOR_END: main

/// A file of zeros that counts what is read.
struct Disk {
    read: Rc<Cell<u64>>,
}

impl AsyncRead for Disk {
    fn poll_read(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let left = usize::try_from(LENGTH - self.read.get()).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        self.read.set(self.read.get() + count as u64);
        buffer[..count].fill(0);
        Poll::Ready(Ok(count))
    }
}
