//! Clients that take their time.

use std::io::Write;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

use crate::faults::client::{bytes, connect, connect_with_room, echoes, ends, expects};
use crate::faults::server::{Server, until};

/// Caught: a server that reads on while the peer takes nothing, and keeps what it has read.
#[test]
fn clients_that_never_read_cost_little_memory_and_delay_no_other_client() {
    const CLIENTS: usize = 4;
    const MUCH: usize = 48 << 20;
    let server = Server::start(&["--workers", "1"]);
    let other = connect(server.address);
    echoes(&other, b"before");
    #[cfg(target_os = "linux")]
    let before = crate::faults::process::resident(server.id());

    let never = [(); CLIENTS].map(|()| connect_with_room(server.address, 64 << 10));
    let (written, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for client in &never {
            scope.spawn(|| {
                let piece = bytes(1, 64 << 10);
                for _ in 0..MUCH / piece.len() {
                    if (&mut &*client).write_all(&piece).is_err() {
                        return; // The test has ended.
                    }
                    written.fetch_add(piece.len(), SeqCst);
                }
                done.store(true, SeqCst);
            });
        }
        // They are stuck when no byte moves while another client is served again and again.
        until(|| {
            let before = written.load(SeqCst);
            for _ in 0..2_000 {
                echoes(&other, b"and in the meantime");
            }
            written.load(SeqCst) == before || done.load(SeqCst)
        });
        #[cfg(target_os = "linux")]
        let after = crate::faults::process::resident(server.id());
        for client in &never {
            client.shutdown(Shutdown::Both).unwrap();
        }
        assert!(!done.load(SeqCst), "the server has taken all of it");
        #[cfg(target_os = "linux")]
        assert!(
            after - before < 2 << 20,
            "memory grew from {before} to {after} bytes"
        );
    });
}

/// Caught: a server that takes a single byte for none.
#[test]
fn a_client_that_sends_byte_by_byte_gets_byte_by_byte() {
    let server = Server::start(&["--workers", "1"]);
    let (slow, other) = (connect(server.address), connect(server.address));
    for byte in bytes(3, 1_000) {
        echoes(&slow, &[byte]);
    }
    echoes(&other, b"others are served as well");
    slow.shutdown(Shutdown::Write).unwrap();
    ends(&slow);
}

/// Caught: a server that takes the first piece of what it sends for the whole; a byte doubled where a write was cut short.
#[test]
fn a_client_that_reads_late_gets_everything() {
    let server = Server::start(&["--workers", "1"]);
    let client = connect_with_room(server.address, 4 << 10);
    let sent = bytes(4, 8 << 20);
    let reads = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let (first, second) = sent.split_at(64 << 10);
            (&client).write_all(first).unwrap();
            reads.store(true, SeqCst);
            (&client).write_all(second).unwrap();
        });
        until(|| reads.load(SeqCst));
        expects(&client, &sent);
    });
}
