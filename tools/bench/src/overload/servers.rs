//! The servers in Rust: each reads a request of 64 bytes, works for a time of the thread's processor, answers,
//! and closes.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use event_loop::EventLoop;
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use reactor::Reactor;

use crate::echo::servers::std_listener;

/// How long a request and an answer are.
pub(crate) const BYTES: usize = 64;

/// A server that this program itself can be.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Which runtime.
    #[arg(value_enum)]
    runtime: Runtime,
    /// Microseconds of processor time for each request.
    #[arg(long)]
    work: u64,
    /// Refuses a connection while this number is being served.
    #[arg(long)]
    limit: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Runtime {
    Ours,
    Tokio,
}

/// Serves until the process ends.
///
/// # Errors
///
/// If the system refuses a socket.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let work = Duration::from_micros(options.work);
    match options.runtime {
        Runtime::Ours => ours(work, options.limit),
        Runtime::Tokio => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(tokio_server(work))
        }
    }
}

fn ours(work: Duration, limit: Option<usize>) -> anyhow::Result<()> {
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let handle = event_loop.handle();
    let listener = reactor::TcpListener::from_std(&event_loop.driver().handle(), std_listener()?)?;
    let served = Rc::new(Cell::new(0));
    event_loop.block_on(async {
        loop {
            let (mut stream, _) = listener.accept().await?;
            if limit.is_some_and(|limit| served.get() >= limit) {
                // Closed at once: the client learns now that it has to come back later.
                continue;
            }
            served.set(served.get() + 1);
            let served = Rc::clone(&served);
            drop(handle.spawn(async move {
                let mut request = [0; BYTES];
                if stream.read_exact(&mut request).await.is_ok() {
                    busy_for(work);
                    let _gone = stream.write_all(&[b'a'; BYTES]).await;
                }
                served.set(served.get() - 1);
            }));
        }
    })
}

async fn tokio_server(work: Duration) -> anyhow::Result<()> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = tokio::net::TcpListener::from_std(std_listener()?)?;
    loop {
        let (mut stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            let mut request = [0; BYTES];
            if stream.read_exact(&mut request).await.is_ok() {
                busy_for(work);
                let _gone = stream.write_all(&[b'a'; BYTES]).await;
            }
        });
    }
}

fn busy_for(work: Duration) {
    let end = processor_time() + work;
    while processor_time() < end {
        std::hint::spin_loop();
    }
}

/// What this thread has had of its processor: a disturbance by other programs does not shorten the work.
#[cfg(target_os = "linux")]
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

#[cfg(not(target_os = "linux"))]
fn processor_time() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}
