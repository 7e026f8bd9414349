//! What the operating system wants of the process.
//!
//! This is chapter 11's `Signals` in small: three signals that stay watched, on the pipe of signal-hook-mio.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};

use mio::{Interest, Registry, Token, event};
use reactor::{ReactorHandle, Registered, Source};
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};

pub use crate::wish::Wish;

/// The process's signals, as something that can be awaited.
pub struct Signals {
    io: Registered<Pipe>,
}

/// A signal may come at any moment, when next to nothing may be done. So its handler writes one byte
/// into a pipe, and the reactor watches the pipe.
struct Pipe(RefCell<signal_hook_mio::v1_0::Signals>);

impl Signals {
    /// From now on the signals come here. Several of one kind may arrive as one.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn new(reactor: &ReactorHandle) -> io::Result<Signals> {
        let signals = signal_hook_mio::v1_0::Signals::new([SIGTERM, SIGINT, SIGUSR1])?;
        let pipe = Pipe(RefCell::new(signals));
        let io = Registered::new(reactor, pipe, Source::default(), Interest::READABLE)?;
        Ok(Signals { io })
    }

    /// The next wish.
    ///
    /// # Errors
    ///
    /// None so far.
    ///
    /// # Cancel safety
    ///
    /// No signal is lost if this is dropped.
    pub async fn next(&self) -> io::Result<Wish> {
        let next = |pipe: &Pipe| match pipe.0.borrow_mut().pending().next() {
            Some(SIGUSR1) => Ok(Wish::Tell),
            Some(_) => Ok(Wish::Stop),
            None => Err(ErrorKind::WouldBlock.into()),
        };
        poll_fn(|context| self.io.poll_read_io(context, next, |_| false)).await
    }
}

impl event::Source for Pipe {
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        self.0.get_mut().register(registry, token, interests)
    }

    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        self.0.get_mut().reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.0.get_mut().deregister(registry)
    }
}
