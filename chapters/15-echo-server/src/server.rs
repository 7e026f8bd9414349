//! The workers together: start, drain, stop.
//!
//! Three parts of chapter 11 stand here in small. `Crew::ready` and `Crew::one_ends` are the start of a
//! `Lifecycle`: the workers start, and if one cannot, the service does not. `Crew::lead` is a `Drain`:
//! it tells the workers to take no more connections, waits until they have ended or the deadline has
//! passed, and cuts what is left. Its last signal is the second one, which ends the process at once.
//!
//! The leader knows neither sockets nor signals: it hears [`Wishes`], and its workers serve on a
//! [`Network`]. So it also leads simulated workers, in `tools/seeds`.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::net::TcpListener as StdListener;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::task::Poll;
use std::thread;

use anyhow::Context;
use event_loop::{Handle, Spawn};
use reactor::Reactor;
use reactor::network::Network;
use state_machines::{Winner, race};
use wakers::oneshot;

use crate::either_loop::EitherLoop;
use crate::figures::{Figures, Tally};
use crate::limit::Limit;
use crate::listener::{self, no_descriptors};
use crate::options::Options;
use crate::output::{complain, say};
use crate::signals::{Signals, Wish};
use crate::worker::{Seat, serve, work};

/// Serves until a signal asks it to finish.
///
/// # Errors
///
/// If it cannot listen, or cannot start its workers.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    allow_many_descriptors();
    let reactor = Reactor::new().context("there is no event queue")?;
    let event_loop = EitherLoop::new(options.event_loop, reactor);
    let reactor = event_loop.driver().handle();
    let signals = Signals::new(&reactor).context("cannot watch for signals")?;
    let listeners = listener::bind(options.listen, options.workers())
        .map_err(|error| cannot_listen(error, options))?;
    let address = listeners[0].local_addr()?;
    let mut crew = match listeners.len() {
        1 => {
            let handle = event_loop.handle();
            Crew::on_this_loop(listeners, options, Arc::default(), &handle, &reactor)
        }
        _ => Crew::on_threads(listeners, options)?,
    };
    event_loop.block_on(crew.ready())?;
    say(format_args!("listening on {address}"));
    let led = event_loop.block_on(crew.lead(&signals, &event_loop.handle(), options))?;
    if led.ending == Ending::AtOnce {
        std::process::exit(1);
    }
    // Dropping the loop drops the connections that are left, and counts them.
    drop(event_loop);
    say(crew.figures());
    Ok(match led.is_healthy {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Too many workers use up the descriptors. That is not the address's fault.
fn cannot_listen(error: io::Error, options: &Options) -> anyhow::Error {
    let problem = match options.workers() {
        workers @ 2.. if no_descriptors(&error) => {
            format!(
                "cannot start {workers} workers, because each needs file descriptors of its own"
            )
        }
        _ => format!("cannot listen on {}", options.listen),
    };
    anyhow::Error::new(error).context(problem)
}

/// Where the leader hears what it is to do: the process's [`Signals`], or a simulated world.
pub trait Wishes {
    /// The next wish.
    ///
    /// # Errors
    ///
    /// If no more can be heard.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no wish.
    fn next(&self) -> impl Future<Output = io::Result<Wish>>;
}

impl Wishes for Signals {
    fn next(&self) -> impl Future<Output = io::Result<Wish>> {
        Signals::next(self)
    }
}

/// How the leader brought its workers to their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Led {
    /// How the connections ended.
    pub ending: Ending,
    /// Whether a wish ended the service, and not the end of a worker.
    pub is_healthy: bool,
}

/// How the connections ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All of them before the deadline.
    InTime,
    /// This many were open at the deadline, and were cut off.
    CutOff(u64),
    /// A second wish to stop came: nothing was waited for.
    AtOnce,
}

/// The workers, as the leading thread sees them.
pub struct Crew {
    workers: Vec<Member>,
}

struct Member {
    tally: Arc<Tally>,
    ready: oneshot::Receiver<()>,
    /// `None` after the order was given.
    drain: Option<oneshot::Sender<()>>,
    cut: Option<oneshot::Sender<()>>,
    /// Receives how the worker ended. Closed, if it panicked. `None` when that is known.
    end: Option<oneshot::Receiver<io::Result<()>>>,
}

/// For each listener: what its worker receives, the channel for how it ended, and what its leader keeps.
fn seats<B>(
    listeners: Vec<B>,
    options: &Options,
    said: Arc<AtomicBool>,
) -> impl Iterator<Item = (Seat<B>, oneshot::Sender<io::Result<()>>, Member)> {
    let limit = Limit::new(options.max_connections.get());
    listeners.into_iter().map(move |listener| {
        let (ready, is_ready) = oneshot::channel();
        let (drain, drained) = oneshot::channel();
        let (cut, is_cut) = oneshot::channel();
        let (ended, end) = oneshot::channel();
        let tally = Arc::<Tally>::default();
        let seat = Seat {
            listener,
            options: options.clone(),
            limit: limit.clone(),
            tally: Arc::clone(&tally),
            said: Arc::clone(&said),
            ready,
            drain: drained,
            cut: is_cut,
        };
        let member = Member {
            tally,
            ready: is_ready,
            drain: Some(drain),
            cut: Some(cut),
            end: Some(end),
        };
        (seat, ended, member)
    })
}

impl Crew {
    /// The workers run on the leader's loop: a process's only worker, or all workers of a simulated host. In
    /// a process of one thread each system call is a little cheaper, because no other thread can close its
    /// descriptor meanwhile. `said` is whether a worker has reported that no descriptor is left: it is
    /// reported once.
    pub fn on_this_loop<N: Network>(
        listeners: Vec<N::Bound>,
        options: &Options,
        said: Arc<AtomicBool>,
        handle: &Handle,
        network: &N,
    ) -> Crew {
        let mut workers = Vec::new();
        for (seat, ended, member) in seats(listeners, options, said) {
            let serve = serve(seat, handle.clone(), network.clone());
            handle.spawn_boxed(Box::pin(async move {
                let _ = ended.send(serve.await);
            }));
            workers.push(member);
        }
        Crew { workers }
    }

    fn on_threads(listeners: Vec<StdListener>, options: &Options) -> anyhow::Result<Crew> {
        let mut workers = Vec::new();
        let count = listeners.len();
        for (number, (seat, ended, member)) in seats(listeners, options, Arc::default()).enumerate()
        {
            thread::Builder::new()
                .name(format!("worker {number}"))
                .spawn(move || ended.send(work(seat)))
                .with_context(|| {
                    format!("cannot start {count} workers: no thread for worker {number}")
                })?;
            workers.push(member);
        }
        Ok(Crew { workers })
    }

    /// Waits until every worker has the descriptors that it needs. Before that no client may take them.
    ///
    /// # Errors
    ///
    /// If a worker ended before it was ready.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        for number in 0..self.workers.len() {
            if (&mut self.workers[number].ready).await.is_err() {
                let problem = anyhow::Error::msg(self.one_ends().await);
                let count = self.workers.len();
                return Err(problem.context(format!("cannot start {count} workers")));
            }
        }
        Ok(())
    }

    /// Serves until a wish to stop or the end of a worker, and finishes.
    ///
    /// # Errors
    ///
    /// If no wish can be heard.
    pub async fn lead(
        &mut self,
        signals: &impl Wishes,
        handle: &Handle,
        options: &Options,
    ) -> anyhow::Result<Led> {
        let mut is_healthy = true;
        loop {
            match race(signals.next(), self.one_ends()).await {
                Winner::First(Ok(Wish::Tell)) => self.tell(),
                Winner::First(wish) => {
                    wish?;
                    break;
                }
                Winner::Second(problem) => {
                    complain(problem);
                    is_healthy = false;
                    break;
                }
            }
        }
        for member in &mut self.workers {
            // A worker that has ended needs no order.
            let _ = member.drain.take().map(|drain| drain.send(()));
        }
        let mut deadline = Box::pin(handle.sleep(options.drain_timeout));
        let ending = loop {
            let ended = race(self.all_end(), &mut deadline);
            match race(signals.next(), ended).await {
                Winner::First(Ok(Wish::Tell)) => self.tell(),
                Winner::First(_) => break Ending::AtOnce,
                Winner::Second(Winner::First(())) => break Ending::InTime,
                Winner::Second(Winner::Second(())) => {
                    let open = self.figures().open();
                    for member in &mut self.workers {
                        let _ = member.cut.take().map(|cut| cut.send(()));
                    }
                    self.all_end().await;
                    break Ending::CutOff(open);
                }
            }
        };
        Ok(Led { ending, is_healthy })
    }

    /// Waits until a worker ends without an order, and says why.
    async fn one_ends(&mut self) -> String {
        poll_fn(|context| {
            for (number, member) in self.workers.iter_mut().enumerate() {
                let Some(end) = &mut member.end else { continue };
                let Poll::Ready(ended) = Pin::new(end).poll(context) else {
                    continue;
                };
                member.end = None;
                return Poll::Ready(match ended {
                    Ok(Ok(())) => format!("worker {number} has ended"),
                    Ok(Err(error)) => format!("worker {number} cannot go on: {error}"),
                    Err(oneshot::Closed) => format!("worker {number} panicked"),
                });
            }
            Poll::Pending
        })
        .await
    }

    /// Waits until all workers have ended, in any way.
    async fn all_end(&mut self) {
        poll_fn(|context| {
            for member in &mut self.workers {
                let Some(end) = &mut member.end else { continue };
                match Pin::new(end).poll(context) {
                    Poll::Ready(_) => member.end = None,
                    Poll::Pending => return Poll::Pending,
                }
            }
            Poll::Ready(())
        })
        .await;
    }

    /// The counts of each worker. They go on counting.
    #[must_use]
    pub fn tallies(&self) -> Vec<Arc<Tally>> {
        let tally = |member: &Member| Arc::clone(&member.tally);
        self.workers.iter().map(tally).collect()
    }

    fn figures(&self) -> Figures {
        self.workers
            .iter()
            .map(|member| member.tally.figures())
            .sum()
    }

    fn tell(&self) {
        let figures = self.figures();
        say(format_args!("{figures}, {} open", figures.open()));
    }
}

impl fmt::Debug for Crew {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Crew")
            .field("workers", &self.workers.len())
            .finish_non_exhaustive()
    }
}

/// Every connection is a descriptor, and the default limit of a process is often 1,024.
fn allow_many_descriptors() {
    #[cfg(unix)]
    let _ = rlimit::increase_nofile_limit(rlimit::INFINITY);
}
