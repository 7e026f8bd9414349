//! A kernel whose errors and clients a test scripts, and the server that accepts.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};

use super::super::subject::{Door, Next, on_event};
use probe::{Recorder, Run};
use probe_io::marked;

/// The errors for no descriptors, in this process and in the system.
pub(super) const EMFILE: i32 = 24;
pub(super) const ENFILE: i32 = 23;

/// A listener with its queue in the kernel. The kernel reports a client that arrives, and not one that waits already.
pub(super) struct Kernel {
    pub(super) run: Run,
    pub(super) recorder: Recorder,
    /// The clients that wait, and the errors of attempts.
    pub(super) queue: VecDeque<Event>,
    /// The clients that were accepted.
    handed_over: Vec<&'static str>,
    /// How many descriptors are left.
    pub(super) free: usize,
    pub(super) attempts: usize,
    /// More attempts than one call needs.
    enough: usize,
    /// Whether the last attempt returned `WouldBlock`. Then the kernel reports the next client.
    drained: bool,
    /// The error of one client, if that is what the last attempt returned.
    of_one_client: Option<ErrorKind>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Event {
    Client(&'static str),
    Error(ErrorKind),
    /// The whole system has no descriptors during one call of `on_event`.
    NoneInTheSystem,
}

impl Kernel {
    pub(super) fn new(run: &Run) -> Kernel {
        Kernel {
            run: run.clone(),
            recorder: run.recorder().clone(),
            queue: VecDeque::new(),
            handed_over: Vec::new(),
            free: 1_000,
            attempts: 0,
            enough: 1_000,
            drained: false,
            of_one_client: None,
        }
    }
}

impl Door for Kernel {
    type Client = &'static str;

    fn accept(&mut self) -> io::Result<&'static str> {
        self.attempts += 1;
        if self.attempts > self.enough {
            self.run.diagnose(
                "spins-without-descriptors",
                "`accept` was called more than 1,000 times in one call of `on_event`, and there was no descriptor for the client that waits. No \
                 connection of this thread can be closed meanwhile, so none becomes free.",
            );
        }
        let result = match self.queue.front().copied() {
            None => Err(ErrorKind::WouldBlock.into()),
            Some(Event::Client(_)) if self.free == 0 => Err(io::Error::from_raw_os_error(EMFILE)),
            // It lasts until the next call of `on_event`.
            Some(Event::NoneInTheSystem) => Err(io::Error::from_raw_os_error(ENFILE)),
            Some(event) => {
                self.queue.pop_front();
                match event {
                    Event::Client(name) => {
                        self.free -= 1;
                        self.handed_over.push(name);
                        Ok(name)
                    }
                    Event::Error(kind) => Err(marked::error(kind, 1)),
                    Event::NoneInTheSystem => unreachable!("it stays in the queue"),
                }
            }
        };
        self.of_one_client = match &result {
            Err(error)
                if error.raw_os_error().is_none() && error.kind() != ErrorKind::WouldBlock =>
            {
                Some(error.kind())
            }
            _ => None,
        };
        self.drained = matches!(&result, Err(error) if error.kind() == ErrorKind::WouldBlock);
        if self.attempts <= 20 {
            let text = match &result {
                Ok(name) => format!("accept → {name}"),
                Err(error) if error.raw_os_error() == Some(EMFILE) => {
                    "accept → no descriptors in this process".to_owned()
                }
                Err(error) if error.raw_os_error() == Some(ENFILE) => {
                    "accept → no descriptors in the system".to_owned()
                }
                Err(error) => format!("accept → {:?}", error.kind()),
            };
            self.recorder.says("kernel", text);
        }
        result
    }
}

/// A loop around the listener.
pub(super) struct Server {
    pub(super) run: Run,
    pub(super) kernel: Kernel,
    pub(super) clients: Vec<&'static str>,
    pub(super) next: Next,
}

impl Server {
    pub(super) fn new(run: Run) -> Server {
        Server {
            kernel: Kernel::new(&run),
            run,
            clients: Vec::new(),
            next: Next::Event,
        }
    }

    /// These clients arrive, and the kernel reports it.
    #[track_caller]
    pub(super) fn come(&mut self, events: &[Event]) {
        self.kernel.queue.extend(events);
        self.run
            .recorder()
            .says("kernel", "reports: a client waits");
        self.try_once();
    }

    #[track_caller]
    pub(super) fn try_once(&mut self) {
        self.kernel.attempts = 0;
        self.kernel.enough = 1_000 + self.kernel.queue.len();
        let before = self.clients.len();
        // The kernel counts attempts, so this is about waiting inside of the call.
        let (mistake, sentence) = match self.kernel.free {
            0 | 1 => (
                Some("blocked-in-poll"),
                "There was no descriptor for the client that waits, and `on_event` waits for one inside of the call. No connection of this thread can \
                 be closed meanwhile.",
            ),
            _ => (None, "`on_event` waits inside of the call."),
        };
        let Server {
            run,
            kernel,
            clients,
            ..
        } = self;
        let went = run.risk(mistake, sentence, || on_event(kernel, clients));
        match went {
            Ok(next) => {
                self.next = next;
                if self.clients.len() > before {
                    let taken = self.clients[before..].join(", ");
                    (self.run.recorder()).says("server", format!("has accepted {taken}"));
                }
                self.run.recorder().says(
                    "server",
                    match next {
                        Next::Event => "waits for an event".to_owned(),
                        Next::EventOrAfter(_) => "waits for an event, or for a pause".to_owned(),
                    },
                );
                if next == Next::Event && !self.kernel.drained && self.kernel.queue.is_empty() {
                    self.run.diagnose(
                        "stopped-before-wouldblock",
                        "`on_event` returned before an attempt returned `WouldBlock`, and the server waits for an event.",
                    );
                }
            }
            Err(error) => {
                (self.run.recorder()).says("server", format!("ends with {:?}", error.kind()));
                self.run.diagnose(
                    "one-error-ends-the-listener",
                    "One attempt to accept failed, and `on_event` returned the error: the server accepts no client any more. The error concerns one \
                     client, or passes.",
                );
            }
        }
    }

    /// These clients were accepted, in this order.
    #[track_caller]
    pub(super) fn has(&self, right: &[&str]) {
        if self.clients == right {
            return;
        }
        if self.clients.len() < self.kernel.handed_over.len() {
            self.run.diagnose(
                "client-thrown-away",
                format!(
                    "`accept` returned {}, and `clients` holds {}. Clients that were accepted before an error stay in `clients`.",
                    self.kernel.handed_over.join(", "),
                    if self.clients.is_empty() {
                        "no client".to_owned()
                    } else {
                        self.clients.join(", ")
                    }
                ),
            );
        }
        if self.clients.len() < right.len() && self.next != Next::Event {
            if let Some(error) = self.kernel.of_one_client {
                self.run.diagnose(
                    "pauses-after-any-error",
                    format!(
                        "`accept` returned {error:?}, and the server pauses, although a client waits that it could accept. The error concerned one \
                         client that is gone, and descriptors are left."
                    ),
                );
            }
            self.run.departs(
                "The server pauses, and a client waits that it could accept: descriptors are left.",
            );
        }
        if self.clients.len() < right.len() && !self.kernel.queue.is_empty() {
            self.run.diagnose(
                "stopped-before-wouldblock",
                "A client waits in the kernel's queue, and the server waits for an event. The kernel reported the client already: an event does not say \
                 how many clients wait.",
            );
        }
        self.run.departs(format!(
            "Expected: the server has accepted {}.",
            right.join(", ")
        ));
    }
}

impl Server {
    /// As `come`, with one line of the run for all that the server does.
    #[track_caller]
    pub(super) fn come_quietly(&mut self, events: &[Event], how_many: usize) {
        self.kernel.queue.extend(events);
        self.kernel.enough = 1_000 + events.len();
        self.kernel.free = usize::MAX;
        (self.run.recorder()).says("kernel", format!("reports: {how_many} clients wait"));
        self.kernel.recorder = Recorder::new();
        match on_event(&mut self.kernel, &mut self.clients) {
            Ok(next) => self.next = next,
            Err(error) => {
                (self.run.recorder()).says("server", format!("ends with {:?}", error.kind()));
                self.run.diagnose(
                    "one-error-ends-the-listener",
                    "One attempt to accept failed, and `on_event` returned the error: the server accepts no client any more.",
                );
            }
        }
    }
}
