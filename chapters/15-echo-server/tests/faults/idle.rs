//! Clients with which nothing happens.

use crate::faults::client::{connect, echoes, rest};
use crate::faults::server::Server;

/// A clock that ticks five times a second: each tick is an idle connection's end.
struct Clock(Server);

impl Clock {
    fn start() -> Clock {
        Clock(Server::start(&["--workers", "1", "--idle-timeout", "0.2"]))
    }

    fn tick(&self) {
        let _ = rest(&connect(self.0.address));
    }
}

/// Caught: an idle time-out that is not counted; a connection that is not closed by it.
#[test]
fn an_idle_connection_is_closed_and_counted() {
    let server = Server::start(&["--workers", "1", "--idle-timeout", "0.1"]);
    let silent = connect(server.address);
    let spoke = connect(server.address);
    echoes(&spoke, b"something, and then nothing");
    for client in [&silent, &spoke] {
        let (bytes, _) = rest(client);
        assert!(bytes.is_empty());
    }
    #[cfg(unix)]
    {
        let served = server.finish();
        assert_eq!((served.connections, served.timed_out), (2, 2));
    }
}

/// Caught: a time-out that counts from the start.
#[test]
fn a_connection_that_is_slow_but_active_is_kept() {
    let server = Server::start(&["--workers", "1", "--idle-timeout", "1.5"]);
    let clock = Clock::start();
    let client = connect(server.address);
    for _ in 0..10 {
        clock.tick();
        echoes(&client, b".");
    }
    #[cfg(unix)]
    assert_eq!(server.finish().timed_out, 0);
}

/// Caught: a connection without a time-out.
#[test]
fn a_client_that_never_reads_is_closed_in_the_end() {
    use std::io::Write;
    let server = Server::start(&["--workers", "1", "--idle-timeout", "0.3"]);
    let mut client = crate::faults::client::connect_with_room(server.address, 4 << 10);
    let piece = [7; 64 << 10];
    while client.write_all(&piece).is_ok() {}
    #[cfg(unix)]
    assert_eq!(server.finish().timed_out, 1);
}

/// Workers that have nothing to do do nothing, whether others may come or have to wait.
///
/// Caught: a worker that looks for clients without being told that there are any.
#[cfg(target_os = "linux")]
#[test]
fn idle_workers_do_not_spin() {
    let clock = Clock::start();
    for (most, open) in [("20", 20), ("1000", 40)] {
        let server = Server::start(&["--workers", "3", "--max-connections", most]);
        let clients: Vec<_> = (0..40).map(|_| connect(server.address)).collect();
        server.until(|served| served.open == Some(open));
        let before = crate::faults::process::cpu(server.id());
        for _ in 0..4 {
            clock.tick();
        }
        let used = crate::faults::process::cpu(server.id()) - before;
        assert!(used <= 5, "{used} hundredths of a second in most of one");
        drop(clients);
    }
}
