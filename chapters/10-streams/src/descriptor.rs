//! A file descriptor, as a source of events.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token, event};

/// A descriptor that mio can watch. Dropping it closes the descriptor.
///
/// Whether the operating system can report events of it is the system's decision: it can of sockets, pipes,
/// terminals, serial ports and process descriptors, and it refuses regular files.
#[derive(Debug)]
pub struct Descriptor {
    file: OwnedFd,
}

impl Descriptor {
    /// A descriptor that this owns from now on. Reads and writes of it must not block.
    #[must_use]
    pub fn new(file: OwnedFd) -> Descriptor {
        Descriptor { file }
    }
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl event::Source for Descriptor {
    fn register(&mut self, registry: &Registry, token: Token, events: Interest) -> io::Result<()> {
        SourceFd(&self.file.as_raw_fd()).register(registry, token, events)
    }

    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        events: Interest,
    ) -> io::Result<()> {
        SourceFd(&self.file.as_raw_fd()).reregister(registry, token, events)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        SourceFd(&self.file.as_raw_fd()).deregister(registry)
    }
}
