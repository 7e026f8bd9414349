//! The workers of an HTTP server together.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use debugging::{DebugMode, run_in_debug_mode};
use echo_server::limit::Limit;
use echo_server::listener::{Gate, bind};
use event_loop::{EventLoop, Handle};
use futures::StreamExt;
use reactor::Reactor;
use reactor::network::Network;
use service::{Signal, Signals};
use wakers::oneshot;

use crate::http_connection::{Answer, Patience};
use crate::http_worker::Worker;

/// How a server serves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// How many threads serve, each with a loop of its own.
    pub workers: usize,
    /// How many connections may be open.
    pub connections: usize,
    /// How long a client may take.
    pub patience: Patience,
    /// How long requests that are in flight may take when the server finishes.
    pub drain: Duration,
    /// Whether the loops run in the debug mode of chapter 12.
    pub debug: bool,
}

/// Serves until SIGTERM or SIGINT, and finishes. `site` makes what answers, once on each worker's thread.
///
/// Tells `listening` the address when all workers are there.
///
/// # Errors
///
/// If the address cannot be listened on, or a worker fails.
pub fn serve<F>(settings: &Settings, site: F, listening: impl FnOnce(SocketAddr)) -> io::Result<()>
where
    F: Fn(&Handle) -> Rc<dyn Answer> + Clone + Send + 'static,
{
    #[cfg(unix)]
    let _ = rlimit::increase_nofile_limit(rlimit::INFINITY);
    // The leader watches for signals before the first client can be there.
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let signals = Signals::new(&event_loop.driver().handle())?;
    signals.add_ending(Signal::Terminate)?;
    signals.add_ending(Signal::Interrupt)?;
    let limit = Limit::new(settings.connections);
    let listeners = bind(settings.listen, settings.workers)?;
    let address = listeners[0].local_addr()?;
    let mut workers = Vec::new();
    for (number, listener) in listeners.into_iter().enumerate() {
        let (finish, finishes) = oneshot::channel();
        let (settings, site, limit) = (settings.clone(), site.clone(), limit.clone());
        let work = move || work(&settings, site, listener, limit, finishes);
        let thread = thread::Builder::new().name(format!("worker {number}"));
        workers.push((finish, thread.spawn(work)?));
    }
    listening(address);
    event_loop.block_on(signals.into_future());
    let (orders, threads): (Vec<_>, Vec<_>) = workers.into_iter().unzip();
    for order in orders {
        let _ = order.send(());
    }
    for thread in threads {
        thread
            .join()
            .map_err(|_| io::Error::other("a worker panicked"))??;
    }
    Ok(())
}

/// One worker's thread.
fn work<F>(
    settings: &Settings,
    site: F,
    listener: TcpListener,
    limit: Limit,
    finish: oneshot::Receiver<()>,
) -> io::Result<()>
where
    F: Fn(&Handle) -> Rc<dyn Answer>,
{
    let reactor = Reactor::new()?;
    let network = reactor.handle();
    let main = |handle: Handle| async move {
        let gate = Gate {
            listener: network.listen(listener)?,
            limit,
        };
        let worker = Worker {
            answer: site(&handle),
            handle,
            network,
            patience: settings.patience,
            drain: settings.drain,
        };
        worker
            .serve(gate, async {
                let _ = finish.await;
            })
            .await?;
        io::Result::Ok(())
    };
    match settings.debug {
        true => run_in_debug_mode(&DebugMode::new(), reactor, main),
        false => {
            let event_loop = EventLoop::with_driver(reactor);
            let main = main(event_loop.handle());
            event_loop.block_on(main)
        }
    }
}
