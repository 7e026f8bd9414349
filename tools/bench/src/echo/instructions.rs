//! How many instructions outside the kernel a request takes: the same on a busy machine.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::Context;

use super::peer::{PEERS, Peer};
use super::workshop;

const CLIENTS: usize = 50;
const BYTES: usize = 64;
const FEW: usize = 20;
const MANY: usize = 220;

/// The peers of which an instruction can be counted without an interpreter between.
const COUNTED: [&str; 6] = [
    "C epoll",
    "this course, 1 worker",
    "this course, fast loop",
    "raw mio",
    "tokio, current thread",
    "smol, 1 thread",
];

/// Prints a row for each peer.
pub(crate) fn print() -> anyhow::Result<()> {
    println!("instructions a request, {CLIENTS} clients × {BYTES} bytes");
    for peer in PEERS.iter().filter(|peer| COUNTED.contains(&peer.name)) {
        match of_a_request(peer) {
            Ok(count) => println!("{:24}{count:>8}", peer.name),
            Err(why) => println!("{:24}{:>8}  {why:#}", peer.name, "–"),
        }
    }
    Ok(())
}

fn of_a_request(peer: &Peer) -> anyhow::Result<u64> {
    let few = of_rounds(peer, FEW)?;
    let many = of_rounds(peer, MANY)?;
    Ok(many.saturating_sub(few) / ((MANY - FEW) * CLIENTS) as u64)
}

fn of_rounds(peer: &Peer, rounds: usize) -> anyhow::Result<u64> {
    let serving = peer.start_counted(&workshop()?)?;
    exchange(serving.address, rounds)?;
    let text = serving.ended()?;
    let line = text.lines().find_map(|line| line.split_once("Collected :"));
    let (_, count) = line.with_context(|| format!("valgrind says no count: {text}"))?;
    Ok(count.trim().parse()?)
}

/// In each round every client sends a message, and then every client reads its answer.
fn exchange(address: SocketAddr, rounds: usize) -> anyhow::Result<()> {
    let connect = |_| TcpStream::connect(address);
    let mut clients: Vec<TcpStream> = (0..CLIENTS).map(connect).collect::<Result<_, _>>()?;
    for client in &clients {
        client.set_nodelay(true)?;
    }
    let mut answer = [0; BYTES];
    for _ in 0..rounds {
        for client in &mut clients {
            client.write_all(&[b'x'; BYTES])?;
        }
        for client in &mut clients {
            client.read_exact(&mut answer)?;
        }
    }
    Ok(())
}
