//! Streams that wait for a clock.

use std::panic::catch_unwind;
use std::task::Poll;
use std::time::Duration;

use event_loop::Time;
use futures::stream;
use probe_loop::HandClock;
use streams::MissedTicks::{Burst, Delay, Skip};
use streams::{MissedTicks, chunks_timeout, interval, throttle};

use crate::source::{poll, source, task};

const SECOND: Duration = Duration::from_secs(1);

fn at(seconds: u32) -> Time {
    Time::START + SECOND * seconds
}

/// The seconds of the ticks that are yielded at these seconds. The period is 10 s.
fn ticks(missed: MissedTicks, polled_at: &[u32]) -> Vec<Option<u64>> {
    let clock = HandClock::default();
    let mut ticks = interval(clock.clone(), 10 * SECOND, missed);
    let mut now = 0;
    let a = task("A");
    let poll_at = |seconds: &u32| {
        clock.advance((*seconds - now) * SECOND);
        now = *seconds;
        match poll(&a, &mut ticks) {
            Poll::Ready(due) => due.map(|due| due.since_start().as_secs()),
            Poll::Pending => None,
        }
    };
    polled_at.iter().map(poll_at).collect()
}

#[test]
fn ticks_that_are_polled_in_time_are_due_at_the_multiples_of_the_period() {
    for missed in [Burst, Delay, Skip] {
        let due = ticks(missed, &[0, 5, 10, 19, 20, 20, 30]);
        let expected = [0, 99, 10, 99, 20, 99, 30];
        assert_eq!(due, expected.map(|at| (at < 99).then_some(at)));
    }
}

#[test]
fn missed_ticks_are_made_up_for_moved_or_left_out() {
    let polled_at = [0, 34, 34, 34, 39, 40, 43, 44, 50];
    let as_due = |expected: [u64; 9]| expected.map(|at| (at < 99).then_some(at));
    assert_eq!(
        ticks(Burst, &polled_at),
        as_due([0, 10, 20, 30, 99, 40, 99, 99, 50])
    );
    assert_eq!(
        ticks(Delay, &polled_at),
        as_due([0, 10, 99, 99, 99, 99, 99, 44, 99])
    );
    assert_eq!(
        ticks(Skip, &polled_at),
        as_due([0, 10, 99, 99, 99, 40, 99, 99, 50])
    );
}

#[test]
fn an_interval_wakes_its_task_and_leaves_no_timer() {
    let clock = HandClock::at(at(5));
    let mut ticks = interval(clock.clone(), SECOND, Skip);
    let [a, b] = ["A", "B"].map(task);
    assert_eq!(poll(&a, &mut ticks), Poll::Ready(Some(at(5))));
    assert!(poll(&a, &mut ticks).is_pending());
    assert!(poll(&b, &mut ticks).is_pending());
    clock.advance(SECOND);
    assert_eq!((a.wakes(), b.wakes()), (0, 1));
    assert_eq!(poll(&b, &mut ticks), Poll::Ready(Some(at(6))));
    assert!(clock.alive() <= 1);
    drop(ticks);
    assert_eq!(clock.alive(), 0);
}

#[test]
fn a_nanosecond_and_five_hundred_years_are_periods_and_zero_is_none() {
    let clock = HandClock::default();
    let a = task("A");
    for missed in [Burst, Delay, Skip] {
        for period in [Duration::from_nanos(1), Duration::MAX] {
            let mut ticks = interval(clock.clone(), period, missed);
            clock.advance(SECOND * 31_557_600);
            assert!(poll(&a, &mut ticks).is_ready());
            assert_eq!(
                poll(&a, &mut ticks).is_pending(),
                period == Duration::MAX || missed != Burst
            );
        }
    }
    let zero = catch_unwind(|| interval(HandClock::default(), Duration::ZERO, Burst));
    assert!(zero.is_err());
}

#[test]
fn a_chunk_is_yielded_when_it_is_full_or_its_time_is_up_or_the_source_ends() {
    let (clock, (feed, letters)) = (HandClock::default(), source());
    let mut chunks = chunks_timeout(letters, clock.clone(), 3, 2 * SECOND);
    let a = task("A");
    assert!(poll(&a, &mut chunks).is_pending());
    assert_eq!(clock.alive(), 0);
    for letter in ['a', 'b', 'c', 'd'] {
        feed.push(letter);
    }
    assert_eq!(
        poll(&a, &mut chunks),
        Poll::Ready(Some(vec!['a', 'b', 'c']))
    );
    assert!(poll(&a, &mut chunks).is_pending());
    clock.advance(SECOND);
    feed.push('e');
    assert!(poll(&a, &mut chunks).is_pending());
    let before = a.wakes();
    clock.advance(SECOND);
    assert!(a.wakes() > before);
    assert_eq!(poll(&a, &mut chunks), Poll::Ready(Some(vec!['d', 'e'])));
    assert_eq!(clock.alive(), 0);
    assert!(poll(&a, &mut chunks).is_pending());
    feed.push('f');
    feed.end();
    assert_eq!(poll(&a, &mut chunks), Poll::Ready(Some(vec!['f'])));
    for _ in 0..2 {
        assert_eq!(poll(&a, &mut chunks), Poll::Ready(None));
    }
}

#[test]
fn a_source_that_always_has_an_item_fills_one_chunk_a_poll() {
    let mut chunks = chunks_timeout(stream::repeat(1), HandClock::default(), 4, SECOND);
    assert_eq!(poll(&task("A"), &mut chunks), Poll::Ready(Some(vec![1; 4])));
}

#[test]
fn a_throttled_source_is_not_polled_during_a_pause() {
    let (clock, (feed, letters)) = (HandClock::default(), source());
    for letter in ['a', 'b'] {
        feed.push(letter);
    }
    let mut slow = throttle(letters, clock.clone(), 2 * SECOND);
    let a = task("A");
    assert_eq!(poll(&a, &mut slow), Poll::Ready(Some('a')));
    for _ in 0..2 {
        assert!(poll(&a, &mut slow).is_pending());
        clock.advance(SECOND);
    }
    assert_eq!((a.wakes(), feed.polls()), (1, 1));
    assert_eq!(poll(&a, &mut slow), Poll::Ready(Some('b')));
    clock.advance(2 * SECOND);
    assert!(poll(&a, &mut slow).is_pending());
    feed.end();
    assert_eq!(poll(&a, &mut slow), Poll::Ready(None));
    assert_eq!(clock.alive(), 0);
}
