//! The stream itself, for tasks and for threads.

use std::io::{self, ErrorKind, Read, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use super::broken::Operation;
use super::wire::{Came, Wire, lock};
use crate::marked;
use futures::io::{AsyncRead, AsyncWrite};

/// See [`hostile`](fn@hostile).
#[derive(Debug)]
pub struct HostileStream {
    pub(super) wire: Arc<Mutex<Wire>>,
}

impl HostileStream {
    pub(super) fn poll(
        &self,
        context: &mut Context<'_>,
        operation: Operation,
        given: Option<usize>,
        done: impl FnOnce(&mut Wire, usize),
    ) -> Poll<io::Result<usize>> {
        let mut at_once = false;
        let polled = {
            let mut wire = lock(&self.wire);
            match wire.call(operation, given.unwrap_or(0)) {
                Came::Count(count) => {
                    done(&mut wire, count);
                    wire.note(operation, given, &told(given, count));
                    Poll::Ready(Ok(count))
                }
                Came::Failed(error) => {
                    wire.note(operation, given, &format!("{error:?}"));
                    Poll::Ready(Err(marked::error(error, wire.mark())))
                }
                Came::Later => {
                    wire.note(operation, given, "Pending");
                    wire.waiting[operation as usize] = Some(context.waker().clone());
                    Poll::Pending
                }
                Came::AtOnce => {
                    wire.note(operation, given, "Pending, and wakes at once");
                    at_once = true;
                    Poll::Pending
                }
            }
        };
        if at_once {
            context.waker().wake_by_ref();
        }
        polled
    }

    fn now(
        &self,
        operation: Operation,
        given: Option<usize>,
        done: impl FnOnce(&mut Wire, usize),
    ) -> io::Result<usize> {
        let mut wire = lock(&self.wire);
        let error = match wire.call(operation, given.unwrap_or(0)) {
            Came::Count(count) => {
                done(&mut wire, count);
                wire.note(operation, given, &told(given, count));
                return Ok(count);
            }
            Came::Failed(kind) => marked::error(kind, wire.mark()),
            Came::Later => ErrorKind::WouldBlock.into(),
            Came::AtOnce => ErrorKind::Interrupted.into(),
        };
        wire.note(operation, given, &format!("{:?}", error.kind()));
        Err(error)
    }
}

fn told(given: Option<usize>, count: usize) -> String {
    given.map_or_else(|| "done".to_owned(), |_| count.to_string())
}

impl AsyncRead for HostileStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let room = buffer.len();
        self.poll(context, Operation::Read, Some(room), |wire, count| {
            wire.took(buffer, count)
        })
    }
}

impl AsyncWrite for HostileStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let given = bytes.len();
        self.poll(context, Operation::Write, Some(given), |wire, count| {
            wire.output.extend(&bytes[..count])
        })
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = self.poll(context, Operation::Flush, None, |_, _| {});
        polled.map_ok(drop)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = self.poll(context, Operation::Close, None, |wire, _| {
            wire.closed = true
        });
        polled.map_ok(drop)
    }
}

impl Read for HostileStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len();
        self.now(Operation::Read, Some(room), |wire, count| {
            wire.took(buffer, count)
        })
    }
}

impl Write for HostileStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.now(Operation::Write, Some(bytes.len()), |wire, count| {
            wire.output.extend(&bytes[..count])
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.now(Operation::Flush, None, |_, _| {}).map(drop)
    }
}

impl Drop for HostileStream {
    fn drop(&mut self) {
        let waiting = {
            let mut wire = lock(&self.wire);
            wire.dropped = true;
            std::mem::take(&mut wire.waiting)
        };
        drop(waiting);
    }
}
