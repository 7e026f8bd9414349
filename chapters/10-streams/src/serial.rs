//! A serial port.

use std::fmt::Display;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::io::{AsyncRead, AsyncWrite};
use reactor::ReactorHandle;
use rustix::fs::{Mode, OFlags};
use rustix::termios::{ControlModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::device::{Device, reads_and_writes};

/// A serial port: bytes go out and come in as they are, at a number of bits a second.
///
/// # A device that is gone
///
/// A port has no end: silence is pending. When the device is unplugged, the kernel returns reads of 0 bytes,
/// at once and without end. A `Serial` makes an error of them, [`NotConnected`](io::ErrorKind::NotConnected),
/// so that a loop which reads cannot take them for silence. Bytes that were not read by then may be lost.
#[derive(Debug)]
pub struct Serial {
    device: Device,
}

impl Serial {
    /// Opens the port at `path`, with `baud` bits a second, 8 data bits and no parity.
    ///
    /// # Errors
    ///
    /// If there is no such device, this user may not open it, it is no terminal, or it does not have this
    /// speed. The message begins with the path.
    // ANCHOR: open
    pub fn open(reactor: &ReactorHandle, path: impl AsRef<Path>, baud: u32) -> io::Result<Serial> {
        let path = path.as_ref();
        let of_path = |error: io::Error| named(path.display(), &error);
        // NOCTTY: a hang-up of the device must not end this program. NONBLOCK: without it, `open` waits
        // until a modem at the other end is ready.
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let open = || Ok(rustix::fs::open(path, flags, Mode::empty())?);
        let file = open().map_err(of_path)?;
        set(&file, baud).map_err(of_path)?;
        let device = Device::new(reactor, file).map_err(of_path)?;
        Ok(Serial { device })
    }
    // ANCHOR_END: open

    /// The speed, in bits a second.
    ///
    /// # Errors
    ///
    /// If the device is gone.
    pub fn baud(&self) -> io::Result<u32> {
        Ok(tcgetattr(&self.device)?.output_speed())
    }

    // ANCHOR: read
    fn read(&self, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let count = ready!(self.device.read(context, buffer))?;
        if count == 0 && !buffer.is_empty() {
            let gone = io::Error::new(io::ErrorKind::NotConnected, "the device is gone");
            return Poll::Ready(Err(gone));
        }
        Poll::Ready(Ok(count))
    }
    // ANCHOR_END: read

    fn write(&self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.device.write(context, bytes)
    }
}

/// Sets raw mode and the speed.
// ANCHOR: set
fn set(file: impl std::os::fd::AsFd, baud: u32) -> io::Result<()> {
    let mut settings: Termios = tcgetattr(&file)?;
    settings.make_raw();
    settings.set_speed(baud)?;
    // CREAD: receive. CLOCAL: there is no modem whose signals count.
    settings.control_modes |= ControlModes::CREAD | ControlModes::CLOCAL;
    tcsetattr(&file, OptionalActions::Now, &settings)?;
    Ok(())
}
// ANCHOR_END: set

fn named(path: impl Display, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{path}: {error}"))
}

reads_and_writes!(Serial);
