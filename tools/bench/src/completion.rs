//! Reads of fifty sockets: told when they are ready, by epoll and by a ring, and told when they are done.
//!
//! It knows the drivers that it compares. It does not know servers.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use event_loop::{Driver, EventLoop};
use futures::future::join_all;
use speed::buffer::Buffer;
use speed::uring::{AnySource, Refused, RingOrEpoll, Source, Uring};

use crate::loops::per_step;
use crate::table::median;

const SOCKETS: usize = 50;

/// How often each socket gets a message in one measured run.
const MESSAGES: usize = 400;

fn pairs() -> (Vec<UnixStream>, Vec<UnixStream>) {
    let pair = |_| UnixStream::pair().expect("the system gives sockets");
    (0..SOCKETS).map(pair).unzip()
}

/// Runs one way: nanoseconds a message, with the write that sends it.
fn run<D: Driver + 'static, S>(
    driver: D,
    sources: Vec<S>,
    mut there: Vec<UnixStream>,
    size: usize,
    read: impl AsyncFn(&S, Buffer) -> Buffer,
) -> f64 {
    let message = vec![7; size];
    let mut buffers: Vec<Buffer> = (0..SOCKETS).map(|_| Buffer::new(size)).collect();
    per_step(SOCKETS * MESSAGES, || {
        EventLoop::with_driver(driver).block_on(async {
            for _ in 0..MESSAGES {
                for other in &mut there {
                    other.write_all(&message).expect("there is room");
                }
                let reads = sources.iter().zip(buffers.drain(..));
                buffers = join_all(reads.map(|(source, buffer)| read(source, buffer))).await;
            }
        });
    })
}

fn on_epoll(size: usize) -> Result<f64, Refused> {
    let (driver, _) = RingOrEpoll::new(Err(Refused::Missing)).map_err(Refused::Failed)?;
    let (here, there) = pairs();
    let sources = here.into_iter().map(|one| driver.source(one.into()));
    let sources: Vec<AnySource> = sources.collect::<Result<_, _>>().map_err(Refused::Failed)?;
    Ok(run(driver, sources, there, size, async |source, buffer| {
        source.read(buffer).await.1
    }))
}

fn on_the_ring<R>(size: usize, read: R) -> Result<f64, Refused>
where
    R: AsyncFn(&Source, Buffer) -> Buffer,
{
    let uring = Uring::new()?;
    let (here, there) = pairs();
    let sources: Vec<Source> = here
        .into_iter()
        .map(|one| uring.source(one.into()))
        .collect();
    Ok(run(uring, sources, there, size, read))
}

fn when_ready(size: usize) -> Result<f64, Refused> {
    on_the_ring(size, async |source, mut buffer| {
        source.readable().await;
        let read = |bytes: &mut [u8]| rustix::io::read(source.as_fd(), bytes);
        buffer
            .lend()
            .fill(read)
            .expect("there is something to read");
        buffer
    })
}

fn when_done(size: usize) -> Result<f64, Refused> {
    on_the_ring(size, async |source, buffer| source.read(buffer).await.1)
}

/// Without a loop: one thread that reads from one socket after the other.
fn blocking(size: usize) -> Result<f64, Refused> {
    let (mut here, mut there) = pairs();
    let (message, mut bytes) = (vec![7; size], vec![0; size]);
    Ok(per_step(SOCKETS * MESSAGES, || {
        for _ in 0..MESSAGES {
            for other in &mut there {
                other.write_all(&message).expect("there is room");
            }
            for one in &mut here {
                one.read_exact(&mut bytes)
                    .expect("there is something to read");
            }
        }
    }))
}

type Way = (&'static str, fn(usize) -> Result<f64, Refused>);

const WAYS: [Way; 4] = [
    ("blocking reads", blocking),
    ("ready, epoll", on_epoll),
    ("ready, ring", when_ready),
    ("done, ring", when_done),
];

pub(crate) fn measure(rounds: u32) -> anyhow::Result<()> {
    let heading = "ns a message, median of the rounds";
    println!(
        "{heading:42}{}",
        WAYS.map(|(name, _)| format!("{name:>16}")).concat()
    );
    for size in [64, 16 * 1024] {
        let mut results = vec![Vec::new(); WAYS.len()];
        for round in 0..rounds as usize {
            for turn in 0..WAYS.len() {
                let which = (turn + round) % WAYS.len();
                results[which].push(WAYS[which].1(size)?);
            }
        }
        let cells = results
            .iter_mut()
            .map(|values| format!("{:>16.0}", median(values)));
        println!(
            "{:42}{}",
            format!("{SOCKETS} sockets, {size} bytes"),
            cells.collect::<String>()
        );
    }
    Ok(())
}
