//! An instrument: many clients that lose their server in the same moment, and come back.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver, Time};
use service::{Backoff, Delays, FullJitter, Jitter, NoJitter};

/// The longest delays of each client: 1 s, doubled up to a minute.
pub const DELAYS: Delays = Delays::Doubling {
    first: Duration::from_secs(1),
    cap: Duration::from_secs(60),
};

/// The server counts the connections that it accepts in each span of this length.
pub const SPAN: Duration = Duration::from_millis(100);

/// How the clients choose their delays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Each waits the longest delay.
    Longest,
    /// Full jitter. Each client has a seed of its own, which is made of this one.
    Full(u64),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Herd {
    /// When there were attempts, in order.
    pub attempts: Vec<Duration>,
    /// When the last client was connected.
    pub last: Duration,
}

// ANCHOR: herd
/// At zero all clients lose their connections. The server is back at once, and accepts up to `capacity` connections in
/// each [`SPAN`]; the other attempts in it are refused. Runs until each client is connected.
///
/// # Panics
///
/// If `capacity` is zero.
#[must_use]
pub fn herd(clients: u32, capacity: u32, choice: Choice) -> Herd {
    assert!(capacity > 0, "no client would ever be connected");
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let timer = event_loop.handle();
    let server = Rc::new(Server::new(capacity));
    let all: Vec<_> = (0..u64::from(clients))
        .map(|number| match choice {
            Choice::Longest => timer.spawn(client(timer.clone(), Rc::clone(&server), NoJitter)),
            Choice::Full(seed) => {
                let jitter = FullJitter::seeded(seed << 32 | number);
                timer.spawn(client(timer.clone(), Rc::clone(&server), jitter))
            }
        })
        .collect();
    for joined in all {
        event_loop
            .block_on(joined)
            .expect("a client does not panic");
    }
    Herd {
        attempts: server.attempts.take(),
        last: timer.now().since_start(),
    }
}
// ANCHOR_END: herd

// ANCHOR: client
async fn client(timer: Handle, server: Rc<Server>, jitter: impl Jitter) {
    let mut backoff = Backoff::new(DELAYS, Duration::MAX, jitter);
    loop {
        timer.sleep(backoff.next_delay(timer.now())).await;
        if server.accepts(timer.now()) {
            return;
        }
    }
}
// ANCHOR_END: client

struct Server {
    capacity: u32,
    attempts: RefCell<Vec<Duration>>,
    /// The number of the newest span with an attempt, and how many were accepted in it.
    accepted: RefCell<(u128, u32)>,
}

impl Server {
    fn new(capacity: u32) -> Server {
        Server {
            capacity,
            attempts: RefCell::default(),
            accepted: RefCell::default(),
        }
    }

    fn accepts(&self, now: Time) -> bool {
        let at = now.since_start();
        self.attempts.borrow_mut().push(at);
        let span = at.as_nanos() / SPAN.as_nanos();
        let mut accepted = self.accepted.borrow_mut();
        if accepted.0 != span {
            *accepted = (span, 0);
        }
        accepted.1 += 1;
        accepted.1 <= self.capacity
    }
}

impl Herd {
    /// How many attempts there were at `from` or later, and before `to`.
    #[must_use]
    pub fn between(&self, from: Duration, to: Duration) -> usize {
        let in_it = |at: &&Duration| (from..to).contains(*at);
        self.attempts.iter().filter(in_it).count()
    }

    /// The most attempts in one [`SPAN`].
    #[must_use]
    pub fn busiest(&self) -> usize {
        let spans = self.attempts.chunk_by(|one, other| {
            one.as_nanos() / SPAN.as_nanos() == other.as_nanos() / SPAN.as_nanos()
        });
        spans.map(<[Duration]>::len).max().unwrap_or_default()
    }
}
