//! What a connection costs that does nothing.

use std::net::TcpStream;
use std::path::Path;

use super::Contestant;
use super::machine::resident_bytes;

/// Bytes that each of the connections adds to the server's memory; for each contestant, from a
/// process of its own. Each connection has sent one byte and has got it back.
pub(crate) fn measure(
    workshop: &Path,
    contestants: &[Contestant],
    count: usize,
) -> Vec<Option<u64>> {
    let mut bytes = Vec::new();
    for contestant in contestants {
        eprint!("\ridle connections: {:24}", contestant.peer.name);
        bytes.push(one(workshop, contestant, count));
    }
    eprintln!();
    bytes
}

fn one(workshop: &Path, contestant: &Contestant, count: usize) -> Option<u64> {
    use std::io::{Read, Write};

    let serving = contestant.peer.start(workshop).ok()?;
    let open = |count: usize| {
        let mut connections = Vec::with_capacity(count);
        for _ in 0..count {
            let mut stream = TcpStream::connect(serving.address).ok()?;
            stream.write_all(b"?").ok()?;
            stream.read_exact(&mut [0]).ok()?;
            connections.push(stream);
        }
        Some(connections)
    };
    // The first ones also pay for what the server needs once.
    let _first = open(100)?;
    let before = resident_bytes(serving.id())?;
    let _others = open(count)?;
    let after = resident_bytes(serving.id())?;
    Some(after.saturating_sub(before) / count as u64)
}
