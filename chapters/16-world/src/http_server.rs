//! The workers of an HTTP server together.

use std::cell::RefCell;
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
use futures::channel::mpsc;
use futures::future::join_all;
use futures_rustls::TlsAcceptor;
use reactor::Reactor;
use reactor::network::Network;
use service::{Signal, Signals, signals::is_ignored};
use wakers::oneshot;

use crate::current::Current;
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

/// What is read from the configuration, and read again at SIGHUP.
#[derive(Clone)]
pub struct Configured<F> {
    /// Makes what answers, on the thread of each worker.
    pub site: F,
    /// The certificate; `None` is a server without TLS.
    pub tls: Option<TlsAcceptor>,
}

/// What the server reports to the program that runs it.
#[derive(Debug)]
pub enum Report {
    /// It listens at this address.
    Listening(SocketAddr),
    /// It has read its configuration again, and every worker has it.
    Reloaded,
    /// The configuration could not be read again. The older one stays in force.
    NotReloaded(io::Error),
}

/// Serves until SIGTERM or SIGINT, and finishes. `configure` is called at the start, and at every SIGHUP.
///
/// Requests that are in flight at a SIGHUP end with the answer with which they began.
///
/// # Errors
///
/// If the first configuration cannot be read, the address cannot be listened on, or a worker fails.
pub fn serve<F>(
    settings: &Settings,
    mut configure: impl FnMut() -> io::Result<Configured<F>>,
    mut report: impl FnMut(Report),
) -> io::Result<()>
where
    F: Fn(&Handle) -> Rc<dyn Answer> + Clone + Send + 'static,
{
    #[cfg(unix)]
    let _ = rlimit::increase_nofile_limit(rlimit::INFINITY);
    let configured = configure()?;
    // The leader watches for signals before the first client can be there.
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let mut signals = Signals::new(&event_loop.driver().handle())?;
    signals.add_ending(Signal::Terminate)?;
    signals.add_ending(Signal::Interrupt)?;
    // A server that was started with `nohup` outlives its terminal.
    if !is_ignored(Signal::Hangup) {
        signals.add(Signal::Hangup)?;
    }
    let limit = Limit::new(settings.connections);
    let listeners = bind(settings.listen, settings.workers)?;
    let address = listeners[0].local_addr()?;
    let (mut orders, mut threads) = (Vec::new(), Vec::new());
    for (number, listener) in listeners.into_iter().enumerate() {
        let (order, arriving) = mpsc::unbounded();
        let (settings, limit) = (settings.clone(), limit.clone());
        let configured = configured.clone();
        let work = move || work(&settings, configured, listener, limit, arriving);
        let thread = thread::Builder::new().name(format!("worker {number}"));
        orders.push(order);
        threads.push(thread.spawn(work)?);
    }
    report(Report::Listening(address));
    // ANCHOR: reload
    event_loop.block_on(async {
        while let Some(Signal::Hangup) = signals.next().await {
            match configure() {
                Ok(configured) => {
                    tell(&orders, &configured).await;
                    report(Report::Reloaded);
                }
                Err(error) => report(Report::NotReloaded(error)),
            }
        }
    });
    // A worker whose orders have ended finishes.
    drop(orders);
    // ANCHOR_END: reload
    all_end(threads)
}

/// Waits until all workers have ended, and returns the first failure. A worker that has failed is no reason to cut off the
/// requests of the others.
fn all_end(threads: Vec<thread::JoinHandle<io::Result<()>>>) -> io::Result<()> {
    let mut served = Ok(());
    for thread in threads {
        let panicked = |_| Err(io::Error::other("a worker panicked"));
        let ended = thread.join().unwrap_or_else(panicked);
        served = served.and(ended);
    }
    served
}

/// A configuration, and the channel on which the worker reports that it is in force.
type Order<F> = (Configured<F>, oneshot::Sender<()>);

/// Sends every worker this configuration, and waits until each has it.
async fn tell<F: Clone>(orders: &[mpsc::UnboundedSender<Order<F>>], configured: &Configured<F>) {
    let told = orders.iter().map(|order| {
        let (done, is_done) = oneshot::channel();
        // A worker that has failed is found when its thread is joined.
        let _ = order.unbounded_send((configured.clone(), done));
        is_done
    });
    join_all(told).await;
}

/// One worker's thread.
fn work<F>(
    settings: &Settings,
    configured: Configured<F>,
    listener: TcpListener,
    limit: Limit,
    mut orders: mpsc::UnboundedReceiver<Order<F>>,
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
        let current = Rc::new(Current::new((configured.site)(&handle)));
        let worker = Worker {
            answer: Rc::clone(&current) as Rc<dyn Answer>,
            tls: RefCell::new(configured.tls),
            handle,
            network,
            patience: settings.patience,
            drain: settings.drain,
        };
        // ANCHOR: orders
        let until_the_last_order = async {
            while let Some((configured, done)) = orders.next().await {
                current.replace((configured.site)(&worker.handle));
                worker.tls.replace(configured.tls);
                let _ = done.send(());
            }
        };
        worker.serve(gate, until_the_last_order).await?;
        // ANCHOR_END: orders
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn the_others_finish_their_requests_although_a_worker_has_failed() {
        let finished = Arc::new(AtomicBool::new(false));
        let finishes = Arc::clone(&finished);
        let threads = vec![
            thread::spawn(|| Err(io::Error::other("the listener failed"))),
            thread::spawn(|| panic!("on purpose")),
            thread::spawn(move || {
                for _ in 0..1_000 {
                    thread::yield_now();
                }
                finishes.store(true, Ordering::Release);
                Ok(())
            }),
        ];
        let failed = all_end(threads).unwrap_err();
        assert_eq!(failed.to_string(), "the listener failed");
        assert!(finished.load(Ordering::Acquire));
    }
}
