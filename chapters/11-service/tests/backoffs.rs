//! Delays that grow, chance in them, and when they begin anew.

use std::time::Duration;

use event_loop::Time;
use service::{Backoff, Delays, FullJitter, Jitter, NoJitter};

const SECOND: Duration = Duration::from_secs(1);
const HEALTHY: Duration = Duration::from_secs(10);
/// Those of the consumer on the page.
const LISTED: Delays = Delays::Listed(&[
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(30),
    Duration::from_secs(60),
]);

fn at(seconds: u32) -> Time {
    Time::START + seconds * SECOND
}

fn delays(delays: Delays, count: usize) -> Vec<Duration> {
    let mut backoff = Backoff::new(delays, HEALTHY, NoJitter);
    (0..count).map(|_| backoff.next_delay(at(0))).collect()
}

#[test]
fn the_last_delay_of_a_list_is_for_all_that_follow() {
    let expected = [1, 2, 4, 8, 30, 60, 60, 60].map(Duration::from_secs);
    assert_eq!(delays(LISTED, 8), expected);
    assert_eq!(delays(Delays::Listed(&[]), 2), [Duration::ZERO; 2]);
}

#[test]
fn a_delay_doubles_up_to_its_cap() {
    let cap = 20 * SECOND;
    let first = SECOND;
    let expected = [1, 2, 4, 8, 16, 20, 20].map(Duration::from_secs);
    assert_eq!(delays(Delays::Doubling { first, cap }, 7), expected);
    let first = 30 * SECOND;
    assert_eq!(delays(Delays::Doubling { first, cap }, 2), [cap; 2]);
}

#[test]
fn no_number_of_failures_is_too_large() {
    let first = Duration::from_nanos(1);
    let grown = delays(
        Delays::Doubling {
            first,
            cap: Duration::MAX,
        },
        200,
    );
    assert_eq!(grown[40], Duration::from_nanos(1 << 40));
    assert!(grown.is_sorted());
    assert_eq!(grown[199], Duration::MAX);
    let zero = Delays::Doubling {
        first: Duration::ZERO,
        cap: SECOND,
    };
    assert_eq!(delays(zero, 100_000)[99_999], Duration::ZERO);
}

#[test]
fn only_the_loss_of_a_healthy_connection_begins_a_new_row() {
    let mut backoff = Backoff::new(LISTED, HEALTHY, NoJitter);
    assert_eq!(backoff.next_delay(at(0)), SECOND);
    backoff.connected(at(1));
    assert_eq!(backoff.next_delay(at(10)), 2 * SECOND);
    assert_eq!(backoff.next_delay(at(100)), 4 * SECOND);
    backoff.connected(at(104));
    assert_eq!(backoff.next_delay(at(114)), SECOND);
    // The connection is gone: what fails now is an attempt.
    assert_eq!(backoff.next_delay(at(200)), 2 * SECOND);
}

#[test]
fn full_jitter_reaches_all_parts_of_its_range() {
    let mut jitter = FullJitter::seeded(11);
    let mut tenths = [0; 10];
    for _ in 0..10_000 {
        let chosen = jitter.choose(SECOND);
        assert!(chosen <= SECOND);
        tenths[(chosen.as_millis() / 100).min(9) as usize] += 1;
    }
    assert!(
        tenths.iter().all(|count| (850..1_150).contains(count)),
        "{tenths:?}"
    );
    assert_eq!(jitter.choose(Duration::ZERO), Duration::ZERO);
    let _longest = jitter.choose(Duration::MAX);
}

#[test]
fn two_seeds_choose_different_delays() {
    let [mut first, mut second] = [1, 2].map(FullJitter::seeded);
    assert_ne!(first.choose(SECOND), second.choose(SECOND));
}
