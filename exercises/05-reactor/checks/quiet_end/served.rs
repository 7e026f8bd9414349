//! Connections that a test scripts, and what is seen of them.

use std::io::{self, ErrorKind, Read, Write};

use super::super::subject::{Echo, Progress};
use probe::Run;
use probe_io::marked;
use probe_io::stream::show;
use probe_io::{Kernel, Trigger};
use reactor::Happened;

/// A socket and the echo that serves it.
pub(super) struct Served {
    pub(super) run: Run,
    pub(super) kernel: Kernel,
    pub(super) echo: Echo,
    pub(super) done: bool,
}

impl Served {
    pub(super) fn new(run: &Run) -> Served {
        let kernel = Kernel::new(Trigger::Edge);
        Served {
            run: run.clone(),
            kernel,
            echo: Echo::new(),
            done: false,
        }
    }

    /// The loop: event after event, until the kernel has no more.
    #[track_caller]
    pub(super) fn run(&mut self) {
        while let Some(told) = self.kernel.wait() {
            if self.done {
                return;
            }
            let words = [
                (told.readable, "readable"),
                (told.writable, "writable"),
                (told.read_closed, "read closed"),
            ];
            let words: Vec<_> = words
                .iter()
                .filter(|word| word.0)
                .map(|word| word.1)
                .collect();
            (self.run.recorder()).says("kernel", format!("reports: {}", words.join(", ")));
            let happened = Happened {
                readable: told.readable,
                writable: told.writable,
                read_closed: told.read_closed,
                ..Happened::default()
            };
            let before = self.kernel.sent().len();
            let went = self.echo.on_event(&mut &self.kernel, happened);
            let sent = self.kernel.sent();
            if sent.len() > before {
                (self.run.recorder()).says("echo", format!("sends {}", show(&sent[before..])));
            }
            match went {
                Ok(Progress::Waits) => {}
                Ok(Progress::Done) => {
                    self.run
                        .recorder()
                        .says("echo", "returns Done, and the connection is closed");
                    self.done = true;
                }
                Err(error) => self.run.departs(format!(
                    "`on_event` returned an error that the socket had not returned: {error}."
                )),
            }
        }
    }

    /// Every byte came back, and then the echo was done.
    #[track_caller]
    pub(super) fn came_back(&self, bytes: &[u8]) {
        let sent = self.kernel.sent();
        if self.kernel.unread() > 0 && self.done {
            self.run.diagnose(
                "closed-over-unread",
                format!(
                    "{} bytes were unread when the echo returned `Done`. “Read closed” says that the peer will send no more; the bytes that it \
                     sent before are still to be read.",
                    self.kernel.unread()
                ),
            );
        }
        if sent.len() < bytes.len() && self.done {
            self.run.diagnose(
                "closed-before-flush",
                format!(
                    "The echo returned `Done`, and had read {} bytes that it had not sent. Bytes without room now can be sent after the next \
                     event.",
                    bytes.len() - sent.len()
                ),
            );
        }
        if self.kernel.unread() > 0 {
            self.run.diagnose(
                "stopped-before-wouldblock",
                format!(
                    "{} bytes are left in the socket, and the echo waits for an event. The kernel reported them before, and does not report them \
                     again.",
                    self.kernel.unread()
                ),
            );
        }
        if sent != bytes {
            self.run.departs(format!(
                "The peer received {}. It should receive {}.",
                show(&sent),
                show(bytes)
            ));
        }
        if !self.done {
            let last = self.run.recorder().last_event();
            self.run.diagnose_at(
                last,
                "eof-behind-short-read",
                "Every byte came back, the end could be read, and the echo waits for an event. There is none: the kernel reported the end \
                 before.",
            );
        }
    }
}

/// A socket that has room, and returns the same outcome for each read.
pub(super) struct Answers<'a> {
    pub(super) run: &'a Run,
    pub(super) reading: Result<usize, ErrorKind>,
}

impl Read for Answers<'_> {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        let text = match self.reading {
            Ok(_) => "reads the end".to_owned(),
            Err(error) => format!("reads, and gets {error:?}"),
        };
        self.run.recorder().says("echo", text);
        self.reading.map_err(|kind| marked::error(kind, 1))
    }
}

impl Write for Answers<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) const NOT_THE_END: &str = "A read returned WouldBlock, and the echo returned `Done`. The end is a read that returns 0 bytes.";

/// What the kernel has for one socket.
pub(super) struct World {
    pub(super) unread: Vec<u8>,
    pub(super) ended: bool,
    pub(super) broken: bool,
    pub(super) room: usize,
    pub(super) interrupts: usize,
    pub(super) sent: Vec<u8>,
    pub(super) calls: usize,
}

/// More calls than one event can be a reason for.
const ENOUGH: usize = 1_000;

impl World {
    pub(super) fn new() -> World {
        World {
            unread: Vec::new(),
            ended: false,
            broken: false,
            room: 0,
            interrupts: 0,
            sent: Vec::new(),
            calls: 0,
        }
    }

    fn called(&mut self) -> io::Result<()> {
        self.calls += 1;
        assert!(self.calls < ENOUGH, "the echo calls the socket without end");
        if self.interrupts > 0 {
            self.interrupts -= 1;
            return Err(ErrorKind::Interrupted.into());
        }
        if self.broken {
            return Err(marked::error(ErrorKind::ConnectionReset, 1));
        }
        Ok(())
    }
}

impl Read for World {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.called()?;
        if self.unread.is_empty() && !self.ended {
            return Err(ErrorKind::WouldBlock.into());
        }
        let count = buffer.len().min(self.unread.len());
        buffer[..count].copy_from_slice(&self.unread[..count]);
        self.unread.drain(..count);
        Ok(count)
    }
}

impl Write for World {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.called()?;
        if self.room == 0 && !bytes.is_empty() {
            return Err(ErrorKind::WouldBlock.into());
        }
        let count = bytes.len().min(self.room);
        self.room -= count;
        self.sent.extend(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.called()
    }
}

/// A socket from which 3 bytes can be read, and that accepts none.
pub(super) struct AcceptsNothing {
    pub(super) unread: usize,
    pub(super) writes: usize,
}

impl Read for AcceptsNothing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.unread);
        self.unread -= count;
        match count {
            0 => Err(ErrorKind::WouldBlock.into()),
            count => Ok(count),
        }
    }
}

impl Write for AcceptsNothing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        self.writes += 1;
        assert!(self.writes < ENOUGH, "the echo writes without end");
        Ok(0)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
