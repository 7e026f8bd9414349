//! Permits, on one thread.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use futures::FutureExt;
use probe::panics;
use probe::random::Random;
use probe_futures::{Poller, poller};
use synchronization::semaphore::{Acquire, Closed, Permit, Refused, Semaphore, TooMany};

type Pinned = Pin<Box<Acquire>>;

fn pollers<const N: usize>() -> [Poller; N] {
    let run = probe::run!();
    std::array::from_fn(|place| poller(run.recorder(), &format!("task {place}")))
}

/// A future that was polled once and waits.
#[track_caller]
fn waits(poller: &Poller, acquire: Acquire) -> Pinned {
    let mut acquire = Box::pin(acquire);
    assert!(poller.poll(acquire.as_mut()).is_pending());
    acquire
}

#[track_caller]
fn granted(poller: &Poller, mut acquire: Pinned) -> Permit {
    match poller.poll(acquire.as_mut()) {
        Poll::Ready(Ok(permit)) => permit,
        other => panic!("no permit: {other:?}"),
    }
}

#[test]
fn permits_are_taken_and_returned() {
    let semaphore = Semaphore::new(3);
    let one = semaphore.try_acquire().unwrap();
    let two = semaphore.acquire_many(2).now_or_never().unwrap().unwrap();
    assert_eq!((one.count(), two.count(), semaphore.available()), (1, 2, 0));
    assert_eq!(semaphore.try_acquire().unwrap_err(), Refused::NoPermits);
    drop(two);
    assert_eq!(semaphore.available(), 2);
    drop(one);
    assert_eq!(semaphore.available(), 3);
}

#[test]
fn a_future_of_permits_takes_nothing_before_its_first_poll() {
    let semaphore = Semaphore::new(1);
    let acquire = semaphore.acquire();
    assert_eq!((semaphore.available(), semaphore.waiting()), (1, 0));
    drop(acquire);
    assert_eq!((semaphore.available(), semaphore.waiting()), (1, 0));
}

#[test]
fn a_late_request_does_not_overtake_a_waiting_one_although_it_is_smaller() {
    let [a, b] = pollers();
    let semaphore = Semaphore::new(3);
    let two = semaphore.try_acquire_many(2).unwrap();
    let large = waits(&a, semaphore.acquire_many(3));
    assert_eq!(semaphore.available(), 1);
    assert_eq!(semaphore.try_acquire().unwrap_err(), Refused::NoPermits);
    assert_eq!(
        semaphore.try_acquire_many(0).unwrap_err(),
        Refused::NoPermits
    );
    let small = waits(&b, semaphore.acquire());
    drop(two);
    assert_eq!((a.wakes(), b.wakes()), (1, 0));
    let large = granted(&a, large);
    drop(large);
    assert_eq!(b.wakes(), 1);
    drop(granted(&b, small));
    assert_eq!(semaphore.available(), 3);
}

#[test]
fn a_permit_that_was_handed_over_belongs_to_the_waiter_before_its_next_poll() {
    let [a] = pollers();
    let semaphore = Semaphore::new(1);
    let permit = semaphore.try_acquire().unwrap();
    let waiting = waits(&a, semaphore.acquire());
    drop(permit);
    assert_eq!((semaphore.available(), semaphore.waiting()), (0, 0));
    assert!(semaphore.try_acquire().is_err());
    drop(granted(&a, waiting));
}

#[test]
fn a_waiter_that_is_dropped_with_its_permit_passes_it_on() {
    let [a, b] = pollers();
    let semaphore = Semaphore::new(1);
    let permit = semaphore.try_acquire().unwrap();
    let first = waits(&a, semaphore.acquire());
    let second = waits(&b, semaphore.acquire());
    drop(permit);
    assert_eq!((a.wakes(), b.wakes()), (1, 0));
    drop(first);
    assert_eq!(b.wakes(), 1);
    drop(granted(&b, second));
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn a_large_waiter_that_is_dropped_lets_the_small_ones_behind_it_go() {
    let [a, b, c] = pollers();
    let semaphore = Semaphore::new(2);
    let large = waits(&a, semaphore.acquire_many(3));
    let second = waits(&b, semaphore.acquire());
    let third = waits(&c, semaphore.acquire());
    drop(large);
    assert_eq!((b.wakes(), c.wakes(), semaphore.available()), (1, 1, 0));
    drop((granted(&b, second), granted(&c, third)));
    assert_eq!((a.counts().alive, semaphore.available()), (0, 2));
}

#[test]
fn the_task_that_polled_last_is_woken_and_a_spurious_poll_changes_nothing() {
    let [a, b, c] = pollers();
    let semaphore = Semaphore::new(0);
    let mut waiting = waits(&a, semaphore.acquire());
    let behind = waits(&c, semaphore.acquire());
    for _ in 0..3 {
        assert!(b.poll(waiting.as_mut()).is_pending());
    }
    assert_eq!(a.counts().alive, 0);
    semaphore.release(1).unwrap();
    assert_eq!((a.wakes(), b.wakes(), c.wakes()), (0, 1, 0));
    drop((granted(&b, waiting), behind));
}

#[test]
fn closing_refuses_the_waiting_and_keeps_what_was_handed_over() {
    let [a, b] = pollers();
    let semaphore = Semaphore::new(2);
    let out = semaphore.try_acquire().unwrap();
    let other = semaphore.try_acquire().unwrap();
    let handed = waits(&a, semaphore.acquire());
    let mut refused = waits(&b, semaphore.acquire());
    drop(other);
    semaphore.close();
    semaphore.close();
    assert!(semaphore.is_closed());
    assert_eq!(b.wakes(), 1);
    assert!(matches!(b.poll(refused.as_mut()), Poll::Ready(Err(Closed))));
    drop(granted(&a, handed));
    assert_eq!(semaphore.available(), 1);
    assert_eq!(semaphore.try_acquire().unwrap_err(), Refused::Closed);
    assert!(semaphore.acquire().now_or_never().unwrap().is_err());
    drop(out);
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn a_bounded_semaphore_never_has_more_than_it_began_with() {
    let semaphore = Semaphore::bounded(2);
    assert_eq!(semaphore.release(1), Err(TooMany));
    let permit = semaphore.try_acquire().unwrap();
    assert_eq!(semaphore.release(1), Err(TooMany), "it is not back yet");
    permit.forget();
    assert_eq!(semaphore.available(), 1);
    assert_eq!(semaphore.release(2), Err(TooMany));
    assert_eq!(semaphore.release(1), Ok(()));
    assert_eq!(semaphore.release(0), Ok(()));
    assert_eq!(semaphore.available(), 2);
    assert!(panics::expected(|| semaphore.acquire_many(3)).is_err());
    assert!(semaphore.acquire_many(2).now_or_never().is_some());
}

#[test]
fn the_largest_numbers_are_counted_without_an_overflow() {
    let [a] = pollers();
    let semaphore = Semaphore::new(usize::MAX);
    assert_eq!(semaphore.release(1), Err(TooMany));
    let all = semaphore.try_acquire_many(usize::MAX).unwrap();
    assert_eq!(semaphore.release(1), Err(TooMany));
    let waiting = waits(&a, semaphore.acquire_many(usize::MAX));
    drop(all);
    granted(&a, waiting).forget();
    assert_eq!(semaphore.available(), 0);
    assert_eq!(semaphore.release(usize::MAX), Ok(()));
    assert_eq!(semaphore.available(), usize::MAX);
}

#[test]
fn a_poll_after_ready_panics() {
    let semaphore = Semaphore::new(2);
    let [a] = pollers();
    let mut acquire = Box::pin(semaphore.acquire());
    assert!(a.poll(acquire.as_mut()).is_ready());
    assert!(panics::expected(|| a.poll(acquire.as_mut())).is_err());
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn a_woken_task_may_use_the_semaphore_inside_wake() {
    // The hook of a waker has to be `Send`, and a semaphore is not: the hook finds it here.
    thread_local! {
        static SEMAPHORE: RefCell<Option<Semaphore>> = const { RefCell::new(None) };
        static SEEN: Cell<usize> = const { Cell::new(0) };
    }
    let [a, b] = pollers();
    let semaphore = Semaphore::new(0);
    SEMAPHORE.set(Some(semaphore.clone()));
    let first = waits(&a, semaphore.acquire());
    let second = waits(&b, semaphore.acquire());
    a.on_wake(|| {
        let semaphore = SEMAPHORE.take().unwrap();
        assert!(semaphore.try_acquire().is_err(), "the second task waits");
        semaphore.release(1).unwrap();
        SEEN.set(semaphore.waiting());
    });
    semaphore.release(1).unwrap();
    assert_eq!((SEEN.get(), a.wakes(), b.wakes()), (0, 1, 1));
    drop((granted(&a, first), granted(&b, second)));
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn a_hundred_thousand_tasks_get_one_permit_after_the_other() {
    const TASKS: usize = 100_000;
    let [a] = pollers();
    let semaphore = Semaphore::new(1);
    let first = semaphore.try_acquire().unwrap();
    let mut tasks: Vec<_> = (0..TASKS).map(|_| waits(&a, semaphore.acquire())).collect();
    drop(first);
    for task in &mut tasks {
        assert!(a.poll(task.as_mut()).is_ready());
    }
    assert_eq!((semaphore.available(), semaphore.waiting()), (1, 0));
    assert_eq!(a.wakes(), TASKS);
}

/// What a task of the model does.
enum Stage {
    Waits(usize),
    Owns(usize),
    Gone,
}

#[test]
fn ten_thousand_random_runs_are_those_of_a_list_of_stages() {
    for seed in 0..10_000 {
        let mut random = Random::seeded(seed);
        let [a] = pollers();
        let start = random.below(4);
        let semaphore = Semaphore::new(start);
        let mut free = start;
        let mut model: Vec<Stage> = Vec::new();
        let mut tasks: Vec<(Option<Pinned>, Option<Permit>)> = Vec::new();
        for _ in 0..12 {
            match random.below(4) {
                0 | 1 => {
                    let count = random.below(4);
                    let mut acquire = Box::pin(semaphore.acquire_many(count));
                    let polled = a.poll(acquire.as_mut());
                    model.push(Stage::Waits(count));
                    tasks.push(match polled {
                        Poll::Ready(permit) => (None, Some(permit.unwrap())),
                        Poll::Pending => (Some(acquire), None),
                    });
                }
                _ if tasks.is_empty() => {}
                2 => {
                    let which = random.below(tasks.len());
                    if let Stage::Owns(count) = model[which] {
                        free += count;
                    }
                    model[which] = Stage::Gone;
                    tasks[which] = (None, None);
                }
                _ => {
                    let which = random.below(tasks.len());
                    if let (Some(acquire), _) = &mut tasks[which]
                        && let Poll::Ready(permit) = a.poll(acquire.as_mut())
                    {
                        tasks[which] = (None, Some(permit.unwrap()));
                    }
                }
            }
            for stage in &mut model {
                match stage {
                    Stage::Waits(count) if *count <= free => {
                        free -= *count;
                        *stage = Stage::Owns(*count);
                    }
                    Stage::Waits(_) => break,
                    Stage::Owns(_) | Stage::Gone => {}
                }
            }
            let waiting = model
                .iter()
                .filter(|stage| matches!(stage, Stage::Waits(_)));
            assert_eq!(
                (semaphore.available(), semaphore.waiting()),
                (free, waiting.count()),
                "seed {seed}"
            );
        }
        drop(tasks);
        assert_eq!(semaphore.available(), start, "seed {seed}");
    }
}

/// A future that needs nothing but its parts to be `Unpin`.
#[test]
fn a_future_of_permits_may_be_moved_between_polls() {
    fn is_unpin<F: Future + Unpin>(_: &F) {}
    is_unpin(&Semaphore::new(1).acquire());
}
