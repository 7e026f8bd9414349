//! Clients that ask a fast server one question at a time each: a blocking thread for each client, and all
//! clients as tasks of one loop.
//!
//! The server is this program as `raw mio`, on a core of its own. Clients and their threads share the other
//! core, so the table compares what a question costs them, and not how many cores they can use.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use event_loop::EventLoop;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use reactor::Reactor;

use super::Options;
use crate::echo::machine;
use crate::echo::peer::PEERS;
use crate::table::median;

/// The length of a question and of its answer.
const BYTES: usize = 64;

/// How much stack a client's thread gets: with the usual 2 MiB a thousand threads need 2 GiB of addresses.
const STACK: usize = 64 * 1024;

/// What clients are, and how they ask for so long. Questions a second.
struct Style {
    name: &'static str,
    ask: fn(SocketAddr, clients: usize, Duration) -> anyhow::Result<f64>,
}

const STYLES: [Style; 2] = [
    Style {
        name: "a thread each",
        ask: threads,
    },
    Style {
        name: "tasks on a loop",
        ask: tasks,
    },
];

pub(super) fn measure(options: &Options) -> anyhow::Result<()> {
    let server = (PEERS.iter().find(|peer| peer.name == "raw mio")).expect("it is in the table");
    let pinned = machine::pin(&[0]);
    let serving = server.start(Path::new("."))?;
    machine::pin(&[1]);
    for line in machine::description() {
        println!("{line}");
    }
    println!(
        "cargo run --release -p bench -- blocking: {} rounds of {} ms, medians, {}",
        options.rounds,
        options.milliseconds,
        match pinned {
            true => "server and clients on a core each",
            false => "not pinned to cores",
        }
    );
    println!("\nquestions a second, one at a time for each client, {BYTES} bytes");
    let [one, other] = STYLES.map(|style| style.name);
    println!("{:24}{one:>18}{other:>18}{:>12}", "clients", "ratio");
    let sizes = [
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000,
    ];
    for clients in (sizes.into_iter()).filter(|clients| *clients <= options.connections as usize) {
        let mut rates = STYLES.map(|_| Vec::new());
        for round in 0..options.rounds as usize {
            for turn in 0..STYLES.len() {
                let which = (turn + round) % STYLES.len();
                let duration = Duration::from_millis(options.milliseconds);
                rates[which].push((STYLES[which].ask)(serving.address, clients, duration)?);
            }
        }
        let [threads, tasks] = rates.map(|mut rates| median(&mut rates));
        println!(
            "{clients:<24}{threads:>18.0}{tasks:>18.0}{:>12.2}",
            tasks / threads
        );
    }
    Ok(())
}

fn connected(address: SocketAddr, clients: usize) -> anyhow::Result<Vec<TcpStream>> {
    let connect = |_| {
        let stream = TcpStream::connect(address).context("cannot connect")?;
        stream.set_nodelay(true)?;
        Ok(stream)
    };
    (0..clients).map(connect).collect()
}

/// A thread for each client. All have started before the first question.
fn threads(address: SocketAddr, clients: usize, duration: Duration) -> anyhow::Result<f64> {
    let streams = connected(address, clients)?;
    let start = Barrier::new(clients + 1);
    let (answers, seconds) = thread::scope(|scope| {
        let ask = |mut stream: TcpStream| {
            let start = &start;
            let client = move || {
                start.wait();
                let end = Instant::now() + duration;
                let mut buffer = [0; BYTES];
                let mut answers = 0_u64;
                while Instant::now() < end {
                    stream.write_all(&buffer)?;
                    stream.read_exact(&mut buffer)?;
                    answers += 1;
                }
                Ok::<u64, std::io::Error>(answers)
            };
            thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, client)
        };
        let clients = (streams.into_iter().map(ask)).collect::<Result<Vec<_>, _>>();
        let clients = clients.context("the system starts no more threads")?;
        start.wait();
        let begun = Instant::now();
        let answers = (clients.into_iter())
            .map(|client| client.join().expect("a client does not panic"))
            .sum::<Result<u64, _>>()?;
        anyhow::Ok((answers, begun.elapsed().as_secs_f64()))
    })?;
    Ok(answers as f64 / seconds)
}

/// One loop on this thread, with a task for each client.
fn tasks(address: SocketAddr, clients: usize, duration: Duration) -> anyhow::Result<f64> {
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let mut streams = Vec::with_capacity(clients);
        for _ in 0..clients {
            let stream = reactor::TcpStream::connect(&reactor, address).await?;
            stream.set_nodelay(true)?;
            streams.push(stream);
        }
        let begun = Instant::now();
        let end = begun + duration;
        let mut tasks = Vec::with_capacity(clients);
        for mut stream in streams {
            tasks.push(handle.spawn(async move {
                let mut buffer = [0; BYTES];
                let mut answers = 0_u64;
                while Instant::now() < end {
                    stream.write_all(&buffer).await?;
                    stream.read_exact(&mut buffer).await?;
                    answers += 1;
                }
                Ok::<u64, std::io::Error>(answers)
            }));
        }
        let mut answers = 0;
        for task in tasks {
            answers += task.await.expect("a client does not panic")?;
        }
        Ok(answers as f64 / begun.elapsed().as_secs_f64())
    })
}
