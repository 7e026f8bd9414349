//! A pseudo-terminal: a device that is a program.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};
use reactor::ReactorHandle;
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::device::{Device, reads_and_writes};

/// The controlling end of a pseudo-terminal. Another program, or another task, opens the device at
/// [`path`](Pty::path), and takes it for a terminal or a serial port.
///
/// What is written here is read from the device, and the other way round. Dropping it unplugs the device.
///
/// Reads return the end while the device is open nowhere: before it is opened first, too.
///
/// ```
/// use event_loop::EventLoop;
/// use futures::io::{AsyncReadExt, AsyncWriteExt};
/// use reactor::Reactor;
/// use streams::{Pty, Serial};
///
/// # fn main() -> std::io::Result<()> {
/// let event_loop = EventLoop::with_driver(Reactor::new()?);
/// let reactor = event_loop.driver().handle();
/// event_loop.block_on(async {
///     let mut pty = Pty::open(&reactor)?;
///     let mut port = Serial::open(&reactor, pty.path(), 9_600)?;
///     port.write_all(b"?").await?;
///     let mut byte = [0];
///     pty.read_exact(&mut byte).await?;
///     assert_eq!(&byte, b"?");
///     Ok(())
/// })
/// # }
/// ```
#[derive(Debug)]
pub struct Pty {
    device: Device,
    path: PathBuf,
}

impl Pty {
    /// A new pseudo-terminal.
    ///
    /// # Errors
    ///
    /// If the system has none left, or no descriptor.
    // ANCHOR: open
    pub fn open(reactor: &ReactorHandle) -> io::Result<Pty> {
        let file = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        fcntl_setfd(&file, FdFlags::CLOEXEC)?;
        grantpt(&file)?;
        unlockpt(&file)?;
        let name = ptsname(&file, Vec::new())?;
        Ok(Pty {
            path: OsStr::from_bytes(name.as_bytes()).into(),
            device: Device::new(reactor, file)?,
        })
    }
    // ANCHOR_END: open

    /// The path of the device, such as `/dev/pts/3`.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Linux returns `EIO` where the device is open nowhere.
    fn read(&self, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        self.device.read(context, buffer).map(|read| match read {
            Err(error) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => Ok(0),
            read => read,
        })
    }

    fn write(&self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.device.write(context, bytes)
    }
}

reads_and_writes!(Pty);
