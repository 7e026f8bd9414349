//! A set polls the children that were woken, and no others.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use composition::ReadySet;
use futures::{Stream, StreamExt};
use probe::detect::{DropCounter, Token};
use probe::random::Random;
use probe_futures::{Gate, Key, Poller, gate, poller};

/// Children that are ready when the test says so, and how often each was polled.
struct World {
    keys: Vec<Key<usize>>,
    polls: Rc<RefCell<Vec<usize>>>,
    alive: DropCounter,
}

struct Child {
    number: usize,
    gate: Gate<usize>,
    polls: Rc<RefCell<Vec<usize>>>,
    _alive: Token,
}

impl Future for Child {
    type Output = usize;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<usize> {
        self.polls.borrow_mut()[self.number] += 1;
        Pin::new(&mut self.gate).poll(context)
    }
}

impl World {
    fn new() -> World {
        World {
            keys: Vec::new(),
            polls: Rc::default(),
            alive: DropCounter::new(),
        }
    }

    fn with(children: usize) -> (World, ReadySet<Child>) {
        let mut world = World::new();
        let set = (0..children).map(|_| world.child()).collect();
        (world, set)
    }

    fn child(&mut self) -> Child {
        let (key, gate) = gate();
        self.keys.push(key);
        self.polls.borrow_mut().push(0);
        Child {
            number: self.keys.len() - 1,
            gate,
            polls: Rc::clone(&self.polls),
            _alive: self.alive.token(),
        }
    }

    fn open(&self, number: usize) {
        self.keys[number].open(number);
    }

    fn polls(&self) -> Vec<usize> {
        self.polls.borrow().clone()
    }
}

fn task(name: &str) -> Poller {
    poller(&probe::Recorder::default(), name)
}

fn poll<S: Stream + Unpin>(by: &Poller, set: &mut S) -> Poll<Option<S::Item>> {
    by.lend(|waker| set.poll_next_unpin(&mut Context::from_waker(waker)))
}

#[test]
fn an_empty_set_is_at_its_end_and_may_be_pushed_to() {
    let (mut world, mut set) = World::with(0);
    let a = task("A");
    assert_eq!(poll(&a, &mut set), Poll::Ready(None));
    set.push(world.child());
    assert!(poll(&a, &mut set).is_pending());
    world.open(0);
    assert_eq!(poll(&a, &mut set), Poll::Ready(Some(0)));
    assert_eq!(poll(&a, &mut set), Poll::Ready(None));
}

#[test]
fn a_wake_of_one_child_polls_that_child_alone() {
    let (world, mut set) = World::with(4);
    let a = task("A");
    assert!(poll(&a, &mut set).is_pending());
    assert_eq!(world.polls(), [1, 1, 1, 1]);
    world.keys[2].rattle();
    assert!(a.wakes() > 0);
    assert!(poll(&a, &mut set).is_pending());
    assert_eq!(world.polls(), [1, 1, 2, 1]);
}

#[test]
fn a_poll_without_a_wake_polls_no_child_and_the_next_wake_goes_to_the_new_task() {
    let (world, mut set) = World::with(2);
    let [a, b] = ["A", "B"].map(task);
    assert!(poll(&a, &mut set).is_pending());
    assert!(poll(&b, &mut set).is_pending());
    assert_eq!(world.polls(), [1, 1]);
    assert_eq!(a.counts().alive, 0);
    world.open(1);
    assert_eq!(a.wakes(), 0);
    assert!(b.wakes() > 0);
    assert_eq!(poll(&b, &mut set), Poll::Ready(Some(1)));
}

#[test]
fn outputs_come_in_the_order_of_the_wakes() {
    let (world, mut set) = World::with(4);
    let a = task("A");
    assert!(poll(&a, &mut set).is_pending());
    for child in [2, 0, 3, 1] {
        world.open(child);
    }
    let order: Vec<_> = std::iter::from_fn(|| match poll(&a, &mut set) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("all children are ready"),
    })
    .collect();
    assert_eq!(order, [2, 0, 3, 1]);
}

#[test]
fn a_child_is_dropped_before_its_output_is_returned_and_with_the_set() {
    let (world, mut set) = World::with(3);
    let a = task("A");
    assert!(poll(&a, &mut set).is_pending());
    world.open(1);
    assert_eq!(poll(&a, &mut set), Poll::Ready(Some(1)));
    assert_eq!((world.alive.alive(), set.len()), (2, 2));
    drop(set);
    assert_eq!(world.alive.alive(), 0);
    assert_eq!(a.counts().alive, 0);
}

#[test]
fn a_child_that_wakes_itself_does_not_keep_the_poll_from_ending() {
    let polls = Rc::new(Cell::new(0));
    let seen = Rc::clone(&polls);
    let mut set = ReadySet::new();
    set.push(poll_fn(move |context| {
        seen.set(seen.get() + 1);
        context.waker().wake_by_ref();
        Poll::<()>::Pending
    }));
    let a = task("A");
    for round in 1..=3 {
        assert!(poll(&a, &mut set).is_pending());
        assert_eq!(polls.get(), round);
        assert!(a.wakes() >= round);
    }
}

#[test]
fn the_waker_of_a_child_that_has_left_polls_no_later_child_and_wakes_no_task() {
    let kept: Rc<RefCell<Option<Waker>>> = Rc::default();
    let polls = Rc::new(Cell::new(0));
    let mut set: ReadySet<Pin<Box<dyn Future<Output = ()>>>> = ReadySet::new();
    let keep = Rc::clone(&kept);
    set.push(Box::pin(poll_fn(move |context| {
        keep.replace(Some(context.waker().clone()));
        context.waker().wake_by_ref(); // And is ready nevertheless.
        Poll::Ready(())
    })));
    let a = task("A");
    assert_eq!(poll(&a, &mut set), Poll::Ready(Some(())));
    let seen = Rc::clone(&polls);
    set.push(Box::pin(poll_fn(move |_| {
        seen.set(seen.get() + 1);
        Poll::Pending
    })));
    assert!(poll(&a, &mut set).is_pending());
    let before = a.wakes();
    kept.take().unwrap().wake();
    assert_eq!(a.wakes(), before);
    assert!(poll(&a, &mut set).is_pending());
    assert_eq!(polls.get(), 1);
}

#[test]
fn a_push_wakes_the_task_that_waits() {
    let (mut world, mut set) = World::with(1);
    let a = task("A");
    assert!(poll(&a, &mut set).is_pending());
    set.push(world.child());
    assert!(a.wakes() > 0);
    assert_eq!(world.polls(), [1, 0]);
    assert!(poll(&a, &mut set).is_pending());
    assert_eq!(world.polls(), [1, 1]);
}

#[test]
fn a_child_that_panics_leaves_and_the_others_go_on() {
    let live = DropCounter::new();
    let mut set: ReadySet<Pin<Box<dyn Future<Output = u32>>>> = ReadySet::new();
    let token = live.token();
    set.push(Box::pin(async move {
        let _token = token;
        panic!("in a child")
    }));
    set.push(Box::pin(async { 7 }));
    let a = task("A");
    assert!(catch_unwind(AssertUnwindSafe(|| poll(&a, &mut set))).is_err());
    assert_eq!((live.alive(), set.len()), (0, 1));
    assert_eq!(poll(&a, &mut set), Poll::Ready(Some(7)));
}

#[test]
fn a_child_may_be_woken_while_the_waiting_task_is_woken() {
    let (world, mut set) = World::with(2);
    let a = task("A");
    assert!(poll(&a, &mut set).is_pending());
    let mut keys = world.keys.into_iter();
    let (first, second) = (keys.next().unwrap(), keys.next().unwrap());
    a.on_wake(move || second.open(1));
    first.open(0);
    assert_eq!(poll(&a, &mut set), Poll::Ready(Some(0)));
    assert_eq!(poll(&a, &mut set), Poll::Ready(Some(1)));
}

#[test]
fn the_last_waker_of_a_task_may_wake_a_child_when_it_is_dropped() {
    let (world, mut set) = World::with(1);
    let [a, b] = ["A", "B"].map(task);
    assert!(poll(&a, &mut set).is_pending());
    let keys = Arc::new(Mutex::new(world.keys));
    let inside = Arc::clone(&keys);
    a.on_drop(move || inside.lock().unwrap()[0].open(0));
    // It replaces A's waker, which drops that.
    let first = poll(&b, &mut set);
    let polled = if first.is_pending() {
        assert!(b.wakes() > 0);
        poll(&b, &mut set)
    } else {
        first
    };
    assert_eq!(polled, Poll::Ready(Some(0)));
}

#[test]
fn ten_thousand_children_that_are_ready_one_by_one_take_two_polls_each() {
    const CHILDREN: usize = 10_000;
    let (world, mut set) = World::with(CHILDREN);
    let a = task("A");
    assert!(poll(&a, &mut set).is_pending());
    for child in (0..CHILDREN).rev() {
        world.open(child);
        assert_eq!(poll(&a, &mut set), Poll::Ready(Some(child)));
    }
    assert_eq!(world.polls(), [2; CHILDREN]);
    assert_eq!(poll(&a, &mut set), Poll::Ready(None));
}

#[test]
fn a_hundred_thousand_children_that_are_woken_at_once_are_polled_in_order() {
    const CHILDREN: usize = 100_000;
    let mut set: ReadySet<_> = (0..CHILDREN).map(std::future::ready).collect();
    let a = task("A");
    for child in 0..CHILDREN {
        assert_eq!(poll(&a, &mut set), Poll::Ready(Some(child)));
    }
}

/// Long random runs against a model of a few lines: which child is polled, and which output comes.
#[test]
fn a_random_run_yields_what_a_list_of_woken_children_yields() {
    const SEED: u64 = 7;
    for seed in SEED..SEED + 50 {
        let mut random = Random::seeded(seed);
        let (mut world, mut set) = World::with(0);
        let mut queue: VecDeque<usize> = VecDeque::new();
        let mut open: Vec<bool> = Vec::new();
        let mut gone: Vec<bool> = Vec::new();
        let a = task("A");
        for _ in 0..300 {
            match random.below(4) {
                0 => {
                    queue.push_back(open.len());
                    open.push(false);
                    gone.push(false);
                    set.push(world.child());
                }
                1 if !open.is_empty() => {
                    let child = random.below(open.len());
                    let polled = world.polls()[child] > 0;
                    if !open[child] && !gone[child] {
                        open[child] = true;
                        if polled && !queue.contains(&child) {
                            queue.push_back(child);
                        }
                        world.open(child);
                    }
                }
                _ => {
                    let mut expected = Poll::Pending;
                    while expected.is_pending() && !queue.is_empty() {
                        let child = queue.pop_front().expect("it is not empty");
                        if open[child] {
                            gone[child] = true;
                            expected = Poll::Ready(Some(child));
                        }
                    }
                    if gone.iter().all(|gone| *gone) && expected.is_pending() {
                        expected = Poll::Ready(None);
                    }
                    assert_eq!(poll(&a, &mut set), expected, "seed {seed}");
                }
            }
        }
        assert_eq!(set.len(), gone.iter().filter(|gone| !**gone).count());
    }
}

#[test]
fn wakes_from_other_threads_lose_no_child() {
    const CHILDREN: usize = 200;
    let (keys, gates): (Vec<_>, Vec<_>) = (0..CHILDREN).map(|_| gate::<usize>()).unzip();
    let set: ReadySet<_> = gates.into_iter().collect();
    let opens = std::thread::spawn(move || {
        for (child, key) in keys.iter().enumerate() {
            key.open(child);
        }
    });
    let mut outputs: Vec<_> = wakers::block_on(set.collect());
    opens.join().unwrap();
    outputs.sort_unstable();
    assert!(outputs.into_iter().eq(0..CHILDREN));
}
