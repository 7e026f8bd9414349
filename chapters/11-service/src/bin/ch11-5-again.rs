//! Four clients of one server: it is down for a minute, well for an hour, and then loses each connection after
//! one second.

use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver, Time};
use service::{Backoff, Delays, NoJitter};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);

// ANCHOR: policies
/// When does a client try again?
trait Policy {
    fn connected(&mut self, _now: Time) {}
    /// An attempt has failed, or the connection was lost: how long to wait.
    fn failed(&mut self, now: Time) -> Duration;
}

struct AlwaysTheSame;

impl Policy for AlwaysTheSame {
    fn failed(&mut self, _now: Time) -> Duration {
        SECOND
    }
}

struct Doubled {
    next: Duration,
    reset_when_connected: bool,
}

impl Policy for Doubled {
    fn connected(&mut self, _now: Time) {
        if self.reset_when_connected {
            self.next = SECOND;
        }
    }

    fn failed(&mut self, _now: Time) -> Duration {
        let delay = self.next;
        self.next = (2 * delay).min(60 * SECOND);
        delay
    }
}
// ANCHOR_END: policies

impl Policy for Backoff<NoJitter> {
    fn connected(&mut self, now: Time) {
        Backoff::connected(self, now);
    }

    fn failed(&mut self, now: Time) -> Duration {
        self.next_delay(now)
    }
}

fn main() {
    closed_output::end_quietly();
    let doubled = |reset_when_connected| Doubled {
        next: SECOND,
        reset_when_connected,
    };
    let cap = 60 * SECOND;
    let delays = Delays::Doubling { first: SECOND, cap };
    println!("                 attempts in       wait after       attempts in");
    println!("                 the bad minute    the good hour    2 bad hours");
    row("always the same", AlwaysTheSame);
    row("doubled", doubled(false));
    row("doubled, reset", doubled(true));
    row("Backoff", Backoff::new(delays, 10 * SECOND, NoJitter));
}

fn row(name: &str, policy: impl Policy + 'static) {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let attempts = event_loop.block_on(client(event_loop.handle(), policy));
    let (before, after): (Vec<Time>, Vec<Time>) =
        attempts.into_iter().partition(|at| *at < good_until());
    // The last of them has led to the good hour.
    let refused = before.len() - 1;
    let wait = format!("{:?}", after[0] - good_until());
    println!("{name:16}{refused:>15} {wait:>16} {:>14}", after.len());
}

// ANCHOR: client
/// Connects again and again for three hours. Returns when it tried.
async fn client(timer: Handle, mut policy: impl Policy) -> Vec<Time> {
    let mut attempts = Vec::new();
    while timer.now() < Time::START + 3 * HOUR {
        attempts.push(timer.now());
        if let Some(lost_at) = server(timer.now()) {
            policy.connected(timer.now());
            timer.sleep_until(lost_at).await;
        }
        let delay = policy.failed(timer.now());
        timer.sleep(delay).await;
    }
    attempts
}
// ANCHOR_END: client

// ANCHOR: server
/// When a connection is lost that is attempted now; `None` if it is refused.
fn server(now: Time) -> Option<Time> {
    if now < Time::START + 60 * SECOND {
        None
    } else if now < good_until() {
        Some(good_until())
    } else {
        Some(now + SECOND)
    }
}

fn good_until() -> Time {
    Time::START + HOUR
}
// ANCHOR_END: server
