//! What depends on no time: how many instructions outside the kernel a request takes, and how many bytes an idle connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, bail};

use super::peer::{PEERS, Peer};
use super::{idle, workshop};

const CLIENTS: usize = 50;
const BYTES: usize = 64;
const FEW: usize = 20;
const MANY: usize = 220;

/// How many idle connections are held.
const IDLE: usize = 10_000;

/// The most that the course's server may take with either loop: instructions of a request, and bytes of an idle connection.
/// Instructions have a tenth above what was counted when the bound was set.
const BOUNDS: [(&str, u64, u64); 2] = [
    ("this course, 1 worker", 882, 600),
    ("this course, fast loop", 901, 600),
];

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
pub(crate) fn print_idle() -> anyhow::Result<()> {
    println!("bytes an idle connection, resident, {IDLE} connections");
    let workshop = workshop()?;
    for peer in PEERS.iter().filter(|peer| COUNTED.contains(&peer.name)) {
        match idle::resident(peer, &workshop, IDLE) {
            Some(bytes) => println!("{:24}{bytes:>8}", peer.name),
            None => println!("{:24}{:>8}", peer.name, "–"),
        }
    }
    Ok(())
}

/// Compares the course's server with its bounds.
pub(crate) fn check() -> anyhow::Result<()> {
    let workshop = workshop()?;
    let mut above = Vec::new();
    for (name, most, most_bytes) in BOUNDS {
        let peer = PEERS.iter().find(|peer| peer.name == name);
        let peer = peer.context("the course's server is a peer")?;
        let count = of_a_request(peer)?;
        println!("{name:24}{count:>8} instructions a request, bound {most}");
        if count > most {
            above.push(format!("{name}: {count} instructions a request"));
        }
        // A test of chapter 15 holds the bound, too, where a process may have fewer descriptors.
        let Some(bytes) = idle::resident(peer, &workshop, IDLE) else {
            println!(
                "{name:24}{:>8} bytes an idle connection: too few descriptors",
                "–"
            );
            continue;
        };
        println!("{name:24}{bytes:>8} bytes an idle connection, bound {most_bytes}");
        if bytes > most_bytes {
            above.push(format!("{name}: {bytes} bytes an idle connection"));
        }
    }
    if !above.is_empty() {
        bail!("more than the bound: {}", above.join("; "));
    }
    Ok(())
}

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
