//! A world from its beginning to its end.

use std::rc::Rc;
use std::time::Duration;

use echo_server::Figures;
use echo_server::server::{Ending, Led};
use echo_server::wish::Wish;
use event_loop::{Handle, yield_now};
use reactor::network::Network;
use simnet::{Host, Listener, SimNet, Trace};

use crate::busy::Busy;
use crate::client::{Report, client};
use crate::either_loop::EitherLoop;
use crate::laws::{self, Ended, Told};
use crate::plan::{Mishap, Plan};
use crate::server::Server;

/// What came of a world.
#[derive(Debug)]
pub struct Outcome {
    /// The laws that were broken, in a sentence each.
    pub broken: Vec<String>,
    /// How the server and the clients ended.
    pub ended: Ended,
    /// How long the world lasted, on its own clock.
    pub lasted: Duration,
    /// All that happened.
    pub trace: Trace,
}

/// The port of the first worker's listener. The others have the next ones: a client goes to the one that its number picks, as
/// the kernel's hash of the addresses picks a socket with `SO_REUSEPORT`.
const PORT: u16 = 7777;

/// Runs a world in which the server runs on the simulated network.
#[must_use]
pub fn run(plan: &Plan, keeps_trace: bool) -> Outcome {
    run_on(plan, keeps_trace, |net, handle| {
        Busy::new(net, handle.clone(), plan.busy)
    })
}

/// Runs a world in which the server sees the network through `wrap`, which may have a fault.
///
/// # Panics
///
/// If the server or a client makes the loop stuck or keeps it at one moment; the message has the seed.
#[must_use]
pub fn run_on<N>(plan: &Plan, keeps_trace: bool, wrap: impl FnOnce(SimNet, &Handle) -> N) -> Outcome
where
    N: Network<Bound = Listener>,
{
    let net = match keeps_trace {
        true => SimNet::new(plan.seed),
        false => SimNet::without_trace(plan.seed),
    };
    let event_loop = EitherLoop::new(plan.event_loop, net.clone());
    let world = World::new(plan, &net, event_loop.handle());
    let network = wrap(net.clone(), &world.handle);
    let (mut broken, ended) = event_loop.block_on(world.play(network));
    drop(event_loop);
    broken.extend(laws::at_the_end(plan, &ended));
    Outcome {
        broken,
        lasted: ended.lasted,
        ended,
        trace: net.trace(),
    }
}

struct World<'a> {
    plan: &'a Plan,
    net: SimNet,
    handle: Handle,
    server: Host,
    clients: Vec<Host>,
    reports: Vec<Rc<Report>>,
}

/// How often the laws that hold at every moment are looked at.
const TICK: Duration = Duration::from_millis(250);
/// Longer than any client lives.
const LONG: Duration = Duration::from_secs(4 * 3_600);

impl<'a> World<'a> {
    fn new(plan: &'a Plan, net: &SimNet, handle: Handle) -> World<'a> {
        let server = net.host("server");
        server.change_kernel(|kernel| *kernel = plan.kernel.clone());
        let mut clients = Vec::new();
        for (number, script) in plan.clients.iter().enumerate() {
            let host = net.host(&format!("client-{number}"));
            for (from, to) in [(&host, &server), (&server, &host)] {
                net.change_link(from, to, |link| *link = script.link.clone());
            }
            host.change_kernel(|kernel| kernel.receive_buffer = script.receive_buffer);
            clients.push(host);
        }
        let reports = plan.clients.iter().map(|_| Rc::default()).collect();
        World {
            plan,
            net: net.clone(),
            handle,
            server,
            clients,
            reports,
        }
    }

    async fn play<N: Network<Bound = Listener>>(&self, network: N) -> (Vec<String>, Ended) {
        let listen = |port| (self.server.listen(port)).expect("each listener has a descriptor");
        let bound = self.ports().map(listen).collect();
        let mut server = Server::start(&network, bound, self.plan.limits, &self.handle);
        self.start_clients();
        let mut broken = self.watch(&server).await;
        let each = self.reports.iter().map(|report| Told {
            delivered: report.delivered(),
            received: report.received.get(),
        });
        let each = each.collect();
        let waited = self.waiting();
        let accepted = server.figures().accepted;
        let owed = match self.room(server.figures()) >= waited && self.plan.kernel.aborted == 0 {
            true => accepted + waited as u64,
            false => accepted,
        };
        let told = self.handle.now();
        server.wish(Wish::Stop);
        if let Some(again) = self.plan.again {
            server.wish_after(again, Wish::Stop, &self.handle);
        }
        let led = server.end().await;
        let took = self.handle.now().saturating_since(told);
        let ending = match led {
            Ok(Led {
                ending,
                is_healthy: true,
            }) => Some(ending),
            Ok(Led { .. }) => {
                broken.push("a worker ended without an order".to_owned());
                None
            }
            Err(error) => {
                broken.push(format!("the server failed: {error}"));
                None
            }
        };
        broken.extend(laws::ending(self.plan, ending, took));
        let lasted = self.handle.now().since_start();
        self.end_the_world().await;
        let ended = Ended {
            figures: server.figures(),
            was_cut: matches!(ending, Some(Ending::CutOff(_) | Ending::AtOnce)),
            took,
            told: each,
            owed,
            reports: self.reports.clone(),
            descriptors: self.server.descriptors(),
            sockets: self.net.sockets(),
            lasted,
        };
        (broken, ended)
    }

    fn start_clients(&self) {
        for (number, script) in self.plan.clients.iter().enumerate() {
            let host = &self.clients[number];
            let clock = host.clock(&self.handle, script.drift);
            let port = self.ports().nth(number % self.plan.workers);
            let address = self.server.address(port.unwrap_or(PORT));
            let report = Rc::clone(&self.reports[number]);
            let program = client(number, script.clone(), host.clone(), clock, address, report);
            host.spawn(&self.handle, program);
            if let Some(mishap) = script.mishap {
                let (net, server, host) = (self.net.clone(), self.server.clone(), host.clone());
                let handle = self.handle.clone();
                let happens = async move { happen(mishap, &net, &server, &host, &handle).await };
                drop(self.handle.spawn(happens));
            }
        }
    }

    /// Until the server has to finish. Looks at what holds at every moment.
    async fn watch(&self, server: &Server) -> Vec<String> {
        let mut broken = Vec::new();
        let mut quiet = Duration::ZERO;
        let mut ignored = Duration::ZERO;
        loop {
            let now = self.handle.now().since_start();
            let figures = server.figures();
            broken.extend(laws::now(self.plan, figures, self.server.descriptors()));
            ignored = match self.could_accept(figures) {
                true => ignored + TICK,
                false => Duration::ZERO,
            };
            broken.extend(laws::ignored(ignored));
            if !broken.is_empty() {
                return broken;
            }
            if self.plan.stop.is_some_and(|stop| now >= stop) {
                // At the moment at which something arrives, so that the order finds the server at work.
                if let Some(next) = self.net.next_event() {
                    self.handle.sleep_until(next).await;
                }
                for _ in 0..self.plan.turns {
                    yield_now().await;
                }
                return broken;
            }
            if self.plan.stop.is_none() && self.all_clients_have_ended() {
                if figures.open() == 0 {
                    return broken;
                }
                quiet += TICK;
                broken.extend(laws::quiet(self.plan, figures, quiet));
            }
            if now > LONG {
                broken.push(format!("clients are still there after {LONG:?}"));
                return broken;
            }
            self.handle.sleep(TICK).await;
        }
    }

    /// Whether a client waits, and the server has a permit and a descriptor for it.
    fn could_accept(&self, figures: Figures) -> bool {
        self.waiting() > 0 && self.room(figures) > 0
    }

    /// How many clients wait to be accepted.
    fn waiting(&self) -> usize {
        self.ports().map(|port| self.server.waiting(port)).sum()
    }

    fn ports(&self) -> impl Iterator<Item = u16> + use<> {
        (PORT..).take(self.plan.workers)
    }

    /// How many more connections the server may have.
    fn room(&self, figures: Figures) -> usize {
        let open = usize::try_from(figures.open()).unwrap_or(usize::MAX);
        let permits = self.plan.limits.max_connections.saturating_sub(open);
        let descriptors = self.plan.kernel.descriptors;
        permits.min(descriptors.saturating_sub(self.server.descriptors()))
    }

    fn all_clients_have_ended(&self) -> bool {
        let of_each = self.reports.iter().zip(&self.plan.clients);
        of_each.into_iter().all(|(report, script)| {
            let is_ended_by_a_mishap = match script.mishap {
                Some(Mishap::PowerCut { at } | Mishap::Killed { at }) => {
                    self.handle.now().since_start() >= at
                }
                _ => false,
            };
            report.end.borrow().is_some() || is_ended_by_a_mishap
        })
    }

    /// Heals every link, and lets what is on the way arrive: every end must be gone then.
    async fn end_the_world(&self) {
        self.handle.sleep(LONG).await;
        for host in &self.clients {
            self.net.heal(host, &self.server);
            host.kill();
        }
        self.handle.sleep(LONG).await;
    }
}

async fn happen(mishap: Mishap, net: &SimNet, server: &Host, host: &Host, handle: &Handle) {
    match mishap {
        Mishap::PowerCut { at } => {
            handle.sleep(at).await;
            host.power_off();
        }
        Mishap::Killed { at } => {
            handle.sleep(at).await;
            host.kill();
        }
        Mishap::Partition { at, lasts } => {
            handle.sleep(at).await;
            net.partition(host, server);
            handle.sleep(lasts).await;
            net.heal(host, server);
        }
    }
}
