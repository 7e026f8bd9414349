//! Devices, with a pseudo-terminal in the place of the hardware.

use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;

use event_loop::EventLoop;
use futures::FutureExt;
use futures::future::try_join;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use reactor::{Reactor, ReactorHandle};
use streams::{Device, Pty, Serial};

/// Runs a test on a loop, and looks that the reactor watches nothing at its end.
fn on_a_loop(test: impl AsyncFnOnce(ReactorHandle) -> io::Result<()>) {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let reactor = event_loop.driver().handle();
    event_loop.block_on(test(reactor.clone())).unwrap();
    assert_eq!(reactor.sources(), 0);
}

fn both(reactor: &ReactorHandle) -> io::Result<(Pty, Serial)> {
    let pty = Pty::open(reactor)?;
    let port = Serial::open(reactor, pty.path(), 115_200)?;
    Ok((pty, port))
}

#[test]
fn every_byte_goes_through_unchanged_in_both_directions() {
    on_a_loop(async |reactor| {
        let (mut pty, mut port) = both(&reactor)?;
        let all: Vec<u8> = (0..=255).collect();
        let mut read = [0; 256];
        port.write_all(&all).await?;
        pty.read_exact(&mut read).await?;
        assert_eq!(read[..], all);
        pty.write_all(&all).await?;
        port.read_exact(&mut read).await?;
        assert_eq!(read[..], all);
        // Nothing was echoed.
        assert!(pty.read(&mut read).now_or_never().is_none());
        Ok(())
    });
}

#[test]
fn a_million_bytes_go_through_and_the_writer_waits_for_the_reader() {
    on_a_loop(async |reactor| {
        let (pty, port) = both(&reactor)?;
        let all: Vec<u8> = (0..1_000_000_u32).map(|number| number as u8).collect();
        let mut read = vec![0; all.len()];
        try_join((&port).write_all(&all), (&pty).read_exact(&mut read)).await?;
        assert!(read == all);
        read.fill(0);
        try_join((&pty).write_all(&all), (&port).read_exact(&mut read)).await?;
        assert!(read == all);
        // Without a reader the write stops.
        assert!((&port).write_all(&all).now_or_never().is_none());
        Ok(())
    });
}

#[test]
fn the_speed_is_set() {
    on_a_loop(async |reactor| {
        let pty = Pty::open(&reactor)?;
        for baud in [9_600, 115_200, 1_200] {
            assert_eq!(Serial::open(&reactor, pty.path(), baud)?.baud()?, baud);
        }
        Ok(())
    });
}

#[test]
fn an_unplugged_device_ends_a_pending_read_with_an_error() {
    on_a_loop(async |reactor| {
        let (pty, mut port) = both(&reactor)?;
        let mut byte = [0];
        assert!(port.read(&mut byte).now_or_never().is_none());
        drop(pty);
        let parks = reactor.parks();
        for _ in 0..3 {
            let error = port.read(&mut byte).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotConnected);
        }
        assert!(reactor.parks() - parks < 5, "the loop spins");
        assert_eq!(port.read(&mut []).await?, 0);
        assert!(port.write_all(b"?").await.is_err());
        Ok(())
    });
}

#[test]
fn an_unplugged_device_ends_a_pending_write_with_an_error() {
    on_a_loop(async |reactor| {
        let (pty, mut port) = both(&reactor)?;
        let bytes = vec![b'x'; 1_000_000];
        let mut write = Box::pin(port.write_all(&bytes));
        assert!((&mut write).now_or_never().is_none());
        drop(pty);
        assert!(write.await.is_err());
        Ok(())
    });
}

#[test]
fn the_controlling_end_reads_the_end_when_the_port_is_closed() {
    on_a_loop(async |reactor| {
        let (mut pty, mut port) = both(&reactor)?;
        port.write_all(b"bye").await?;
        drop(port);
        let mut text = Vec::new();
        pty.read_to_end(&mut text).await?;
        assert_eq!(text, b"bye");
        Ok(())
    });
}

#[test]
fn a_port_that_cannot_be_opened_is_an_error_with_its_path() {
    on_a_loop(async |reactor| {
        let error = |path: &str| Serial::open(&reactor, path, 9_600).unwrap_err().to_string();
        let errors = [error("/dev/no-such-port"), error("/dev/null")].join("\n");
        insta::assert_snapshot!(errors, @r"
        /dev/no-such-port: No such file or directory (os error 2)
        /dev/null: Inappropriate ioctl for device (os error 25)
        ");
        let file = OwnedFd::from(std::fs::File::open("/proc/self/exe")?);
        let refused = Device::new(&reactor, file).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
        Ok(())
    });
}
