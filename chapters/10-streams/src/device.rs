//! A driver for any device that the kernel can watch.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};
use mio::Interest;
use reactor::{ReactorHandle, Registered, Source};

use crate::descriptor::Descriptor;

/// An open device, for `async` code: a serial port, a terminal, or anything else that has a descriptor, can
/// be read without blocking, and reports when it is worth while.
///
/// One task at a time may read, and another may write. Bytes go through unchanged: what a read of 0 bytes
/// means depends on the device.
///
/// # Cancel safety
///
/// A read or write that is dropped while it is pending has moved no byte.
#[derive(Debug)]
pub struct Device {
    io: Registered<Descriptor>,
}

impl Device {
    /// Watches an open device. From now on its reads and writes do not block.
    ///
    /// # Errors
    ///
    /// If the kernel cannot watch it: it refuses a regular file, which is always ready.
    // ANCHOR: new
    pub fn new(reactor: &ReactorHandle, file: OwnedFd) -> io::Result<Device> {
        rustix::io::ioctl_fionbio(&file, true)?;
        let events = Interest::READABLE | Interest::WRITABLE;
        let io = Registered::new(reactor, Descriptor::new(file), Source::with_room(), events)?;
        Ok(Device { io })
    }
    // ANCHOR_END: new

    // ANCHOR: read
    pub(crate) fn read(
        &self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let attempt = |device: &Descriptor| Ok(rustix::io::read(device, &mut *buffer)?);
        // A short read of a device does not say that it is drained: only an attempt that would block does.
        self.io.poll_read_io(context, attempt, |_| false)
    }
    // ANCHOR_END: read

    pub(crate) fn write(&self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let attempt = |device: &Descriptor| Ok(rustix::io::write(device, bytes)?);
        self.io.poll_write_io(context, attempt, |_| false)
    }
}

impl AsFd for Device {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.get().as_fd()
    }
}

/// The traits of `futures`, for a type with methods `read` and `write` that poll, and for a reference to it.
macro_rules! reads_and_writes {
    ($name:ty) => {
        reads_and_writes!(@ $name);
        reads_and_writes!(@ &$name);
    };
    (@ $name:ty) => {
        impl AsyncRead for $name {
            fn poll_read(
                self: Pin<&mut Self>,
                context: &mut Context<'_>,
                buffer: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.read(context, buffer)
            }
        }

        impl AsyncWrite for $name {
            fn poll_write(
                self: Pin<&mut Self>,
                context: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                self.write(context, bytes)
            }

            /// There is nothing to flush: what is written is the kernel's.
            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            /// Does nothing: a device is closed by dropping it.
            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }
        }
    };
}

pub(crate) use reads_and_writes;

reads_and_writes!(Device);
