//! 15.5 accept-loop: a listener that one error ends.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};

use super::subject::{Door, Next, on_event};
use probe::{Recorder, Run, run, snapshot};

/// What `accept` says of no descriptors, in this process and in the system.
const EMFILE: i32 = 24;
const ENFILE: i32 = 23;

/// A listener as the kernel keeps it: it tells of a client who comes, and of nobody who is there already.
struct Kernel {
    run: Run,
    recorder: Recorder,
    /// Who waits at the door, or what happens when one tries.
    queue: VecDeque<Event>,
    /// Who was taken from it.
    handed_over: Vec<&'static str>,
    /// How many descriptors are left.
    free: usize,
    attempts: usize,
    /// Whether the last attempt found nobody: then the next client is told of.
    drained: bool,
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Client(&'static str),
    Error(ErrorKind),
    /// The whole system has no descriptors, once.
    NoneInTheSystem,
}

impl Kernel {
    fn new(run: &Run) -> Kernel {
        Kernel {
            run: run.clone(),
            recorder: run.recorder().clone(),
            queue: VecDeque::new(),
            handed_over: Vec::new(),
            free: 1_000,
            attempts: 0,
            drained: false,
        }
    }
}

impl Door for Kernel {
    type Client = &'static str;

    fn accept(&mut self) -> io::Result<&'static str> {
        self.attempts += 1;
        if self.attempts > 1_000 {
            self.run.diagnose(
                "spins-without-descriptors",
                "It has tried a thousand times in a row, and each time there was no descriptor for the client at the door. None becomes free while it \
                 tries: whoever could give one back has no turn.",
            );
        }
        let result = match self.queue.front().copied() {
            None => Err(ErrorKind::WouldBlock.into()),
            Some(Event::Client(_)) if self.free == 0 => Err(io::Error::from_raw_os_error(EMFILE)),
            Some(event) => {
                self.queue.pop_front();
                match event {
                    Event::Client(name) => {
                        self.free -= 1;
                        self.handed_over.push(name);
                        Ok(name)
                    }
                    Event::Error(kind) => Err(kind.into()),
                    Event::NoneInTheSystem => Err(io::Error::from_raw_os_error(ENFILE)),
                }
            }
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
struct Server {
    run: Run,
    kernel: Kernel,
    clients: Vec<&'static str>,
    next: Next,
}

impl Server {
    fn new(run: Run) -> Server {
        Server {
            kernel: Kernel::new(&run),
            run,
            clients: Vec::new(),
            next: Next::Event,
        }
    }

    /// These come, and the kernel tells of it.
    #[track_caller]
    fn come(&mut self, events: &[Event]) {
        self.kernel.queue.extend(events);
        self.run
            .recorder()
            .says("kernel", "tells: somebody is there");
        self.try_once();
    }

    #[track_caller]
    fn try_once(&mut self) {
        self.kernel.attempts = 0;
        let before = self.clients.len();
        // An attempt too many is noticed at the door, so this is about waiting inside.
        let (mistake, sentence) = match self.kernel.free {
            0 | 1 => (
                Some("blocked-in-poll"),
                "There was no descriptor for the client at the door, and it waits for one inside the call. Nobody else has a turn, whoever could \
                 give one back included.",
            ),
            _ => (None, "It waits inside the call."),
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
                    (self.run.recorder()).says("server", format!("has taken {taken}"));
                }
                self.run.recorder().says(
                    "server",
                    match next {
                        Next::Event => "waits for the next client".to_owned(),
                        Next::EventOrAfter(_) => {
                            "waits for the next client, or for a while".to_owned()
                        }
                    },
                );
                if next == Next::Event && !self.kernel.drained && self.kernel.queue.is_empty() {
                    self.run.diagnose(
                        "stopped-before-wouldblock",
                        "It stopped before an attempt would have blocked, and waits for an event.",
                    );
                }
            }
            Err(error) => {
                (self.run.recorder()).says("server", format!("ends: {:?}", error.kind()));
                self.run.diagnose(
                    "one-error-ends-the-listener",
                    "An error came from one attempt to accept, and the listener is over: nobody is served any more, those who would come tomorrow \
                     included. This error says nothing of the listener.",
                );
            }
        }
    }

    /// All of these were taken, in this order.
    #[track_caller]
    fn has(&self, right: &[&str]) {
        if self.clients == right {
            return;
        }
        if self.clients.len() < self.kernel.handed_over.len() {
            self.run.diagnose(
                "client-thrown-away",
                format!(
                    "The system has handed over {}, and in `clients` there is {}. Who was taken before something went wrong is a client like the \
                     others.",
                    self.kernel.handed_over.join(", "),
                    if self.clients.is_empty() {
                        "nobody".to_owned()
                    } else {
                        self.clients.join(", ")
                    }
                ),
            );
        }
        if self.clients.len() < right.len() && !self.kernel.queue.is_empty() {
            self.run.diagnose(
                "stopped-before-wouldblock",
                "Somebody is at the door, and the server waits to be told. It was told: an event says that there is somebody, and not how many.",
            );
        }
        self.run
            .departs(format!("It should have taken {}.", right.join(", ")));
    }
}

#[test]
fn all_who_are_there_are_taken() {
    let mut server = Server::new(run!("three_clients"));
    server.come(&[Event::Client("ann"), Event::Client("bob")]);
    server.has(&["ann", "bob"]);
    server.come(&[Event::Client("cid")]);
    server.has(&["ann", "bob", "cid"]);
    snapshot!(server.run);
}

#[test]
fn a_client_who_is_gone_again_is_no_reason_to_stop() {
    let mut server = Server::new(run!("gone_again"));
    server.come(&[
        Event::Client("ann"),
        Event::Error(ErrorKind::ConnectionAborted),
        Event::Client("bob"),
    ]);
    server.has(&["ann", "bob"]);
    snapshot!(server.run);
}

#[test]
fn after_an_error_of_one_call_or_one_client_the_next_is_taken() {
    for error in [
        ErrorKind::Interrupted,
        ErrorKind::ConnectionReset,
        ErrorKind::TimedOut,
        ErrorKind::PermissionDenied,
    ] {
        let mut server = Server::new(run!());
        server.come(&[Event::Error(error), Event::Client("ann")]);
        server.has(&["ann"]);
    }
}

#[test]
fn without_descriptors_the_client_waits_and_the_server_tries_again_later() {
    let mut server = Server::new(run!("no_descriptors"));
    server.kernel.free = 1;
    server.come(&[Event::Client("ann"), Event::Client("bob")]);
    server.has(&["ann"]);
    if server.next == Next::Event {
        server
            .run
            .recorder()
            .says("ann", "closes: a descriptor is free");
        server
            .run
            .recorder()
            .says("kernel", "tells of nobody: bob was told of");
        server.run.diagnose(
            "stranded",
            "There was no descriptor for bob, and the server waits for the kernel to tell of a client. It has told of bob. A descriptor becomes free, \
             nobody tries again, and bob waits until somebody else comes, or for ever.",
        );
    }
    server
        .run
        .recorder()
        .says("ann", "closes: a descriptor is free");
    server.kernel.free = 1;
    server.run.recorder().says("clock", "the pause is over");
    server.try_once();
    server.has(&["ann", "bob"]);
    if server.next != Next::Event {
        server
            .run
            .departs("Everybody is in, and it goes on trying from time to time.");
    }
    snapshot!(server.run);
}

#[test]
fn so_it_is_when_the_whole_system_has_none() {
    let mut server = Server::new(run!());
    server.come(&[
        Event::Client("ann"),
        Event::NoneInTheSystem,
        Event::Client("bob"),
    ]);
    if server.next == Next::Event && !server.kernel.queue.is_empty() {
        server.run.diagnose(
            "stranded",
            "The system had no descriptors, and the server waits for the kernel to tell of a client. It has told of bob, who waits.",
        );
    }
    if !server.kernel.queue.is_empty() {
        server.try_once();
    }
    server.has(&["ann", "bob"]);
}

#[test]
fn it_pauses_neither_for_a_moment_nor_for_ever() {
    let mut server = Server::new(run!());
    server.kernel.free = 0;
    server.come(&[Event::Client("ann")]);
    match server.next {
        Next::Event => server.run.diagnose(
            "stranded",
            "There was no descriptor for ann, and the server waits for the kernel to tell of a client. It has told of her.",
        ),
        Next::EventOrAfter(pause) if pause.as_millis() < 1 => server.run.diagnose(
            "spins-without-descriptors",
            "It tries again with hardly a pause. Until a descriptor is free, it does nothing but try.",
        ),
        Next::EventOrAfter(pause) if pause.as_secs() > 60 => server
            .run
            .departs("It pauses for more than a minute, with ann at the door."),
        Next::EventOrAfter(_) => {}
    }
}

#[test]
fn a_listener_that_is_of_no_use_any_more_is_an_error() {
    for error in [ErrorKind::InvalidInput, ErrorKind::NotConnected] {
        let run = run!();
        let mut kernel = Kernel::new(&run);
        kernel
            .queue
            .extend([Event::Client("ann"), Event::Error(error)]);
        let mut clients = Vec::new();
        let result = on_event(&mut kernel, &mut clients);
        if clients != ["ann"] {
            run.departs("Ann was taken before the listener broke.");
        }
        match result {
            Err(got) if got.kind() == error => {}
            _ => run.diagnose(
                "error-swallowed",
                "The socket does not listen any more, and that did not come out: the server would wait at a door that is no door.",
            ),
        }
    }
}
