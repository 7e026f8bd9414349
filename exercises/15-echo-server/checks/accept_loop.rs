//! 15.5 accept-loop: a listener that one error ends.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, ErrorKind};

use super::subject::{Door, Next, on_event};
use probe::runs::{Machine, Operation, Search, Step};
use probe::{Recorder, Run, run, snapshot};

/// The errors for no descriptors, in this process and in the system.
const EMFILE: i32 = 24;
const ENFILE: i32 = 23;

/// A listener with its queue in the kernel. The kernel reports a client that arrives, and not one that waits already.
struct Kernel {
    run: Run,
    recorder: Recorder,
    /// The clients that wait, and the errors of attempts.
    queue: VecDeque<Event>,
    /// The clients that were accepted.
    handed_over: Vec<&'static str>,
    /// How many descriptors are left.
    free: usize,
    attempts: usize,
    /// More attempts than one call needs.
    enough: usize,
    /// Whether the last attempt returned `WouldBlock`. Then the kernel reports the next client.
    drained: bool,
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Client(&'static str),
    Error(ErrorKind),
    /// The whole system has no descriptors during one call of `on_event`.
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
            enough: 1_000,
            drained: false,
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
                    Event::Error(kind) => Err(kind.into()),
                    Event::NoneInTheSystem => unreachable!("it stays in the queue"),
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

    /// These clients arrive, and the kernel reports it.
    #[track_caller]
    fn come(&mut self, events: &[Event]) {
        self.kernel.queue.extend(events);
        self.run
            .recorder()
            .says("kernel", "reports: a client waits");
        self.try_once();
    }

    #[track_caller]
    fn try_once(&mut self) {
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
    fn has(&self, right: &[&str]) {
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
            self.run.departs(
                "The server pauses, and a client waits that it could accept. The error before it concerned one client, and descriptors are left.",
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

#[test]
fn every_client_that_waits_is_accepted() {
    let mut server = Server::new(run!("three_clients"));
    server.come(&[Event::Client("ann"), Event::Client("bob")]);
    server.has(&["ann", "bob"]);
    server.come(&[Event::Client("cid")]);
    server.has(&["ann", "bob", "cid"]);
    snapshot!(server.run);
}

#[test]
fn after_a_client_that_is_gone_the_next_is_accepted() {
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
fn after_an_error_of_one_client_the_next_is_accepted() {
    for error in [
        ErrorKind::Interrupted,
        ErrorKind::ConnectionReset,
        ErrorKind::TimedOut,
        ErrorKind::PermissionDenied,
        ErrorKind::ConnectionRefused,
        ErrorKind::HostUnreachable,
        ErrorKind::NetworkUnreachable,
        ErrorKind::NetworkDown,
        ErrorKind::AddrNotAvailable,
        ErrorKind::Unsupported,
        ErrorKind::UnexpectedEof,
        ErrorKind::Other,
    ] {
        let mut server = Server::new(run!());
        server.come(&[Event::Error(error), Event::Client("ann")]);
        server.has(&["ann"]);
    }
}

#[test]
fn without_descriptors_the_server_pauses_and_tries_again() {
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
            .says("kernel", "reports nothing: it has reported bob");
        server.run.diagnose(
            "stranded",
            "There was no descriptor for bob, and the server waits for an event only. The kernel has reported bob already. When a descriptor is \
             free, the server does not try again, and bob waits until another client arrives.",
        );
    }
    server
        .run
        .recorder()
        .says("ann", "closes: a descriptor is free");
    server.kernel.free = 1;
    server.run.recorder().says("clock", "the pause ends");
    server.try_once();
    server.has(&["ann", "bob"]);
    if server.next != Next::Event {
        server
            .run
            .departs("Every client is accepted, and the server still asks for a pause. Expected: Next::Event.");
    }
    snapshot!(server.run);
}

#[test]
fn without_descriptors_in_the_system_the_server_pauses_too() {
    let mut server = Server::new(run!());
    server.come(&[
        Event::Client("ann"),
        Event::NoneInTheSystem,
        Event::Client("bob"),
    ]);
    if server.next == Next::Event && !server.kernel.queue.is_empty() {
        server.run.diagnose(
            "stranded",
            "The system had no descriptors, and the server waits for an event only. The kernel has reported bob already, and bob waits.",
        );
    }
    if !server.kernel.queue.is_empty() {
        server.kernel.queue.pop_front();
        server.try_once();
    }
    server.has(&["ann", "bob"]);
}

#[test]
fn the_pause_is_between_1_ms_and_1_minute() {
    let mut server = Server::new(run!());
    server.kernel.free = 0;
    server.come(&[Event::Client("ann")]);
    match server.next {
        Next::Event => server.run.diagnose(
            "stranded",
            "There was no descriptor for ann, and the server waits for an event only. The kernel has reported her already.",
        ),
        Next::EventOrAfter(pause) if pause.as_millis() < 1 => server.run.diagnose(
            "spins-without-descriptors",
            "The pause is shorter than 1 ms. Until a descriptor is free, the server does little else than try.",
        ),
        Next::EventOrAfter(pause) if pause.as_secs() > 60 => server
            .run
            .departs("The pause is longer than a minute, and ann waits."),
        Next::EventOrAfter(_) => {}
    }
}

#[test]
fn an_error_of_the_listener_is_returned() {
    for error in [ErrorKind::InvalidInput, ErrorKind::NotConnected] {
        let run = run!();
        let mut kernel = Kernel::new(&run);
        kernel
            .queue
            .extend([Event::Client("ann"), Event::Error(error)]);
        let mut clients = Vec::new();
        let result = on_event(&mut kernel, &mut clients);
        if clients != ["ann"] {
            run.departs(format!(
                "`accept` returned ann, then {error:?}. `clients` holds {clients:?}. Expected: ann."
            ));
        }
        match result {
            Err(got) if got.kind() == error => {}
            _ => run.diagnose(
                "error-swallowed",
                format!("`accept` failed with {error:?}: the socket does not listen any more. `on_event` did not return that error."),
            ),
        }
    }
}

#[test]
fn one_event_may_stand_for_three_hundred_clients() {
    for (clients, errors) in [(300, 0), (300, 1), (70_000, 0), (3, 70_000)] {
        let mut server = Server::new(run!());
        let mut arrive = vec![Event::Client("a client"); clients];
        arrive.extend(vec![Event::Error(ErrorKind::ConnectionAborted); errors]);
        arrive.push(Event::Client("the last"));
        server.come_quietly(&arrive, clients + errors + 1);
        let accepted = server.clients.len();
        if accepted <= clients {
            (server.run.recorder()).says("server", format!("has accepted {accepted} clients"));
            let waiting = server.kernel.queue.len();
            (server.run.recorder()).says("kernel", format!("has {waiting} in its queue"));
            server.run.diagnose(
                "stopped-before-wouldblock",
                format!(
                    "One event stood for {} clients and {errors} clients that are gone. `on_event` accepted {accepted}, and waits for an event. The \
                     kernel has reported the others already.",
                    clients + 1
                ),
            );
        }
    }
}

impl Server {
    /// As `come`, with one line of the run for all that the server does.
    #[track_caller]
    fn come_quietly(&mut self, events: &[Event], how_many: usize) {
        self.kernel.queue.extend(events);
        self.kernel.enough = 1_000 + events.len();
        self.kernel.free = usize::MAX;
        (self.run.recorder()).says("kernel", format!("reports: {how_many} clients wait"));
        self.kernel.recorder = Recorder::new();
        if let Err(error) = on_event(&mut self.kernel, &mut self.clients) {
            (self.run.recorder()).says("server", format!("ends with {:?}", error.kind()));
            self.run.diagnose(
                "one-error-ends-the-listener",
                "One attempt to accept failed, and `on_event` returned the error: the server accepts no client any more.",
            );
        }
    }
}

/// What arrives in the kernel's queue, and the event that reports it.
#[derive(Debug, Clone, Copy)]
enum Move {
    Client,
    Gone(ErrorKind),
    NoDescriptors(i32),
    Broken(ErrorKind),
    Event,
}

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Event => "server".into(),
            _ => "kernel".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Client => "queues a client".into(),
            Move::Gone(kind) | Move::Broken(kind) => format!("will return {kind:?}").into(),
            Move::NoDescriptors(code) => format!("will return the error {code}").into(),
            Move::Event => "on_event".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Client => "a client arrived".into(),
            Move::Gone(kind) | Move::Broken(kind) => {
                format!("`accept` failed with {kind:?}").into()
            }
            Move::NoDescriptors(_) => "no descriptor was left".into(),
            Move::Event => "the kernel reported an event".into(),
        }
    }
}

const MOVES: [Move; 8] = [
    Move::Client,
    Move::Event,
    Move::Gone(ErrorKind::ConnectionAborted),
    Move::Gone(ErrorKind::PermissionDenied),
    Move::NoDescriptors(EMFILE),
    Move::NoDescriptors(ENFILE),
    Move::Broken(ErrorKind::InvalidInput),
    Move::Broken(ErrorKind::NotConnected),
];

/// The kernel's queue, in which each error happens once.
#[derive(Default)]
struct Queue {
    moves: VecDeque<Move>,
    arrived: usize,
    attempts: usize,
}

impl Door for Queue {
    type Client = usize;

    fn accept(&mut self) -> io::Result<usize> {
        self.attempts += 1;
        assert!(self.attempts < 1_000, "`accept` is called without end");
        match self.moves.pop_front() {
            None | Some(Move::Event) => Err(ErrorKind::WouldBlock.into()),
            Some(Move::Client) => {
                self.arrived += 1;
                Ok(self.arrived)
            }
            Some(Move::Gone(kind) | Move::Broken(kind)) => Err(kind.into()),
            Some(Move::NoDescriptors(code)) => Err(io::Error::from_raw_os_error(code)),
        }
    }
}

/// A queue, and the clients that one of the two implementations has accepted.
struct Accepting {
    queue: Queue,
    clients: Vec<usize>,
    on_event: fn(&mut Queue, &mut Vec<usize>) -> io::Result<Next>,
}

/// The contract, in the words of the kernel's queue.
fn expected(queue: &mut Queue, clients: &mut Vec<usize>) -> io::Result<Next> {
    while let Some(next) = queue.moves.pop_front() {
        match next {
            Move::Client => {
                queue.arrived += 1;
                clients.push(queue.arrived);
            }
            Move::NoDescriptors(_) => return Ok(Next::EventOrAfter(super::subject::PAUSE)),
            Move::Broken(kind) => return Err(kind.into()),
            Move::Gone(_) | Move::Event => {}
        }
    }
    Ok(Next::Event)
}

impl Accepting {
    fn event(&mut self) -> Step {
        self.queue.attempts = 0;
        let outcome = match (self.on_event)(&mut self.queue, &mut self.clients) {
            Ok(Next::Event) => "waits for an event".to_owned(),
            Ok(Next::EventOrAfter(_)) => "waits for an event, or for a pause".to_owned(),
            Err(error) => format!("ends with {:?}", error.kind()),
        };
        Step::of(outcome)
            .fact("server", format!("has accepted {:?}", self.clients))
            .fact(
                "kernel",
                format!("has {} in its queue", self.queue.moves.len()),
            )
    }
}

impl Machine for Accepting {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Step> {
        match operation {
            Move::Event => Some(self.event()),
            queued => {
                self.queue.moves.push_back(*queued);
                Some(Step::of(""))
            }
        }
    }

    fn end(mut self) -> Step {
        self.event()
    }
}

#[test]
fn every_short_queue_is_accepted_as_the_contract_says() {
    let accepting = |on_event| Accepting {
        queue: Queue::default(),
        clients: Vec::new(),
        on_event,
    };
    Search::of(&MOVES)
        .up_to(4)
        .and_random(200, 30, 0x155)
        .compare(
            &run!(),
            || accepting(on_event::<Queue>),
            || accepting(expected),
        );
}
