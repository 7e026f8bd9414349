//! Servers that are told to stop while their clients are in any state.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

use rustix::process::Signal;
use socket2::SockRef;

use crate::faults::client::connect_with_room;
use crate::faults::server::Server;
use crate::schedules::random::Random;

/// How many servers the test starts.
const SERVERS: u64 = 500;

/// What a client does before the server is told to stop.
#[derive(Debug, Clone, Copy)]
enum Client {
    Idle,
    Speaks,
    SpeaksAndEnds,
    NeverReads,
    Leaves,
    Resets,
}

const CLIENTS: [Client; 6] = [
    Client::Idle,
    Client::Speaks,
    Client::SpeaksAndEnds,
    Client::NeverReads,
    Client::Leaves,
    Client::Resets,
];

/// Prints the seed if a panic passes by.
struct SaysSeed(u64);

impl Drop for SaysSeed {
    fn drop(&mut self) {
        if thread::panicking() {
            let seed = self.0;
            eprintln!("seed {seed}: FIRST_SEED={seed} begins with this server");
        }
    }
}

/// `FIRST_SEED=17` begins with the 17th of the servers.
#[test]
#[ignore = "two minutes: 500 servers, each of which ends once"]
fn every_server_ends_whatever_its_clients_do() {
    let first = std::env::var("FIRST_SEED").map_or(1, |seed| seed.parse().expect("a number"));
    for seed in first..first + SERVERS {
        let _seed = SaysSeed(seed);
        one_ends(&mut Random::new(seed));
    }
}

fn one_ends(random: &mut Random) {
    let workers = random.one_of(&["1", "2", "3", "4"]);
    let event_loop = random.one_of(&["reference", "fast"]);
    let most = random.one_of(&["2", "100"]);
    let mut arguments = vec!["--workers", workers, "--max-connections", most];
    arguments.extend(["--drain-timeout", "0.5"]);
    if std::env::var_os("ECHO_LOOP").is_none() {
        arguments.extend(["--loop", event_loop]);
    }
    let server = Server::start(&arguments);
    let clients: Vec<_> = (0..random.below(12))
        .filter_map(|_| client(&server, random))
        .collect();
    if random.once_in(3) {
        server.signal(Signal::USR1);
    }
    for _ in 0..random.below(50) {
        thread::yield_now();
    }
    server.stop();
    let twice = random.once_in(6) && {
        for _ in 0..random.below(200) {
            thread::yield_now();
        }
        server.signals_if_it_runs(random.one_of(&[Signal::TERM, Signal::INT]));
        true
    };
    for mut client in &clients {
        let _ = client.read(&mut [0; 1_000]);
    }
    let ended = server.ended();
    let is_good = ended.code == Some(0) || twice && ended.code == Some(1);
    assert!(is_good && ended.errors.is_empty(), "{ended:?}");
    drop(clients);
}

/// A client in its state; `None` if it has left. Nothing here waits.
fn client(server: &Server, random: &mut Random) -> Option<TcpStream> {
    let mut stream = connect_with_room(server.address, 4_096);
    stream.set_nonblocking(true).unwrap();
    let bytes = vec![b'x'; 1 + random.below(100_000)];
    let client = random.one_of(&CLIENTS);
    if !matches!(client, Client::Idle) {
        let _ = stream.write(&bytes);
    }
    match client {
        Client::Idle | Client::Speaks => Some(stream),
        Client::SpeaksAndEnds => {
            let _ = stream.shutdown(Shutdown::Write);
            Some(stream)
        }
        Client::NeverReads => {
            while stream.write(&bytes).is_ok() {}
            Some(stream)
        }
        Client::Leaves => None,
        Client::Resets => {
            let _ = SockRef::from(&stream).set_linger(Some(std::time::Duration::ZERO));
            None
        }
    }
}
