//! More clients than there is room for.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::channel;
use std::thread;

use crate::faults::client::{bytes, connect, echoes, ends, expects};
use crate::faults::process::{cpu, descriptors, resident};
use crate::faults::server::{LIMIT, Server, until};

/// A connection that waits owns no buffer, which would be 64 KiB.
///
/// Caught: a buffer for each connection.
#[test]
fn ten_thousand_connections_are_open_at_once() {
    const MANY: usize = 10_000;
    let needed = MANY as u64 + 2_000;
    let allowed = rlimit::increase_nofile_limit(needed).unwrap_or(0);
    if allowed < needed {
        eprintln!("skipped: {needed} descriptors are needed, and {allowed} allowed");
        return;
    }
    let server = Server::start(&["--workers", "2"]);
    let before = resident(server.id());
    let clients: Vec<TcpStream> = (0..MANY).map(|_| connect(server.address)).collect();
    for (number, mut client) in clients.iter().enumerate() {
        client.write_all(&bytes(number as u64, 50)).unwrap();
    }
    for (number, client) in clients.iter().enumerate() {
        expects(client, &bytes(number as u64, 50));
    }
    assert_eq!(server.tells().open, Some(MANY as u64));
    let each = (resident(server.id()) - before) / MANY;
    assert!(each < 4_096, "{each} bytes each");
    drop(clients);
    let served = server.until(|served| served.open == Some(0));
    assert_eq!((served.bytes_in, served.bytes_out), (500_000, 500_000));
    assert_eq!(server.finish().reset, 0);
}

/// Caught: an accept loop that gives up; one that tells it each time; one that never retries.
#[test]
fn a_server_without_descriptors_says_so_once_serves_on_and_accepts_again() {
    for workers in ["1", "2"] {
        let server = Server::with_descriptors(40, &["--workers", workers]);
        let mut clients: Vec<TcpStream> = (0..60).map(|_| connect(server.address)).collect();
        for (number, mut client) in clients.iter().enumerate() {
            client.write_all(&bytes(number as u64, 50)).unwrap();
        }
        server.complains("descriptors");
        // One after the other leaves, and each of the others is served.
        let (sender, served) = channel();
        thread::scope(|scope| {
            for (number, client) in clients.drain(..).enumerate() {
                let sender = sender.clone();
                scope.spawn(move || {
                    expects(&client, &bytes(number as u64, 50));
                    sender.send(client).unwrap();
                });
            }
            for _ in 0..60 {
                let client = served.recv_timeout(LIMIT).expect("one is served");
                echoes(&client, b"and again");
            }
        });
        let served = server.finish_with(|errors| assert_eq!(errors, [""; 0], "once was enough"));
        assert_eq!((served.connections, served.reset), (60, 0));
    }
}

/// Caught: `eprintln!`, which panics where standard error is a closed pipe.
#[test]
fn a_server_without_descriptors_serves_on_when_standard_error_is_a_closed_pipe() {
    for workers in ["1", "2"] {
        let arguments = ["--workers", workers, "--crash-connection-on", "88"];
        let server = Server::with_standard_error_closed(40, &arguments);
        let clients: Vec<TcpStream> = (0..60).map(|_| connect(server.address)).collect();
        for mut client in &clients {
            client.write_all(b"hello").unwrap();
        }
        let mut waiting = clients;
        while !waiting.is_empty() {
            echoes(&one_of(&mut waiting), b"served");
        }
        let mut crashes = connect(server.address);
        crashes.write_all(b"X").unwrap();
        ends_somehow(&crashes);
        let served = server.finish();
        assert_eq!((served.connections, served.reset), (61, 1));
    }
}

/// Caught: `println!`, which panics where standard output is a closed pipe.
#[test]
fn a_server_whose_standard_output_is_a_closed_pipe_serves_and_ends_with_status_0() {
    use std::io::Read;
    use std::process::{Command, Stdio};

    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = port.local_addr().unwrap();
    drop(port); // The kernel gives a port that was just free to no other test: it goes on to the next.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut child = Command::new(crate::faults::server::PROGRAM)
        .args(["--listen", &address.to_string(), "--workers", "1"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until(|| TcpStream::connect(address).is_ok());
    echoes(&connect(address), b"served");
    let id = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    for signal in [rustix::process::Signal::USR1, rustix::process::Signal::TERM] {
        rustix::process::kill_process(id, signal).unwrap();
    }
    let status = child.wait().unwrap();
    let mut errors = String::new();
    child.stderr.unwrap().read_to_string(&mut errors).unwrap();
    assert_eq!((status.code(), &*errors), (Some(0), ""));
}

/// Caught: workers that look for what they need when clients have come already, and taken it.
#[test]
fn a_server_that_lacks_descriptors_to_begin_with_says_so_and_exits_with_status_2() {
    let script = "ulimit -n 14; exec \"$0\" --listen 127.0.0.1:0 --workers 4";
    let output = std::process::Command::new("sh")
        .args(["-c", script, crate::faults::server::PROGRAM])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "it does not say that it listens");
    assert_eq!(
        output.stderr.iter().filter(|byte| **byte == b'\n').count(),
        1
    );
}

/// While the server can do nothing about it, it does nothing.
///
/// Caught: an accept loop that tries again at once.
#[test]
fn a_server_without_descriptors_does_not_spin() {
    let server = Server::with_descriptors(40, &["--workers", "2"]);
    let clients: Vec<TcpStream> = (0..60).map(|_| connect(server.address)).collect();
    server.complains("descriptors");
    let clock = Server::start(&["--workers", "1", "--idle-timeout", "0.2"]);
    let before = cpu(server.id());
    for _ in 0..5 {
        ends_somehow(&connect(clock.address));
    }
    let used = cpu(server.id()) - before;
    assert!(used <= 10, "{used} hundredths of a second in one second");
    drop(clients);
}

/// Caught: a permit that a worker keeps while it waits for a client; one that is not given back.
#[test]
fn at_the_limit_the_next_client_waits_whichever_workers_it_is() {
    let server = Server::start(&["--workers", "2", "--max-connections", "1"]);
    let mut waiting: Vec<TcpStream> = (0..30).map(|_| connect(server.address)).collect();
    for mut client in &waiting {
        client.write_all(b"hello").unwrap();
    }
    while !waiting.is_empty() {
        let served = one_of(&mut waiting);
        echoes(&served, b"served");
        assert_eq!(server.tells().open, Some(1));
        for client in &waiting {
            assert_eq!(has_something(client), None, "nobody else is served");
        }
    }
    assert_eq!(server.finish().connections, 30);
}

/// The clients that receive an answer first.
#[track_caller]
fn one_of(clients: &mut Vec<TcpStream>) -> TcpStream {
    let mut first = None;
    until(|| {
        first = clients
            .iter()
            .position(|client| has_something(client) == Some(5));
        first.is_some()
    });
    let client = clients.swap_remove(first.expect("somebody"));
    expects(&client, b"hello");
    client
}

fn has_something(client: &TcpStream) -> Option<usize> {
    client.set_nonblocking(true).unwrap();
    let peeked = client.peek(&mut [0; 64]);
    client.set_nonblocking(false).unwrap();
    match peeked {
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        other => Some(other.expect("the connection is whole")),
    }
}

fn ends_somehow(mut client: &TcpStream) {
    let _ = client.read(&mut [0]);
}

/// Descriptors and memory after a number of connections, and after as many again.
fn stays_flat(connections: usize, requests: usize) {
    let server = Server::start(&["--workers", "2"]);
    let load = || {
        for number in 0..connections {
            let client = connect(server.address);
            if number % 10 == 0 {
                echoes(&client, b"hello");
            }
            // Without this the kernel would keep the client's port for a minute.
            crate::faults::client::reset(client);
        }
        let clients = [(); 8].map(|()| connect(server.address));
        let piece = bytes(1, 64);
        for _ in 0..requests / 64 {
            for mut client in &clients {
                for _ in 0..8 {
                    client.write_all(&piece).unwrap();
                }
            }
            for client in &clients {
                expects(client, &piece.repeat(8));
            }
        }
        drop(clients);
        server.until(|served| served.open == Some(0));
        (descriptors(server.id()), resident(server.id()))
    };
    let (first, second) = (load(), load());
    eprintln!("descriptors and bytes: {first:?}, and after as many again {second:?}");
    assert_eq!(first.0, second.0, "descriptors are left behind");
    assert!(
        second.1 < first.1 + (512 << 10),
        "memory grew from {} to {} bytes",
        first.1,
        second.1
    );
}

/// Caught: a token that is left in the reactor's table.
#[test]
fn connections_and_requests_leave_neither_descriptors_nor_memory_behind() {
    stays_flat(5_000, 50_000);
}

#[test]
#[ignore = "half a minute: 100,000 connections and a million requests, twice"]
fn a_hundred_thousand_connections_and_a_million_requests_leave_nothing_behind() {
    stays_flat(100_000, 1_000_000);
}

/// Caught: a listener that takes one client an event.
#[test]
fn five_hundred_clients_who_come_at_once_are_all_served() {
    let server = Server::start(&["--workers", "1"]);
    let clients: Vec<TcpStream> = (0..500).map(|_| connect(server.address)).collect();
    for client in &clients {
        echoes(client, b"hello");
        client.shutdown(std::net::Shutdown::Write).unwrap();
        ends(client);
    }
}
