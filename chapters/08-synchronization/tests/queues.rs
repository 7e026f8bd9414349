//! Queues of work, and the rate limiter.

use std::cell::RefCell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use event_loop::Handle;
use futures::FutureExt;
use probe::random::Random;
use probe::{Recorder, run};
use probe_futures::{Poller, poller};
use probe_loop::SimLoop;
use synchronization::queue::{CalledTooOften, ShutDown, TryGetError, TryPutError};
use synchronization::{Queue, RateLimiter};

fn task(name: &str) -> Poller {
    poller(&Recorder::default(), name)
}

fn now<F: Future>(future: F) -> Option<F::Output> {
    future.now_or_never()
}

#[test]
fn producers_wait_for_room_and_consumers_for_items_in_order() {
    let queue: Queue<u32> = Queue::new(1);
    let [a, b, c] = ["A", "B", "C"].map(task);
    let (mut first, mut second) = (pin!(queue.get()), pin!(queue.get()));
    assert!(a.poll(first.as_mut()).is_pending() && b.poll(second.as_mut()).is_pending());
    assert_eq!(now(queue.put(1)), Some(Ok(())));
    assert_eq!((a.wakes(), b.wakes()), (1, 0));
    assert_eq!(
        queue.try_get(),
        Err(TryGetError::Empty),
        "it is the first's"
    );
    let mut third = pin!(queue.put(2));
    assert!(c.poll(third.as_mut()).is_pending());
    assert_eq!(queue.try_put(3), Err(TryPutError::Full(3)));
    assert_eq!(a.poll(first.as_mut()), Poll::Ready(Ok(1)));
    assert_eq!(
        queue.try_put(3),
        Err(TryPutError::Full(3)),
        "it is C's room"
    );
    assert_eq!(c.poll(third.as_mut()), Poll::Ready(Ok(())));
    assert_eq!(b.poll(second.as_mut()), Poll::Ready(Ok(2)));
}

#[test]
fn a_consumer_that_is_dropped_with_an_item_passes_it_on() {
    let queue: Queue<u32> = Queue::new(1);
    let [a, b] = ["A", "B"].map(task);
    let mut first = Box::pin(queue.get());
    let mut second = pin!(queue.get());
    assert!(a.poll(first.as_mut()).is_pending() && b.poll(second.as_mut()).is_pending());
    queue.try_put(1).unwrap();
    drop(first);
    assert_eq!(b.wakes(), 1);
    assert_eq!(b.poll(second.as_mut()), Poll::Ready(Ok(1)));
}

#[test]
fn join_waits_until_every_item_is_finished() {
    let queue: Queue<u32> = Queue::new(8);
    assert_eq!(now(queue.join()), Some(()), "nothing was put in");
    assert_eq!(queue.task_done(), Err(CalledTooOften));
    queue.try_put(1).unwrap();
    queue.try_put(2).unwrap();
    let a = task("A");
    let mut join = pin!(queue.join());
    assert!(a.poll(join.as_mut()).is_pending());
    assert_eq!((queue.try_get(), queue.try_get()), (Ok(1), Ok(2)));
    queue.task_done().unwrap();
    assert!(a.wakes() == 0 && queue.is_empty());
    queue.task_done().unwrap();
    assert_eq!(a.wakes(), 1);
    assert!(a.poll(join.as_mut()).is_ready());
    assert_eq!(queue.task_done(), Err(CalledTooOften));
}

#[test]
fn a_queue_that_is_shut_down_gives_what_it_has_and_accepts_nothing() {
    let queue: Queue<u32> = Queue::new(1);
    queue.try_put(1).unwrap();
    let [a, b] = ["A", "B"].map(task);
    let mut put = pin!(queue.put(2));
    assert!(a.poll(put.as_mut()).is_pending());
    queue.shut_down();
    assert_eq!(a.wakes(), 1);
    assert_eq!(a.poll(put.as_mut()), Poll::Ready(Err(2)));
    assert_eq!(queue.try_put(3), Err(TryPutError::ShutDown(3)));
    assert_eq!(now(queue.put(3)), Some(Err(3)));
    assert_eq!(now(queue.get()), Some(Ok(1)));
    assert_eq!(now(queue.get()), Some(Err(ShutDown)));
    assert_eq!(queue.try_get(), Err(TryGetError::ShutDown));
    let mut join = pin!(queue.join());
    assert!(b.poll(join.as_mut()).is_pending(), "the item is unfinished");
    queue.task_done().unwrap();
    assert!(b.poll(join.as_mut()).is_ready());
}

#[test]
fn consumers_that_wait_learn_that_the_queue_is_shut_down() {
    let queue: Queue<u32> = Queue::new(1);
    let a = task("A");
    let mut get = pin!(queue.get());
    assert!(a.poll(get.as_mut()).is_pending());
    queue.shut_down();
    assert_eq!(a.wakes(), 1);
    assert_eq!(a.poll(get.as_mut()), Poll::Ready(Err(ShutDown)));
}

#[test]
fn shutting_down_now_returns_the_items_and_finishes_them() {
    let queue: Queue<u32> = Queue::new(3);
    (1..=3).for_each(|item| queue.try_put(item).unwrap());
    assert_eq!(queue.try_get(), Ok(1));
    let a = task("A");
    let mut join = pin!(queue.join());
    assert!(a.poll(join.as_mut()).is_pending());
    assert_eq!(queue.shut_down_now(), [2, 3]);
    assert!(a.poll(join.as_mut()).is_pending(), "1 is unfinished");
    queue.task_done().unwrap();
    assert!(a.poll(join.as_mut()).is_ready());
}

#[test]
fn a_priority_queue_returns_the_smallest_and_equal_ones_in_order() {
    #[derive(Debug, Clone, Copy)]
    struct Job(u32, &'static str);
    impl Ord for Job {
        fn cmp(&self, other: &Job) -> std::cmp::Ordering {
            self.0.cmp(&other.0)
        }
    }
    impl PartialOrd for Job {
        fn partial_cmp(&self, other: &Job) -> Option<std::cmp::Ordering> {
            Some(self.cmp(other))
        }
    }
    impl PartialEq for Job {
        fn eq(&self, other: &Job) -> bool {
            self.0 == other.0
        }
    }
    impl Eq for Job {}

    let queue = Queue::by_priority(100);
    for job in [
        Job(2, "a"),
        Job(1, "b"),
        Job(2, "c"),
        Job(1, "d"),
        Job(0, "e"),
    ] {
        queue.try_put(job).unwrap();
    }
    let order: Vec<_> = std::iter::from_fn(|| queue.try_get().ok())
        .map(|job| job.1)
        .collect();
    assert_eq!(order, ["e", "b", "d", "a", "c"]);
}

type Putting<'a> = Pin<Box<dyn Future<Output = Result<(), u32>> + 'a>>;
type Getting<'a> = Pin<Box<dyn Future<Output = Result<u32, ShutDown>> + 'a>>;

/// Producers and consumers come, are polled and cancelled at random: every item that was put in comes out
/// once, and room is neither lost nor made.
#[test]
fn items_are_conserved_in_ten_thousand_random_schedules() {
    for seed in 0..10_000 {
        let mut random = Random::seeded(seed);
        let limit = 1 + random.below(3);
        let queue: Queue<u32> = Queue::new(limit);
        let mut context = Context::from_waker(Waker::noop());
        let (mut putting, mut getting): (Vec<Putting<'_>>, Vec<Getting<'_>>) = Default::default();
        let (mut number, mut put, mut got) = (0, 0, 0);
        for _ in 0..40 {
            match random.below(6) {
                0 => {
                    number += 1;
                    putting.push(Box::pin(queue.put(number)));
                }
                1 => getting.push(Box::pin(queue.get())),
                2 if !putting.is_empty() => {
                    let place = random.below(putting.len());
                    if putting[place].as_mut().poll(&mut context).is_ready() {
                        drop(putting.remove(place));
                        put += 1;
                    }
                }
                3 if !getting.is_empty() => {
                    let place = random.below(getting.len());
                    if getting[place].as_mut().poll(&mut context).is_ready() {
                        drop(getting.remove(place));
                        got += 1;
                    }
                }
                4 if !putting.is_empty() => drop(putting.remove(random.below(putting.len()))),
                5 if !getting.is_empty() => drop(getting.remove(random.below(getting.len()))),
                _ => {}
            }
            assert!(queue.len() <= limit, "seed {seed}");
        }
        drop((putting, getting));
        assert_eq!(queue.len(), put - got, "seed {seed}");
        while queue.try_get().is_ok() {
            got += 1;
        }
        assert_eq!(put, got, "an item is lost: seed {seed}");
        assert!(
            (0..limit).all(|_| queue.try_put(0).is_ok()),
            "room is lost: seed {seed}"
        );
        assert!(queue.try_put(0).is_err(), "room was made: seed {seed}");
    }
}

/// When each of the calls passed, in milliseconds.
fn passes(limiter: RateLimiter<Handle>, sim: &SimLoop, cancelled: Option<usize>) -> Vec<u128> {
    let limiter = Rc::new(limiter);
    let passed = Rc::new(RefCell::new(Vec::new()));
    let mut tasks = Vec::new();
    for _ in 0..6 {
        let (limiter, passed, timer) = (Rc::clone(&limiter), Rc::clone(&passed), sim.handle());
        tasks.push(sim.handle().spawn(async move {
            limiter.acquire().await;
            passed
                .borrow_mut()
                .push(timer.now().since_start().as_millis());
        }));
    }
    if let Some(number) = cancelled {
        let timer = sim.handle();
        let task = tasks.remove(number);
        drop(sim.handle().spawn(async move {
            timer.sleep(Duration::from_millis(50)).await;
            task.abort();
        }));
    }
    let _stuck = sim.drive_to_the_end();
    passed.take()
}

#[test]
fn a_rate_limiter_lets_a_burst_pass_and_then_one_each_interval() {
    let sim = SimLoop::new(&run!());
    let limiter = RateLimiter::new(sim.handle(), 3, Duration::from_millis(100));
    assert_eq!(passes(limiter, &sim, None), [0, 0, 0, 100, 200, 300]);
}

#[test]
fn a_cancelled_call_takes_no_token_and_gives_its_turn_to_the_next() {
    for cancelled in [3, 4] {
        let sim = SimLoop::new(&run!());
        let limiter = RateLimiter::new(sim.handle(), 3, Duration::from_millis(100));
        assert_eq!(passes(limiter, &sim, Some(cancelled)), [0, 0, 0, 100, 200]);
    }
}

#[test]
fn a_bucket_is_never_more_than_full() {
    let sim = SimLoop::new(&run!());
    let limiter = RateLimiter::new(sim.handle(), 2, Duration::from_millis(100));
    let timer = sim.handle();
    let main = sim.spawn("main", async move {
        assert!(limiter.try_acquire() && limiter.try_acquire() && !limiter.try_acquire());
        timer.sleep(Duration::from_secs(3_600)).await;
        assert!(limiter.try_acquire() && limiter.try_acquire() && !limiter.try_acquire());
        timer.sleep(Duration::from_millis(99)).await;
        assert!(!limiter.try_acquire());
        timer.sleep(Duration::from_millis(1)).await;
        assert!(limiter.try_acquire() && !limiter.try_acquire());
        limiter.acquire().await;
        assert_eq!(timer.now().since_start(), Duration::from_millis(3_600_200));
    });
    sim.drive(main).unwrap();
}
