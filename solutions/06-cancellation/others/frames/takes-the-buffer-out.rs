//! Moves everything into the call, and a guard moves it back, also when the future is dropped.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::mem;
use std::pin::Pin;

use futures::io::AsyncRead;

#[derive(Debug)]
pub struct Frames<R> {
    stream: R,
    kept: VecDeque<u8>,
}

/// The bytes of one call: they return to the reader however the call ends.
struct Borrowed<'a> {
    home: &'a mut VecDeque<u8>,
    bytes: VecDeque<u8>,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        *self.home = mem::take(&mut self.bytes);
    }
}

impl Borrowed<'_> {
    fn length(&self) -> Option<usize> {
        let high = usize::from(*self.bytes.front()?);
        let low = usize::from(*self.bytes.get(1)?);
        Some(256 * high + low)
    }
}

impl<R: AsyncRead + Unpin> Frames<R> {
    pub fn new(stream: R) -> Frames<R> {
        Frames {
            stream,
            kept: VecDeque::new(),
        }
    }

    pub async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Frames { stream, kept } = self;
        let bytes = mem::take(kept);
        let mut borrowed = Borrowed { home: kept, bytes };
        loop {
            match borrowed.length() {
                Some(length) if borrowed.bytes.len() >= 2 + length => {
                    let message = borrowed.bytes.drain(..2 + length).skip(2).collect();
                    return Ok(Some(message));
                }
                _ => {}
            }
            let mut seven = [0; 7];
            let read = poll_fn(|context| Pin::new(&mut *stream).poll_read(context, &mut seven));
            match (read.await?, borrowed.bytes.is_empty()) {
                (0, true) => return Ok(None),
                (0, false) => return Err(ErrorKind::UnexpectedEof.into()),
                (count, _) => borrowed.bytes.extend(&seven[..count]),
            }
        }
    }
}
