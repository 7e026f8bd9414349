//! Every short run, and long ones at random.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::super::subject::{Lease, Pool};
use super::machine;
use probe::random::Random;
use probe::run;

#[test]
fn every_short_run_is_as_expected() {
    machine::compare(&run!());
}

/// Requests come, are polled, cancelled, and return connections, at random.
#[test]
fn no_connection_is_lost_in_three_thousand_schedules() {
    for seed in 0..3_000 {
        let mut random = Random::seeded(seed);
        let count = 1 + random.below(3);
        let pool = Pool::new((0..count).collect());
        let mut context = Context::from_waker(Waker::noop());
        let mut requests: Vec<Pin<Box<dyn Future<Output = Lease<usize>> + '_>>> = Vec::new();
        let mut leases = Vec::new();
        for _ in 0..30 {
            match random.below(5) {
                0 | 1 => requests.push(Box::pin(pool.acquire())),
                2 if !requests.is_empty() => drop(requests.remove(random.below(requests.len()))),
                3 if !requests.is_empty() => {
                    let place = random.below(requests.len());
                    if let Poll::Ready(lease) = requests[place].as_mut().poll(&mut context) {
                        drop(requests.remove(place));
                        leases.push(lease);
                    }
                }
                _ if !leases.is_empty() => drop(leases.remove(random.below(leases.len()))),
                _ => {}
            }
        }
        drop((requests, leases));
        if pool.idle() != count {
            run!().departs(format!(
                "Schedule {seed}: all requests are cancelled, all leases returned, and {} of {count} connections are idle.",
                pool.idle()
            ));
        }
    }
}
