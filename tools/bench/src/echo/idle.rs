//! What a connection costs that does nothing.

use std::net::TcpStream;
use std::path::Path;

use super::Contestant;
use super::machine::resident_bytes;
use super::peer::Peer;

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
        bytes.push(resident(contestant.peer, workshop, count));
    }
    eprintln!();
    bytes
}

/// The same for one peer. Whole pages are counted, so it is exact to a few bytes where there are thousands.
pub(crate) fn resident(peer: &Peer, workshop: &Path, count: usize) -> Option<u64> {
    use std::io::{Read, Write};

    let serving = peer.start(workshop).ok()?;
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
