//! 5.6 quiet-end: a connection that does not close.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Read, Write};

use super::subject::{Echo, Progress};
use probe::panics;
use probe::runs::{Known, Machine, Operation, Search, Step as Seen};
use probe::{Run, run, snapshot};
use probe_io::stream::show;
use probe_io::{Kernel, Trigger};
use reactor::Happened;

/// A socket and the echo that serves it.
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

    /// The loop: event after event, until the kernel has no more.
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
    fn came_back(&self, bytes: &[u8]) {
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

#[test]
fn each_byte_goes_back() {
    let run = run!("goes_back");
    let mut served = Served::new(&run);
    served.kernel.drains(100);
    for text in ["one", "two"] {
        served.kernel.arrives(text.as_bytes());
        served.run();
    }
    if served.kernel.sent() != b"onetwo" {
        run.departs(format!(
            "The peer received {}.",
            show(&served.kernel.sent())
        ));
    }
    if served.done {
        run.departs("The peer has not sent its end, and the echo returned `Done`.");
    }
    snapshot!(run);
}

#[test]
fn an_end_that_comes_alone_is_found() {
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
fn an_end_that_comes_with_the_last_bytes_is_found() {
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
fn an_end_is_found_after_other_events() {
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

/// A socket that has room, and returns the same outcome for each read.
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
fn an_event_that_says_only_read_closed_leads_to_a_read() {
    let run = run!();
    let mut echo = Echo::new();
    let mut socket = Answers {
        run: &run,
        reading: Ok(0),
    };
    run.recorder().says("kernel", "reports: read closed");
    let happened = Happened {
        read_closed: true,
        ..Happened::default()
    };
    match echo.on_event(&mut socket, happened) {
        Ok(Progress::Done) => {}
        Ok(Progress::Waits) => run.departs(
            "The event said “read closed” and nothing else. The end could be read, and the echo waits for another event.",
        ),
        Err(error) => run.departs(format!("`on_event` returned an error that the socket had not returned: {error}.")),
    }
}

#[test]
fn an_event_that_says_only_error_leads_to_an_attempt() {
    let run = run!();
    let mut echo = Echo::new();
    let mut socket = Answers {
        run: &run,
        reading: Err(ErrorKind::ConnectionReset),
    };
    run.recorder().says("kernel", "reports: error");
    let happened = Happened {
        error: true,
        ..Happened::default()
    };
    match echo.on_event(&mut socket, happened) {
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Ok(Progress::Waits) => run.departs(
            "The event said “error” and nothing else. The next attempt would return the error, and the echo returned `Waits`. The kernel \
             does not report the error again, so this connection does not close either.",
        ),
        Ok(Progress::Done) => run.departs("The read returned ConnectionReset, and the echo returned `Done`."),
        Err(error) => run.departs(format!("The read returned ConnectionReset, and `on_event` returned another error: {error}.")),
    }
}

#[test]
fn an_interrupted_system_call_is_made_again() {
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
fn the_echo_reads_no_more_while_the_peer_accepts_nothing() {
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
            "The peer accepts no bytes, and the echo read more than half of the 100,000 bytes that the peer sent: they are in its memory. \
             The stub reads no more while its buffer has bytes to write.",
        );
    }
}

#[test]
fn after_wouldblock_the_echo_waits_also_for_an_announced_end() {
    let run = run!();
    let mut echo = Echo::new();
    let mut socket = World::new();
    run.recorder().says(
        "kernel",
        "reports: read closed, and there is no end to read yet",
    );
    let happened = Happened {
        read_closed: true,
        ..Happened::default()
    };
    let went = panics::expected(|| echo.on_event(&mut socket, happened));
    run.recorder().says(
        "echo",
        format!("reads {} times, and gets WouldBlock", socket.calls),
    );
    match went {
        Ok(Ok(Progress::Waits)) => {}
        Ok(Ok(Progress::Done)) => run.diagnose("wouldblock-taken-for-the-end", NOT_THE_END),
        Ok(Err(error)) => run.departs(format!("The read returned WouldBlock, and `on_event` returned the error {error}.")),
        Err(_) => run.diagnose(
            "wouldblock-tried-in-a-loop",
            format!(
                "The event said “read closed”, and {} reads in one call of `on_event` returned WouldBlock. The echo has to return `Waits`: \
                 only the next event can change the answer.",
                socket.calls
            ),
        ),
    }
}

const NOT_THE_END: &str = "A read returned WouldBlock, and the echo returned `Done`. The end is a read that returns 0 bytes.";

/// What the kernel has for one socket.
struct World {
    unread: Vec<u8>,
    ended: bool,
    broken: bool,
    room: usize,
    interrupts: usize,
    sent: Vec<u8>,
    calls: usize,
}

/// More calls than one event can be a reason for.
const ENOUGH: usize = 1_000;

impl World {
    fn new() -> World {
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
            return Err(ErrorKind::ConnectionReset.into());
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

/// A change in the kernel and the event that reports it, or an event alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Move {
    arrives: usize,
    ends: bool,
    room: usize,
    breaks: bool,
    interrupts: bool,
    says: Happened,
}

const SILENT: Happened = Happened {
    readable: false,
    writable: false,
    read_closed: false,
    write_closed: false,
    error: false,
};
const READABLE: Happened = Happened {
    readable: true,
    ..SILENT
};
const WRITABLE: Happened = Happened {
    writable: true,
    ..SILENT
};
const READ_CLOSED: Happened = Happened {
    read_closed: true,
    ..SILENT
};
const BOTH: Happened = Happened {
    readable: true,
    ..READ_CLOSED
};
const WRITE_CLOSED: Happened = Happened {
    write_closed: true,
    ..SILENT
};
const ERROR: Happened = Happened {
    error: true,
    ..SILENT
};

const fn says(says: Happened) -> Move {
    Move {
        arrives: 0,
        ends: false,
        room: 0,
        breaks: false,
        interrupts: false,
        says,
    }
}

const MOVES: [Move; 14] = [
    Move {
        arrives: 3,
        ..says(READABLE)
    },
    Move {
        arrives: 40,
        ..says(READABLE)
    },
    Move {
        arrives: 3,
        ends: true,
        ..says(BOTH)
    },
    Move {
        arrives: 40,
        ends: true,
        ..says(BOTH)
    },
    Move {
        arrives: 3,
        says: Happened {
            write_closed: true,
            ..READABLE
        },
        ..says(READABLE)
    },
    Move {
        ends: true,
        ..says(BOTH)
    },
    Move {
        ends: true,
        ..says(READ_CLOSED)
    },
    Move {
        room: 2,
        ..says(WRITABLE)
    },
    Move {
        room: 100,
        ..says(WRITABLE)
    },
    Move {
        breaks: true,
        ..says(ERROR)
    },
    Move {
        interrupts: true,
        ..says(READABLE)
    },
    says(READ_CLOSED),
    says(WRITE_CLOSED),
    says(SILENT),
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        "kernel".into()
    }

    fn call(&self) -> Cow<'static, str> {
        let mut parts = Vec::new();
        match self.arrives {
            0 => {}
            count => parts.push(format!("{count} bytes arrive")),
        }
        for (is_so, text) in [
            (self.ends, "the end arrives"),
            (self.breaks, "the connection is reset"),
            (self.interrupts, "the next call will be interrupted"),
        ] {
            parts.extend(is_so.then(|| text.to_owned()));
        }
        if self.room > 0 {
            parts.push(format!("room for {} bytes more", self.room));
        }
        parts.push(format!("reports: {}", words(self.says)));
        parts.join("; ").into()
    }

    fn happened(&self) -> Cow<'static, str> {
        self.call()
            .replace("reports:", "the kernel reported:")
            .into()
    }
}

fn words(happened: Happened) -> String {
    let words = [
        (happened.readable, "readable"),
        (happened.writable, "writable"),
        (happened.read_closed, "read closed"),
        (happened.write_closed, "write closed"),
        (happened.error, "error"),
    ];
    let words: Vec<_> = words
        .iter()
        .filter(|word| word.0)
        .map(|word| word.1)
        .collect();
    if words.is_empty() {
        return "nothing".to_owned();
    }
    words.join(", ")
}

/// The echo under test, and its socket.
struct Yours {
    echo: Echo,
    world: World,
    arrived: Vec<u8>,
    over: bool,
}

impl Yours {
    fn new() -> Yours {
        Yours {
            echo: Echo::new(),
            world: World::new(),
            arrived: Vec::new(),
            over: false,
        }
    }

    fn outcome(&self, went: &io::Result<Progress>) -> String {
        let world = &self.world;
        match went {
            Ok(Progress::Waits) => "Waits".to_owned(),
            Ok(Progress::Done) if !world.unread.is_empty() => {
                format!("Done, with {} bytes unread", world.unread.len())
            }
            Ok(Progress::Done) if world.sent.len() < self.arrived.len() => {
                format!(
                    "Done, with {} bytes not sent",
                    self.arrived.len() - world.sent.len()
                )
            }
            Ok(Progress::Done) if !world.ended => "Done, before the end".to_owned(),
            Ok(Progress::Done) => "Done".to_owned(),
            Err(error) => format!("Err({:?})", error.kind()),
        }
    }
}

impl Machine for Yours {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Seen> {
        if self.over || self.world.ended && operation.arrives > 0 {
            return None;
        }
        for _ in 0..operation.arrives {
            let byte = self.arrived.len() as u8;
            self.arrived.push(byte);
            self.world.unread.push(byte);
        }
        self.world.ended |= operation.ends;
        self.world.broken |= operation.breaks;
        self.world.room += operation.room;
        self.world.interrupts += usize::from(operation.interrupts);
        self.world.calls = 0;
        let went = self.echo.on_event(&mut self.world, operation.says);
        self.over = !matches!(went, Ok(Progress::Waits));
        let sent = &self.world.sent;
        let received = match self.arrived.starts_with(sent) {
            true => format!("has received {} bytes", sent.len()),
            false => "has received other bytes than it sent".to_owned(),
        };
        Some(Seen::of(self.outcome(&went)).fact("peer", received))
    }

    fn end(self) -> Seen {
        Seen::of("dropped")
    }
}

/// The contract: every byte that arrived goes back as far as there is room, and the echo is done when all of them have.
#[derive(Default)]
struct Contract {
    arrived: usize,
    room: usize,
    sent: usize,
    ended: bool,
    over: bool,
}

impl Machine for Contract {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Seen> {
        if self.over || self.ended && operation.arrives > 0 {
            return None;
        }
        self.arrived += operation.arrives;
        self.room += operation.room;
        self.ended |= operation.ends;
        if !operation.breaks {
            let count = self.room.min(self.arrived - self.sent);
            self.sent += count;
            self.room -= count;
        }
        let done = self.ended && self.sent == self.arrived;
        self.over = done || operation.breaks;
        let outcome = match operation.breaks {
            true => "Err(ConnectionReset)",
            false if done => "Done",
            false => "Waits",
        };
        Some(Seen::of(outcome).fact("peer", format!("has received {} bytes", self.sent)))
    }

    fn end(self) -> Seen {
        Seen::of("dropped")
    }
}

const SEED: u64 = 0x0506;

const KNOWN: &[Known<Move>] = &[
    Known {
        mistake: "eof-behind-short-read",
        sentence: "Every byte came back, the end could be read, and the echo waits for an event. There is none: the kernel reported the \
                   end before.",
        shows: |difference| {
            let same =
                difference.your_step().about("peer") == difference.expected_step().about("peer");
            same && difference.your_step().outcome() == "Waits"
                && difference.expected_step().outcome() == "Done"
        },
    },
    Known {
        mistake: "stopped-before-wouldblock",
        sentence: "Bytes could be read and sent, and the echo waits for an event. The kernel reported them before, and does not report them again.",
        shows: |difference| {
            let same =
                difference.your_step().about("peer") == difference.expected_step().about("peer");
            !same && difference.your_step().outcome() == "Waits"
        },
    },
    Known {
        mistake: "closed-over-unread",
        sentence: "The echo returned `Done`, and bytes that the peer sent are still in the socket.",
        shows: |difference| difference.your_step().outcome().ends_with("unread"),
    },
    Known {
        mistake: "closed-before-flush",
        sentence: "The echo returned `Done`, and bytes that it had read were not sent.",
        shows: |difference| difference.your_step().outcome().ends_with("not sent"),
    },
    Known {
        mistake: "wouldblock-taken-for-the-end",
        sentence: NOT_THE_END,
        shows: |difference| difference.your_step().outcome() == "Done, before the end",
    },
];

#[test]
fn every_short_run_of_events_sends_back_what_it_can() {
    Search::of(&MOVES)
        .up_to(3)
        .and_random(200, 12, SEED)
        .naming(KNOWN)
        .compare(&run!(), Yours::new, Contract::default);
}

/// A socket from which 3 bytes can be read, and that accepts none.
struct AcceptsNothing {
    unread: usize,
    writes: usize,
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

#[test]
fn a_write_of_0_bytes_is_the_error_writezero() {
    let run = run!();
    let mut echo = Echo::new();
    let mut socket = AcceptsNothing {
        unread: 3,
        writes: 0,
    };
    run.recorder().says("kernel", "reports: readable");
    let went = panics::expected(|| echo.on_event(&mut socket, READABLE));
    let seen = format!(
        "writes 3 bytes {} times → 0    expected: one write, and WriteZero",
        socket.writes
    );
    run.recorder().says("echo", seen);
    match went {
        Ok(Err(error)) if error.kind() == ErrorKind::WriteZero => {}
        Ok(_) => run.departs(
            "A write returned 0 bytes, and `on_event` did not return the error `WriteZero`.",
        ),
        Err(_) => run.diagnose(
            "zero-write-spins",
            "A write returned 0 bytes, and the echo wrote again in a loop without end.",
        ),
    }
}
