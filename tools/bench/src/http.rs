//! hyper on the loop of this course beside hyper on tokio: requests a second, and processor time for each.
//!
//! Both servers run the same handler on one thread, each in a process of its own. The clients keep their connections.

use std::convert::Infallible;
use std::env;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::echo::machine;
use crate::echo::servers::std_listener;
use crate::table::median;

/// The servers, as the hidden command `serve` names them. The others are compared with the first.
const SERVERS: [(&str, &str); 2] = [
    ("hyper on tokio", "hyper-on-tokio"),
    ("hyper on this loop", "hyper-on-this-loop"),
];

/// How many clients, and how long a body.
const LOADS: [(usize, usize); 3] = [(50, 13), (1_000, 13), (50, 16 * 1024)];

pub(crate) fn measure(rounds: u32) -> anyhow::Result<()> {
    let pinned = machine::pin(&[0]);
    let mut servers = Vec::new();
    for (_, server) in SERVERS {
        servers.push(Serving::start(server)?);
    }
    machine::pin(&[1]);
    let where_ = if pinned {
        "on a core each"
    } else {
        "not pinned"
    };
    println!("hyper's server and the load, {where_}; {rounds} rounds of 300 ms, medians");
    for (clients, body) in LOADS {
        println!("\n{clients} clients, a body of {body} bytes");
        println!(
            "{:20}{:>12}{:>9}{:>10}{:>9}",
            "", "requests/s", "÷ tokio", "CPU µs", "÷ tokio"
        );
        let mut rates = [const { Vec::new() }; SERVERS.len()];
        let mut processor = [const { Vec::new() }; SERVERS.len()];
        for round in 0..rounds as usize {
            for turn in 0..SERVERS.len() {
                let which = (turn + round) % SERVERS.len();
                let (requests, seconds, used) = servers[which].serves(clients, body)?;
                rates[which].push(requests / seconds);
                processor[which].extend(used.map(|used| used * 1e6 / requests));
            }
        }
        let ratio = |values: &[Vec<f64>; 2], which: usize| {
            let mut ratios: Vec<f64> = values[which]
                .iter()
                .zip(&values[0])
                .map(|(a, b)| a / b)
                .collect();
            median(&mut ratios)
        };
        for (which, (name, _)) in SERVERS.iter().enumerate() {
            println!(
                "{name:20}{:>12.0}{:>9.2}{:>10.2}{:>9.2}",
                median(&mut rates[which].clone()),
                ratio(&rates, which),
                median(&mut processor[which].clone()),
                ratio(&processor, which)
            );
        }
    }
    Ok(())
}

/// The path says how long the body is.
async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    static BODY: [u8; 64 * 1024] = [b'x'; 64 * 1024];
    let length = request.uri().path()[1..].parse().unwrap_or(0);
    Ok(Response::new(Full::new(Bytes::from_static(
        &BODY[..length],
    ))))
}

/// Serves on the loop of this course, until the process ends.
pub(crate) fn on_this_loop() -> anyhow::Result<()> {
    let event_loop = event_loop::EventLoop::with_driver(reactor::Reactor::new()?);
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    let listener = reactor::TcpListener::from_std(&reactor, std_listener()?)?;
    event_loop.block_on(async {
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let timer = world::hyper_rt::LoopTimer::new(handle.clone());
            let io = world::hyper_rt::HyperIo::new(stream);
            drop(handle.spawn(async move {
                let mut builder = http1::Builder::new();
                let _ = builder
                    .timer(timer)
                    .serve_connection(io, service_fn(answer))
                    .await;
            }));
        }
    })
}

/// Serves on tokio's runtime of one thread, until the process ends.
pub(crate) fn on_tokio() -> anyhow::Result<()> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(std_listener()?)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(async move {
                let io = hyper_util::rt::TokioIo::new(stream);
                let timer = hyper_util::rt::TokioTimer::new();
                let mut builder = http1::Builder::new();
                let _ = builder
                    .timer(timer)
                    .serve_connection(io, service_fn(answer))
                    .await;
            });
        }
    })
}

/// A server that serves. Dropping it ends its process.
struct Serving {
    child: Child,
    address: SocketAddr,
}

impl Serving {
    fn start(server: &str) -> anyhow::Result<Serving> {
        let mut command = Command::new(env::current_exe()?);
        let command = command.args(["serve", server]).stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot be started")?;
        let mut line = String::new();
        let output = child.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on ");
        let address = address.context("does not say where it listens")?.parse()?;
        Ok(Serving { child, address })
    }

    /// Requests, seconds, and seconds of the server's processor time.
    fn serves(&self, clients: usize, body: usize) -> anyhow::Result<(f64, f64, Option<f64>)> {
        let mut load = Load::connect(self.address, clients, body)?;
        let before = machine::processor_seconds(self.child.id());
        let start = Instant::now();
        let requests = load.run(Duration::from_millis(300))?;
        let seconds = start.elapsed().as_secs_f64();
        let after = machine::processor_seconds(self.child.id());
        let used = before.zip(after).map(|(before, after)| after - before);
        Ok((requests as f64, seconds, used))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Clients that each send a request, wait for the whole answer, and send the next one. All answers have one length.
struct Load {
    poll: Poll,
    events: Events,
    /// Each with the number of bytes that its answer still lacks; 0 if it waits for none.
    clients: Vec<(TcpStream, usize)>,
    request: Vec<u8>,
    answer: usize,
    buffer: Vec<u8>,
}

impl Load {
    fn connect(address: SocketAddr, clients: usize, body: usize) -> anyhow::Result<Load> {
        let request = format!("GET /{body} HTTP/1.1\r\nhost: here\r\n\r\n").into_bytes();
        let mut buffer = vec![0; 256 * 1024];
        let mut answer = 0;
        let poll = Poll::new()?;
        let mut streams = Vec::new();
        for number in 0..clients {
            let mut stream = std::net::TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.write_all(&request)?;
            // The first answer tells how long each is: its head, and the body.
            let mut length = 0;
            loop {
                length += stream.read(&mut buffer[length..])?;
                let head = buffer[..length].windows(4).position(|it| it == b"\r\n\r\n");
                if head.is_some_and(|head| length == head + 4 + body) {
                    break;
                }
            }
            answer = length;
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            let registry = poll.registry();
            registry.register(&mut stream, Token(number), Interest::READABLE)?;
            streams.push((stream, 0));
        }
        Ok(Load {
            poll,
            events: Events::with_capacity(1024),
            clients: streams,
            request,
            answer,
            buffer,
        })
    }

    fn send(&mut self, number: usize) -> io::Result<()> {
        let (stream, lacks) = &mut self.clients[number];
        *lacks = self.answer;
        // A request of 40 bytes fits: the peer has read the one before.
        stream.write_all(&self.request)
    }

    /// How many answers came in this time, and until the last of them.
    fn run(&mut self, duration: Duration) -> anyhow::Result<u64> {
        let start = Instant::now();
        let mut under_way = self.clients.len();
        for number in 0..under_way {
            self.send(number)?;
        }
        let mut requests = 0;
        while under_way > 0 {
            self.poll
                .poll(&mut self.events, Some(Duration::from_secs(5)))?;
            let numbers: Vec<usize> = self.events.iter().map(|event| event.token().0).collect();
            if numbers.is_empty() {
                bail!("nothing has come back for 5 s");
            }
            for number in numbers {
                if !self.receive(number)? {
                    continue;
                }
                requests += 1;
                match start.elapsed() < duration {
                    true => self.send(number)?,
                    false => under_way -= 1,
                }
            }
        }
        Ok(requests)
    }

    /// Whether an answer is complete.
    fn receive(&mut self, number: usize) -> anyhow::Result<bool> {
        let (stream, lacks) = &mut self.clients[number];
        while *lacks > 0 {
            match stream.read(&mut self.buffer) {
                Ok(0) => bail!("the server has closed a connection"),
                Ok(count) if count > *lacks => bail!("an answer is too long"),
                Ok(count) => *lacks -= count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error.into()),
            }
            if *lacks == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
