//! Pools of connections.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::FutureExt;
use probe::random::Random;
use probe::{Recorder, run};
use probe_futures::{Poller, poller};
use probe_loop::SimLoop;
use state_machines::yield_now;
use synchronization::pool::{AcquireError, Borrowed, Connector};
use synchronization::wait_graph::named;
use synchronization::{Pool, WaitGraph};

/// Makes numbered connections, and counts those that are open.
#[derive(Clone, Default)]
struct Server {
    made: Rc<Cell<u32>>,
    open: Rc<Cell<usize>>,
    /// How often `connect` is pending, and whether it fails then.
    pending: Rc<Cell<usize>>,
    fails: Rc<Cell<bool>>,
}

struct Connection {
    number: u32,
    broken: bool,
    open: Rc<Cell<usize>>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.open.set(self.open.get() - 1);
    }
}

impl Connector for Server {
    type Connection = Connection;
    type Error = &'static str;

    async fn connect(&self) -> Result<Connection, &'static str> {
        for _ in 0..self.pending.get() {
            yield_now().await;
        }
        if self.fails.get() {
            return Err("refused");
        }
        self.made.set(self.made.get() + 1);
        self.open.set(self.open.get() + 1);
        Ok(Connection {
            number: self.made.get(),
            broken: false,
            open: Rc::clone(&self.open),
        })
    }

    fn is_broken(&self, connection: &mut Connection) -> bool {
        connection.broken
    }
}

fn task(name: &str) -> Poller {
    poller(&Recorder::default(), name)
}

fn acquired(pool: &Pool<Server>) -> Borrowed<Server> {
    match pool.acquire().now_or_never() {
        Some(Ok(connection)) => connection,
        _ => panic!("none is free"),
    }
}

#[test]
fn a_returned_connection_is_used_again() {
    let server = Server::default();
    let pool = Pool::new(2, server.clone());
    assert_eq!(server.made.get(), 0);
    let first = acquired(&pool);
    assert_eq!((first.number, pool.borrowed(), pool.idle()), (1, 1, 0));
    drop(first);
    assert_eq!((acquired(&pool).number, server.made.get()), (1, 1));
    assert_eq!((pool.borrowed(), pool.idle()), (0, 1));
}

#[test]
fn a_broken_connection_is_replaced() {
    let server = Server::default();
    let pool = Pool::new(1, server.clone());
    let mut first = acquired(&pool);
    first.broken = true;
    drop(first);
    assert_eq!((server.open.get(), pool.idle()), (0, 0));
    assert_eq!(acquired(&pool).number, 2);
}

#[test]
fn waiting_tasks_get_connections_in_order() {
    let pool = Pool::new(1, Server::default());
    let first = acquired(&pool);
    let [a, b] = ["A", "B"].map(task);
    let mut second = Box::pin(pool.acquire());
    let mut third = Box::pin(pool.acquire());
    assert!(a.poll(second.as_mut()).is_pending() && b.poll(third.as_mut()).is_pending());
    drop(first);
    assert_eq!((a.wakes(), b.wakes()), (1, 0));
    assert!(pool.acquire().now_or_never().is_none(), "it is A's");
    drop(second);
    assert_eq!(b.wakes(), 1, "A was cancelled");
    assert!(b.poll(third.as_mut()).is_ready());
}

#[test]
fn a_connection_that_cannot_be_made_costs_no_place() {
    let server = Server::default();
    let pool = Pool::new(1, server.clone());
    server.fails.set(true);
    for _ in 0..3 {
        let failed = pool.acquire().now_or_never().unwrap();
        assert_eq!(failed.err(), Some(AcquireError::Connect("refused")));
    }
    server.fails.set(false);
    let _borrowed = acquired(&pool);
}

#[test]
fn a_task_that_is_cancelled_while_it_connects_costs_no_place() {
    let server = Server::default();
    let pool = Pool::new(1, server.clone());
    server.pending.set(1);
    let mut connecting = Box::pin(pool.acquire());
    assert!(task("A").poll(connecting.as_mut()).is_pending());
    assert_eq!(pool.borrowed(), 1);
    drop(connecting);
    server.pending.set(0);
    assert_eq!(pool.borrowed(), 0);
    let _borrowed = acquired(&pool);
}

#[test]
fn closing_waits_for_what_is_borrowed() {
    let server = Server::default();
    let pool = Pool::new(2, server.clone());
    let (first, second) = (acquired(&pool), acquired(&pool));
    let [a, b] = ["A", "B"].map(task);
    let mut waiting = pin!(pool.acquire());
    assert!(a.poll(waiting.as_mut()).is_pending());
    drop(first);
    let mut closed = Box::pin(pool.close());
    assert!(matches!(
        a.poll(waiting.as_mut()),
        Poll::Ready(Err(AcquireError::Closed))
    ));
    assert!(matches!(
        pool.acquire().now_or_never(),
        Some(Err(AcquireError::Closed))
    ));
    assert_eq!(server.open.get(), 1);
    assert!(b.poll(closed.as_mut()).is_pending());
    drop(second);
    assert_eq!((b.wakes(), server.open.get(), pool.idle()), (1, 0, 0));
    assert!(b.poll(closed.as_mut()).is_ready());
}

#[test]
fn an_acquire_has_a_deadline() {
    let sim = SimLoop::new(&run!());
    let pool = Pool::new(1, Server::default());
    let timer = sim.handle();
    let main = sim.spawn("main", async move {
        let second = Duration::from_secs(1);
        let first = pool.acquire_within(&timer, second).await.ok().unwrap();
        let refused = pool.acquire_within(&timer, second).await;
        assert_eq!(refused.err(), Some(AcquireError::TimedOut));
        assert_eq!(timer.now().since_start(), second);
        drop(first);
        assert!(pool.acquire_within(&timer, Duration::ZERO).await.is_ok());
    });
    sim.drive(main).unwrap();
}

#[test]
fn a_stuck_pool_says_which_tasks_hold_it() {
    let graph = WaitGraph::watch();
    let pool = Pool::named("the pool", 2, Server::default());
    let two = |name| {
        let pool = &pool;
        Box::pin(named(name, async move {
            let first = pool.acquire().await.ok();
            yield_now().await;
            (first, pool.acquire().await.ok())
        }))
    };
    let (mut a, mut b) = (two("a"), two("b"));
    for _ in 0..2 {
        assert!((&mut a).now_or_never().is_none() && (&mut b).now_or_never().is_none());
    }
    let rows = || {
        graph
            .rows()
            .iter()
            .map(|row| format!("{} {row}", row.task))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        rows(),
        [
            "a holds the pool, waits for the pool, which a and b hold",
            "b holds the pool, waits for the pool, which a and b hold",
        ]
    );
    drop(a);
    assert!(b.now_or_never().is_some(), "the connection of a is free");
    assert_eq!(rows(), [""; 0]);
}

type Acquired = Result<Borrowed<Server>, AcquireError<&'static str>>;
type Acquiring<'a> = Pin<Box<dyn Future<Output = Acquired> + 'a>>;

/// Tasks come, are polled, cancelled, return connections and break them, and in half of the runs the pool is
/// closed: no place and no connection is lost or made.
#[test]
fn places_and_connections_are_conserved_in_ten_thousand_random_schedules() {
    for seed in 0..10_000 {
        let mut random = Random::seeded(seed);
        let limit = 1 + random.below(3);
        let server = Server::default();
        let pool = Pool::new(limit, server.clone());
        let mut context = Context::from_waker(Waker::noop());
        let mut waiting: Vec<Acquiring<'_>> = Vec::new();
        let borrowed = RefCell::new(Vec::new());
        let mut closing = None;
        for step in 0..40 {
            server.pending.set(random.below(2));
            server.fails.set(random.below(8) == 0);
            match random.below(6) {
                0 | 1 => waiting.push(Box::pin(pool.acquire())),
                2 | 3 if !waiting.is_empty() => {
                    let place = random.below(waiting.len());
                    if let Poll::Ready(outcome) = waiting[place].as_mut().poll(&mut context) {
                        drop(waiting.remove(place));
                        borrowed.borrow_mut().extend(outcome.ok());
                    }
                }
                4 if !waiting.is_empty() => drop(waiting.remove(random.below(waiting.len()))),
                _ => {
                    let mut borrowed = borrowed.borrow_mut();
                    if !borrowed.is_empty() {
                        let place = random.below(borrowed.len());
                        borrowed[place].broken = random.below(4) == 0;
                        drop(borrowed.remove(place));
                    }
                }
            }
            assert!(server.open.get() <= limit, "seed {seed}");
            assert!(borrowed.borrow().len() <= pool.borrowed(), "seed {seed}");
            if step == 30 && seed % 2 == 0 {
                closing = Some(Box::pin(pool.close()));
            }
        }
        drop(waiting);
        drop(borrowed.take());
        assert_eq!(
            (pool.borrowed(), server.open.get()),
            (0, pool.idle()),
            "seed {seed}"
        );
        if let Some(mut closing) = closing {
            assert!(
                closing.as_mut().poll(&mut context).is_ready(),
                "seed {seed}"
            );
            assert_eq!(server.open.get(), 0, "seed {seed}");
            continue;
        }
        server.pending.set(0);
        server.fails.set(false);
        let all: Vec<_> = (0..limit).map(|_| acquired(&pool)).collect();
        assert_eq!(
            (all.len(), server.open.get()),
            (limit, limit),
            "seed {seed}"
        );
    }
}
