//! 5.6 quiet-end: a connection that does not close.

use std::io::{self, ErrorKind, Read, Write};

use super::subject::{Echo, Progress};
use probe::{Run, run, snapshot};
use probe_io::stream::show;
use probe_io::{Kernel, Trigger};
use reactor::Happened;

/// A socket, and the echo that serves it.
struct Served {
    run: Run,
    kernel: Kernel,
    echo: Echo,
    done: bool,
}

impl Served {
    fn new(run: &Run) -> Served {
        let kernel = Kernel::new(Trigger::Edge);
        Served {
            run: run.clone(),
            kernel,
            echo: Echo::new(),
            done: false,
        }
    }

    /// The loop: event after event, until the kernel has nothing more to tell.
    #[track_caller]
    fn run(&mut self) {
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
            (self.run.recorder()).says("kernel", format!("tells: {}", words.join(", ")));
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
                (self.run.recorder())
                    .says("echo", format!("has sent {} more", show(&sent[before..])));
            }
            match went {
                Ok(Progress::Waits) => {}
                Ok(Progress::Done) => {
                    self.run.recorder().says("echo", "is done, and closes");
                    self.done = true;
                }
                Err(error) => self.run.departs(format!(
                    "An error came out that nobody had put in: {error}."
                )),
            }
        }
    }

    /// Everything came back, and then the echo was done.
    #[track_caller]
    fn came_back(&self, bytes: &[u8]) {
        let sent = self.kernel.sent();
        if self.kernel.unread() > 0 && self.done {
            self.run.diagnose(
                "closed-over-unread",
                format!(
                    "{} bytes were still in the socket when it closed. \"Read closed\" says that the peer will send no more; what it has \
                     sent is still to be read.",
                    self.kernel.unread()
                ),
            );
        }
        if sent.len() < bytes.len() && self.done {
            self.run.diagnose(
                "closed-before-flush",
                format!(
                    "The end was found, and the echo closed with {} bytes that it had read and not sent. What cannot go back yet can go \
                     back later: done is who has nothing left.",
                    bytes.len() - sent.len()
                ),
            );
        }
        if self.kernel.unread() > 0 {
            self.run.diagnose(
                "stopped-before-wouldblock",
                format!(
                    "{} bytes are left in the socket, and the echo waits for an event. The kernel has told of them already.",
                    self.kernel.unread()
                ),
            );
        }
        if sent != bytes {
            self.run.departs(format!(
                "What came back is {}, and should be {}.",
                show(&sent),
                show(bytes)
            ));
        }
        if !self.done {
            let last = self.run.recorder().last_event();
            self.run.diagnose_at(
                last,
                "eof-behind-short-read",
                "Everything has come back, the end is there to be found, and the echo waits for an event. There is none: the end was told \
                 of before.",
            );
        }
    }
}

#[test]
fn what_comes_in_goes_back() {
    let run = run!("goes_back");
    let mut served = Served::new(&run);
    served.kernel.drains(100);
    for text in ["one", "two"] {
        served.kernel.arrives(text.as_bytes());
        served.run();
    }
    if served.kernel.sent() != b"onetwo" {
        run.departs(format!(
            "What came back is {}.",
            show(&served.kernel.sent())
        ));
    }
    if served.done {
        run.departs("The peer has not ended yet, and the echo is done.");
    }
    snapshot!(run);
}

#[test]
fn an_end_that_comes_alone_is_the_end() {
    let run = run!("end_alone");
    let mut served = Served::new(&run);
    served.kernel.drains(100);
    served.kernel.arrives(b"hello");
    served.run();
    served.kernel.ends();
    served.run();
    served.came_back(b"hello");
    snapshot!(run);
}

#[test]
fn an_end_that_comes_with_the_last_bytes_is_the_end_as_well() {
    let run = run!("end_with_bytes");
    let mut served = Served::new(&run);
    served.kernel.drains(100);
    served.run();
    served.kernel.arrives(b"bye");
    served.kernel.ends();
    served.run();
    served.came_back(b"bye");
    snapshot!(run);
}

#[test]
fn an_end_behind_more_bytes_than_a_buffer_holds_is_found() {
    let run = run!();
    let mut served = Served::new(&run);
    served.kernel.drains(1_000);
    served.run();
    let long = vec![b'.'; 100];
    served.kernel.arrives(&long);
    served.kernel.ends();
    served.run();
    served.came_back(&long);
}

#[test]
fn an_end_that_comes_while_there_is_no_room_to_write_is_found_later() {
    let run = run!("no_room");
    let mut served = Served::new(&run);
    served.kernel.drains(2);
    served.run();
    served.kernel.arrives(b"bye bye");
    served.kernel.ends();
    served.run();
    for _ in 0..5 {
        served.kernel.drains(2);
        served.run();
    }
    served.came_back(b"bye bye");
    snapshot!(run);
}

#[test]
fn an_end_is_found_although_the_kernel_has_told_of_other_things_since() {
    let run = run!();
    let mut served = Served::new(&run);
    served.kernel.arrives(&[b'.'; 20]);
    served.kernel.ends();
    served.run();
    for _ in 0..4 {
        served.kernel.drains(6);
        served.run();
    }
    served.came_back(&[b'.'; 20]);
}

/// A socket that has room, and gives one answer to whoever reads.
struct Answers<'a> {
    run: &'a Run,
    reading: Result<usize, ErrorKind>,
}

impl Read for Answers<'_> {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        let text = match self.reading {
            Ok(_) => "reads the end".to_owned(),
            Err(error) => format!("reads, and gets {error:?}"),
        };
        self.run.recorder().says("echo", text);
        self.reading.map_err(io::Error::from)
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

#[test]
fn an_event_that_speaks_of_the_end_alone_is_worth_an_attempt() {
    let run = run!();
    let mut echo = Echo::new();
    let mut socket = Answers {
        run: &run,
        reading: Ok(0),
    };
    run.recorder().says("kernel", "tells: read closed");
    let happened = Happened {
        read_closed: true,
        ..Happened::default()
    };
    match echo.on_event(&mut socket, happened) {
        Ok(Progress::Done) => {}
        Ok(Progress::Waits) => run.departs(
            "The event said \"read closed\" and nothing else. The end is there to be read, and the echo waits for another event.",
        ),
        Err(error) => run.departs(format!("An error came out that nobody had put in: {error}.")),
    }
}

#[test]
fn an_event_that_speaks_of_an_error_alone_is_worth_an_attempt() {
    let run = run!();
    let mut echo = Echo::new();
    let mut socket = Answers {
        run: &run,
        reading: Err(ErrorKind::ConnectionReset),
    };
    run.recorder().says("kernel", "tells: error");
    let happened = Happened {
        error: true,
        ..Happened::default()
    };
    match echo.on_event(&mut socket, happened) {
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Ok(Progress::Waits) => run.departs(
            "The event said \"error\" and nothing else. The next attempt would say what is wrong; the echo made none, and waits for another \
             event. This connection does not close either.",
        ),
        Ok(Progress::Done) => run.departs("Reading failed, and the echo was done as if the end had come."),
        Err(error) => run.departs(format!("Reading failed with ConnectionReset, and this came out: {error}.")),
    }
}

#[test]
fn a_system_call_that_is_interrupted_is_made_again() {
    let run = run!();
    let mut served = Served::new(&run);
    served.kernel.drains(100);
    served.run();
    served.kernel.interrupts(1);
    served.kernel.arrives(b"hello");
    served.kernel.ends();
    served.run();
    served.came_back(b"hello");
}

#[test]
fn it_does_not_hoard_what_the_peer_does_not_take_back() {
    let run = run!();
    let mut served = Served::new(&run);
    served.kernel.arrives(&vec![b'.'; 100_000]);
    served.run();
    let unread = served.kernel.unread();
    (run.recorder()).says(
        "kernel",
        format!("{unread} of 100000 bytes are still unread"),
    );
    if unread < 50_000 {
        run.diagnose(
            "no-backpressure",
            "The peer does not read what comes back, and the echo reads on: all that the peer sends is in its memory. The stub read \
             nothing while something was left to write.",
        );
    }
}
