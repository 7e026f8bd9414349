//! 15.5 accept-loop: a listener that one error ends.

#[path = "accept_loop/machine.rs"]
mod machine;
#[path = "accept_loop/server.rs"]
mod server;

use std::io::ErrorKind;

use super::subject::{Next, on_event};
use machine::{Accepting, MOVES, Queue, expected};
use probe::runs::Search;
use probe::{run, snapshot};
use probe_io::marked;
use server::{Event, Kernel, Server};

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
        if clients.is_empty() {
            run.diagnose(
                "client-thrown-away",
                format!(
                    "`accept` returned ann, then {error:?}, and `clients` is empty. Clients that were accepted before an error stay in `clients`."
                ),
            );
        }
        if clients != ["ann"] {
            run.departs(format!(
                "`accept` returned ann, then {error:?}. `clients` holds {clients:?}. Expected: ann."
            ));
        }
        match result {
            Err(got) if marked::mark(&got).is_some() => {}
            Err(got) if got.kind() == error => run.diagnose(
                "error-rebuilt",
                format!(
                    "`accept` failed with {error:?}, and `on_event` returned an error of the same kind that is not the listener's: your code made a \
                     new one. What the listener's error holds beside its kind is lost: the operating system's code, or the message.",
                ),
            ),
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
            (server.run.recorder()).says(
                "kernel",
                format!("has {waiting} in its queue    expected: none"),
            );
            let then = match server.next {
                Next::Event => {
                    "waits for an event. The kernel has reported the others already.".to_owned()
                }
                Next::EventOrAfter(pause) => format!(
                    "asks to be called again after {pause:?}. While clients wait, the next attempt follows at once."
                ),
            };
            server.run.diagnose(
                "stopped-before-wouldblock",
                format!(
                    "One event stood for {} clients and {errors} clients that are gone. `on_event` accepted {accepted}, and {then}",
                    clients + 1
                ),
            );
        }
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
