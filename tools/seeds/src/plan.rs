//! What a seed decides before its world begins.

use std::time::Duration;

use echo_server::either_loop::WhichLoop;
use simnet::{Drift, Kernel, Link, Random};

use crate::client::{Kind, Script};
use crate::server::Limits;

/// A world before it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The seed, of the plan and of the network.
    pub seed: u64,
    /// How many workers serve, each with a listener of its own. They share the limit of connections.
    pub workers: usize,
    /// The server's options.
    pub limits: Limits,
    /// How the server's kernel answers.
    pub kernel: Kernel,
    /// One entry for each client.
    pub clients: Vec<Script>,
    /// When the server is told to finish. `None`: when all clients have ended.
    pub stop: Option<Duration>,
    /// After how many more iterations of the loop. The clock stands still meanwhile, and what arrives in this moment is read.
    pub turns: usize,
    /// On which loop the server runs.
    pub event_loop: WhichLoop,
    /// How long the server's network needs to catch up when the server finishes.
    pub busy: Duration,
    /// After how long the server is told a second time to stop.
    pub again: Option<Duration>,
}

/// What happens to a client's host or link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// Its host loses power.
    PowerCut {
        /// When.
        at: Duration,
    },
    /// Its programs are killed.
    Killed {
        /// When.
        at: Duration,
    },
    /// Its link is cut, and healed.
    Partition {
        /// When.
        at: Duration,
        /// For how long.
        lasts: Duration,
    },
}

impl Plan {
    /// The world of this seed: up to 30 clients, and any fault that the network knows.
    #[must_use]
    pub fn of(seed: u64) -> Plan {
        let mut random = Random::seeded(seed ^ 0x5EED);
        let idle = random.duration(&(Duration::from_secs(2)..=Duration::from_secs(60)));
        let limits = Limits {
            max_connections: random.size(1..=40),
            idle_timeout: idle,
            drain_timeout: random.duration(&(Duration::from_millis(100)..=Duration::from_secs(10))),
        };
        // One of two worlds has several workers.
        let workers = [1, 1, 2, 4][(seed % 4) as usize];
        let mut kernel = kernel(&mut random);
        kernel.descriptors += workers - 1;
        let count = random.size(1..=30);
        let mut clients: Vec<Script> = (0..count).map(|_| script(&mut random, idle)).collect();
        let stop = random
            .chance(500)
            .then(|| random.duration(&(Duration::ZERO..=Duration::from_secs(20))));
        if let Some(stop) = stop {
            interrupt(&mut clients, stop, &mut random);
        }
        if stop.is_some() && random.chance(50) {
            return Plan::rush(seed, limits, &mut random).with_its_end();
        }
        let plan = Plan {
            seed,
            workers,
            limits,
            kernel,
            clients,
            stop,
            turns: 0,
            event_loop: WhichLoop::Reference,
            busy: Duration::ZERO,
            again: None,
        };
        plan.with_its_end()
    }

    /// One of three worlds runs on chapter 14's loop. In one of five, the server has a hard end: a busy machine, a second
    /// order, or both. These have random numbers of their own, so that every other world is what it was without them.
    fn with_its_end(mut self) -> Plan {
        if self.seed.is_multiple_of(3) {
            self.event_loop = WhichLoop::Fast;
        }
        if self.seed.is_multiple_of(5) && self.stop.is_some() {
            let mut random = Random::seeded(self.seed ^ 0xE9D);
            let patience = self.limits.drain_timeout;
            if random.chance(700) {
                self.busy = random.duration(&(Duration::ZERO..=2 * patience));
            }
            if random.chance(400) {
                self.again = Some(random.duration(&(Duration::ZERO..=patience)));
            }
        }
        self
    }

    /// A hundred clients come at the moment at which the server is told to finish, each with all of its bytes at
    /// once. One iteration of the loop accepts 32 clients, and makes 32 attempts to read from each.
    fn rush(seed: u64, limits: Limits, random: &mut Random) -> Plan {
        let stop = Duration::from_secs(1);
        let mut clients: Vec<Script> = (0..random.size(70..=120))
            .map(|_| script(random, limits.idle_timeout))
            .collect();
        for client in &mut clients {
            client.kind = Kind::Bulk;
            client.bytes = random.size(1_000..=20_000);
            client.chunk = random.size(500..=5_000);
            client.pace = Duration::ZERO;
            client.starts = stop;
            client.link = Link {
                latency: Duration::ZERO..=Duration::ZERO,
                ..Link::default()
            };
            client.drift = Drift::default();
            client.mishap = None;
        }
        // Interruptions use up the attempts of an iteration, so that bytes are left when the order reaches a connection.
        let interrupted = if random.chance(500) { 600 } else { 0 };
        Plan {
            seed,
            workers: 1,
            limits: Limits {
                max_connections: 200,
                ..limits
            },
            kernel: Kernel {
                short_reads: 1_000,
                interrupted,
                ..Kernel::default()
            },
            clients,
            stop: Some(stop),
            turns: random.size(0..=40),
            event_loop: WhichLoop::Reference,
            busy: Duration::ZERO,
            again: None,
        }
    }

    /// The world of the page: 1,000 clients that come in the first second, and the faults of [`of`](Plan::of).
    #[must_use]
    pub fn crowd(seed: u64) -> Plan {
        let mut random = Random::seeded(seed);
        let idle = Duration::from_secs(60);
        let mut clients: Vec<Script> = (0..1_000).map(|_| script(&mut random, idle)).collect();
        for client in &mut clients {
            client.starts = random.duration(&(Duration::ZERO..=Duration::from_secs(1)));
        }
        Plan {
            seed,
            workers: 4,
            limits: Limits {
                max_connections: 15_000,
                idle_timeout: idle,
                drain_timeout: Duration::from_secs(10),
            },
            kernel: Kernel {
                short_reads: 100,
                short_writes: 100,
                interrupted: 50,
                spurious: 50,
                ..Kernel::default()
            },
            clients,
            stop: None,
            turns: 0,
            event_loop: WhichLoop::Reference,
            busy: Duration::ZERO,
            again: None,
        }
    }
}

/// Has half of the clients come shortly before the server is told to finish, so that it finds them at work.
fn interrupt(clients: &mut [Script], stop: Duration, random: &mut Random) {
    for client in clients {
        if random.chance(500) {
            let before = random.duration(&(Duration::ZERO..=Duration::from_millis(400)));
            client.starts = stop.saturating_sub(before);
        }
    }
}

fn kernel(random: &mut Random) -> Kernel {
    let mut sometimes = |most: u64| {
        let is_bad = random.chance(400);
        u16::try_from(random.below(most)).unwrap_or(0) * u16::from(is_bad)
    };
    let (short_reads, short_writes) = (sometimes(600), sometimes(600));
    let (interrupted, spurious, aborted) = (sometimes(300), sometimes(300), sometimes(200));
    let buffers = [500, 4_000, 64 * 1024];
    let mut buffer = || buffers[random.size(0..=2)];
    let (send_buffer, receive_buffer) = (buffer(), buffer());
    Kernel {
        // With the first listener's own.
        descriptors: random.size(2..=60),
        send_buffer,
        receive_buffer,
        short_reads,
        short_writes,
        interrupted,
        spurious,
        aborted,
        backlog: random.size(1..=100),
    }
}

fn script(random: &mut Random, idle: Duration) -> Script {
    let kinds = [
        Kind::Steady,
        Kind::Steady,
        Kind::Bulk,
        Kind::Bulk,
        Kind::Silent,
        Kind::Resets,
        Kind::Leaves,
        Kind::NeverReads,
    ];
    let kind = kinds[random.size(0..=kinds.len() - 1)];
    let most = [10, 500, 500, 5_000, 5_000, 50_000][random.size(0..=5)];
    let chunk = random.size(1..=most);
    let bytes = random.size(0..=most).min(50 * chunk);
    // Half of the idle time-out at most, and no client takes longer than some minutes.
    let pace = Duration::from_millis([0, 0, 20, 300][random.size(0..=3)]).min(idle / 8);
    Script {
        kind,
        bytes,
        chunk,
        pace,
        starts: random.duration(&(Duration::ZERO..=Duration::from_secs(5))),
        link: link(random),
        receive_buffer: [500, 4_000, 64 * 1024, 64 * 1024][random.size(0..=3)],
        drift: Drift {
            ahead: random.duration(&(Duration::ZERO..=Duration::from_secs(3_600))),
            gains: i32::try_from(random.below(2_000)).unwrap_or(0) - 1_000,
        },
        mishap: mishap(random),
    }
}

fn link(random: &mut Random) -> Link {
    let least = [0, 1, 20, 150][random.size(0..=3)];
    let spread = random.below(least + 1);
    Link {
        latency: Duration::from_millis(least)..=Duration::from_millis(least + spread),
        loss: if random.chance(300) { 50 } else { 0 },
        is_cut: false,
    }
}

fn mishap(random: &mut Random) -> Option<Mishap> {
    if !random.chance(250) {
        return None;
    }
    let at = random.duration(&(Duration::ZERO..=Duration::from_secs(15)));
    Some(match random.below(3) {
        0 => Mishap::PowerCut { at },
        1 => Mishap::Killed { at },
        _ => Mishap::Partition {
            at,
            lasts: random.duration(&(Duration::from_millis(50)..=Duration::from_secs(120))),
        },
    })
}
