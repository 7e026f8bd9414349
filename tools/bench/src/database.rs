//! Queries of many callers on eight connections: the loop, tokio, and threads that block.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use event_loop::EventLoop;
use futures::future::{join_all, try_join_all};
use reactor::{Reactor, TcpStream};
use world::postgres as ours;

#[path = "../../../chapters/16-world/tests/postgres/server.rs"]
#[allow(dead_code)]
mod server;

use server::{PASSWORD, Server, USER};

/// What the command line says.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// How many rounds; each measures every client once, in an order that moves on.
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// How many queries each client asks in one round, for each number of callers.
    #[arg(long, default_value_t = 4_000, value_parser = clap::value_parser!(u32).range(100..))]
    queries: u32,
}

const CONNECTIONS: usize = 8;
const CALLERS: [usize; 6] = [1, 2, 8, 32, 128, 512];
const TEXT: &str = "SELECT $1::text";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ours,
    Tokio,
    Threads,
}

const KINDS: [Kind; 3] = [Kind::Ours, Kind::Tokio, Kind::Threads];

/// What one round took.
#[derive(Debug, Clone, Copy)]
struct Cost {
    wall: Duration,
    processor: Duration,
}

/// Measures all, and prints a table; or says that PostgreSQL is not installed.
///
/// # Errors
///
/// If a connection fails.
pub(crate) fn measure(options: &Options) -> anyhow::Result<()> {
    let Some(server) = Server::start() else {
        return Ok(());
    };
    println!(
        "{} queries, {CONNECTIONS} connections; microseconds a query, and of them processor time of the client (medians of {} rounds)",
        options.queries, options.rounds
    );
    println!(
        "{:>8}  {:>16}  {:>16}  {:>16}",
        "callers", "the loop", "tokio-postgres", "threads"
    );
    for callers in CALLERS {
        let mut costs: [Vec<Cost>; 3] = Default::default();
        for round in 0..options.rounds as usize {
            for turn in 0..KINDS.len() {
                let kind = (round + turn) % KINDS.len();
                costs[kind].push(ask(KINDS[kind], &server, callers, options.queries)?);
            }
        }
        let cells = costs.map(|costs| cell(costs, options.queries));
        println!(
            "{callers:>8}  {:>16}  {:>16}  {:>16}",
            cells[0], cells[1], cells[2]
        );
    }
    Ok(())
}

fn cell(costs: Vec<Cost>, queries: u32) -> String {
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64() * 1e6 / f64::from(queries)
    };
    let wall = median(costs.iter().map(|cost| cost.wall).collect());
    let processor = median(costs.iter().map(|cost| cost.processor).collect());
    format!("{wall:.1} ({processor:.1})")
}

fn ask(kind: Kind, server: &Server, callers: usize, queries: u32) -> anyhow::Result<Cost> {
    let each = (queries as usize).div_ceil(callers);
    match kind {
        Kind::Ours => on_the_loop(server, callers, each),
        Kind::Tokio => on_tokio(server, callers, each),
        Kind::Threads => on_threads(server, callers, each),
    }
}

/// Since the last call of `start`.
struct Clock {
    wall: Instant,
    processor: Duration,
}

impl Clock {
    fn start() -> Clock {
        Clock {
            processor: processor_time(),
            wall: Instant::now(),
        }
    }

    fn cost(&self) -> Cost {
        Cost {
            wall: self.wall.elapsed(),
            processor: processor_time() - self.processor,
        }
    }
}

fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

/// Every caller is a task, and eight connections are shared by all of them.
fn on_the_loop(server: &Server, callers: usize, each: usize) -> anyhow::Result<Cost> {
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let (reactor, handle) = (event_loop.driver().handle(), event_loop.handle());
    let config = ours::Config::new(USER)
        .database("postgres")
        .password(PASSWORD);
    event_loop.block_on(async {
        let connect = async || -> anyhow::Result<_> {
            let stream = TcpStream::connect(&reactor, server.address()).await?;
            stream.set_nodelay(true)?;
            let (client, connection) = ours::connect(stream, &config).await?;
            drop(handle.spawn(connection)); // It runs on without its handle.
            let statement = client.prepare(TEXT).await?;
            Ok((client, statement))
        };
        let sessions = try_join_all((0..CONNECTIONS).map(|_| connect())).await?;
        let clock = Clock::start();
        let tasks: Vec<_> = (0..callers)
            .map(|caller| {
                let (client, statement) = sessions[caller % CONNECTIONS].clone();
                handle.spawn(async move {
                    for _ in 0..each {
                        let rows = client.query(&statement, &[Some("42")]).await?;
                        assert_eq!(rows[0].get(0), Some("42"));
                    }
                    Ok::<(), ours::Error>(())
                })
            })
            .collect();
        for asked in join_all(tasks).await {
            asked.map_err(|_panic| anyhow::anyhow!("a caller panicked"))??;
        }
        Ok(clock.cost())
    })
}

/// The same with tokio-postgres, on one thread.
fn on_tokio(server: &Server, callers: usize, each: usize) -> anyhow::Result<Cost> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut config = tokio_postgres::Config::new();
    config.user(USER).dbname("postgres").password(PASSWORD);
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let connect = async || -> anyhow::Result<_> {
            let stream = tokio::net::TcpStream::connect(server.address()).await?;
            stream.set_nodelay(true)?;
            let (client, connection) = config.connect_raw(stream, tokio_postgres::NoTls).await?;
            tokio::task::spawn_local(connection);
            let statement = client.prepare(TEXT).await?;
            Ok((Arc::new(client), statement))
        };
        let sessions = try_join_all((0..CONNECTIONS).map(|_| connect())).await?;
        let clock = Clock::start();
        let tasks: Vec<_> = (0..callers)
            .map(|caller| {
                let (client, statement) = sessions[caller % CONNECTIONS].clone();
                tokio::task::spawn_local(async move {
                    for _ in 0..each {
                        let rows = client.query(&statement, &[&"42"]).await?;
                        assert_eq!(rows[0].get::<_, &str>(0), "42");
                    }
                    Ok::<(), tokio_postgres::Error>(())
                })
            })
            .collect();
        for asked in join_all(tasks).await {
            asked??;
        }
        Ok(clock.cost())
    })
}

/// A pool of eight threads, each with a connection that blocks: a thread takes a caller's query, and waits for its answer.
fn on_threads(server: &Server, callers: usize, each: usize) -> anyhow::Result<Cost> {
    let mut config = postgres::Config::new();
    let address = server.address();
    config.user(USER).dbname("postgres").password(PASSWORD);
    config.host(&address.ip().to_string()).port(address.port());
    let threads = CONNECTIONS.min(callers);
    let mut sessions = Vec::new();
    for _ in 0..threads {
        let mut client = config.connect(postgres::NoTls)?;
        let statement = client.prepare(TEXT)?;
        sessions.push((client, statement));
    }
    let left = Arc::new(Mutex::new(callers * each));
    let clock = Clock::start();
    let threads: Vec<_> = sessions
        .into_iter()
        .map(|(mut client, statement)| {
            let left = Arc::clone(&left);
            thread::spawn(move || -> Result<_, postgres::Error> {
                loop {
                    {
                        let mut left = left.lock().expect("no thread panics under it");
                        if *left == 0 {
                            return Ok(client);
                        }
                        *left -= 1;
                    }
                    let rows = client.query(&statement, &[&"42"])?;
                    assert_eq!(rows[0].get::<_, &str>(0), "42");
                }
            })
        })
        .collect();
    let ended: Vec<_> = threads.into_iter().map(thread::JoinHandle::join).collect();
    let cost = clock.cost();
    for client in ended {
        drop(client.map_err(|_panic| anyhow::anyhow!("a thread panicked"))??);
    }
    Ok(cost)
}
