//! Waiting for some of several: what is done, what is pending, and what runs on.

use std::cell::RefCell;
use std::future::{Future, pending, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use cancellation::{Ended, Task};
use composition::{CancelOthers, Collect, Service, Until, Waited, first_ok, gather, wait, wait_at};
use event_loop::{Handle, Spawn, Time, yield_now};
use probe::detect::DropCounter;
use probe_futures::laws::dropping::at_every_pause;
use probe_futures::{Key, gate, poller};
use probe_loop::{ManualLoop, SimLoop};

const SECOND: Duration = Duration::from_secs(1);

type Outcome = Result<u32, &'static str>;

/// A loop whose clock jumps, with tasks that say in a log when they finish.
struct World {
    sim: SimLoop,
    handle: Handle,
    spawn: Rc<dyn Spawn>,
    log: Rc<RefCell<Vec<u32>>>,
}

impl World {
    fn new() -> World {
        let sim = SimLoop::new(&probe::run!());
        let handle = sim.handle();
        World {
            spawn: Rc::new(handle.clone()),
            log: Rc::default(),
            handle,
            sim,
        }
    }

    /// A task that finishes after these seconds, with their number or with an error.
    fn task(&self, seconds: u32, fails: bool) -> Task<Outcome> {
        let (handle, log) = (self.handle.clone(), Rc::clone(&self.log));
        Task::spawn(&self.spawn, async move {
            handle.sleep(SECOND * seconds).await;
            log.borrow_mut().push(seconds);
            if fails { Err("fails") } else { Ok(seconds) }
        })
    }

    fn tasks<const N: usize>(&self, seconds: [u32; N]) -> Vec<Task<Outcome>> {
        seconds.map(|seconds| self.task(seconds, false)).into()
    }

    fn drive<F: Future + 'static>(&self, future: F) -> F::Output {
        match self.sim.drive(self.sim.spawn("main", future)) {
            Ok(output) => output,
            Err(stuck) => panic!("{stuck}"),
        }
    }

    fn sleep(&self, seconds: u32) {
        self.drive(self.handle.sleep(SECOND * seconds));
    }

    fn now(&self) -> Duration {
        self.handle.now().since_start()
    }
}

/// The places of the finished tasks, in order, and how many are pending.
fn shape<T>(waited: &Waited<T>) -> (Vec<usize>, usize) {
    let places = waited.done.iter().map(|done| done.place).collect();
    (places, waited.pending.len())
}

#[test]
fn a_wait_for_all_has_the_results_in_order_of_completion() {
    let world = World::new();
    let waited = world.drive(wait(world.tasks([3, 1, 2]), Until::All));
    assert_eq!(shape(&waited), (vec![1, 2, 0], 0));
    assert_eq!(world.now(), 3 * SECOND);
}

#[test]
fn a_wait_for_the_first_hands_the_others_back_and_they_run_on() {
    let world = World::new();
    let waited = world.drive(wait(world.tasks([3, 1, 2]), Until::First));
    assert_eq!(shape(&waited), (vec![1], 2));
    assert_eq!(world.now(), SECOND);
    world.sleep(5);
    assert_eq!(*world.log.borrow(), [1, 2, 3]);
    assert!(waited.pending.iter().all(Task::is_over));
}

#[test]
fn tasks_that_finish_in_the_same_iteration_are_all_done() {
    let world = World::new();
    let tasks = world.tasks([1, 2, 1, 1]);
    let waited = world.drive(wait(tasks, Until::First));
    assert_eq!(shape(&waited), (vec![0, 2, 3], 1));
}

#[test]
fn tasks_that_had_finished_before_are_done_in_the_order_of_the_list() {
    let world = World::new();
    let tasks = world.tasks([2, 1, 9]);
    world.sleep(5);
    let waited = world.drive(wait(tasks, Until::First));
    assert_eq!(shape(&waited), (vec![0, 1], 1));
}

#[test]
fn the_first_error_ends_a_wait_and_a_success_does_not() {
    let world = World::new();
    let tasks = vec![
        world.task(1, false),
        world.task(2, true),
        world.task(3, true),
    ];
    let waited = world.drive(wait(tasks, Until::first_error()));
    assert_eq!(shape(&waited), (vec![0, 1], 1));
    assert!(matches!(waited.done[1].result, Ok(Err("fails"))));
}

#[test]
fn a_cancelled_task_has_not_failed_and_a_panicked_one_has() {
    let world = World::new();
    let tasks = world.tasks([9, 1]);
    tasks[0].cancel();
    let waited = world.drive(wait(tasks, Until::first_error()));
    assert_eq!(shape(&waited), (vec![0, 1], 0));
    let panics = Task::spawn(&world.spawn, async {
        yield_now().await;
        panic!("out of paper")
    });
    let tasks: Vec<Task<Outcome>> = vec![world.task(9, false), panics];
    let waited = world.drive(wait(tasks, Until::first_error()));
    assert_eq!(shape(&waited), (vec![1], 1));
    assert!(matches!(waited.done[0].result, Err(Ended::Panicked(_))));
}

#[test]
fn a_list_without_tasks_is_ready_at_once() {
    let world = World::new();
    for until in [Until::First, Until::first_error(), Until::All] {
        let waited = world.drive(wait(Vec::<Task<Outcome>>::new(), until));
        assert_eq!(shape(&waited), (vec![], 0));
    }
}

#[test]
fn at_the_deadline_the_pending_tasks_are_handed_back_and_run_on() {
    let world = World::new();
    let (tasks, handle) = (world.tasks([1, 3, 2]), world.handle.clone());
    let deadline = Time::START + 2 * SECOND;
    let waited = world.drive(async move { wait_at(&handle, deadline, tasks, Until::All).await });
    // The task that finishes at the deadline is done, in this iteration or the next.
    assert_eq!(world.now(), 2 * SECOND);
    assert_eq!(waited.done[0].place, 0);
    assert_eq!(waited.done.len() + waited.pending.len(), 3);
    world.sleep(5);
    assert_eq!(*world.log.borrow(), [1, 2, 3]);
}

#[test]
fn a_dropped_wait_cancels_its_tasks_and_one_by_reference_does_not() {
    let world = World::new();
    drop(wait(world.tasks([1, 2]), Until::All));
    world.sleep(5);
    assert!(world.log.borrow().is_empty());
    assert_eq!(world.sim.event_loop().tasks(), 0);

    let mut waiting = wait(world.tasks([1, 3]), Until::All);
    let a = poller(probe::run!().recorder(), "A");
    assert!(a.poll(Pin::new(&mut waiting)).is_pending());
    world.sleep(2);
    assert!(a.poll(Pin::new(&mut waiting)).is_pending());
    let so_far = waiting.so_far();
    assert_eq!(shape(&so_far), (vec![0], 1));
    world.sleep(2);
    assert_eq!(*world.log.borrow(), [1, 3]);
}

#[test]
fn a_thousand_tasks_are_waited_for_in_order_of_completion() {
    let world = World::new();
    let seconds: Vec<u32> = (0..1_000).map(|place| place * 7 % 1_000 + 1).collect();
    let tasks = (seconds.iter())
        .map(|seconds| world.task(*seconds, false))
        .collect();
    let waited = world.drive(wait(tasks, Until::All));
    let finished: Vec<u32> = waited.done.iter().map(|done| seconds[done.place]).collect();
    assert!(finished.is_sorted());
    assert_eq!(finished.len(), 1_000);
}

#[test]
fn the_first_success_wins_over_an_earlier_failure() {
    let world = World::new();
    let services = [
        Service::offline("north", 10),
        Service::answering("west", 40, "192.0.2.7"),
        Service::answering("south", 30, "198.51.100.7"),
    ];
    let asked = services.map(|service| service.ask(world.handle.clone()));
    let answer = world.drive(first_ok(asked)).unwrap();
    assert_eq!((answer.from, world.now().as_millis()), ("south", 30));
    assert_eq!(world.sim.event_loop().timers(), 0, "a loser lives on");
}

#[test]
fn if_all_fail_every_error_is_reported_in_order() {
    let world = World::new();
    let services = [("north", 30), ("west", 10), ("south", 20)];
    let asked = services
        .map(|(name, millis)| Service::offline(name, millis))
        .map(|service| service.ask(world.handle.clone()));
    let errors = world.drive(first_ok(asked)).unwrap_err();
    let names: Vec<&str> = errors.iter().map(|offline| offline.0).collect();
    assert_eq!(names, ["north", "west", "south"]);
    let none: [std::future::Pending<Outcome>; 0] = [];
    assert_eq!(world.drive(first_ok(none)), Err(vec![]));
}

#[test]
fn the_losers_are_dropped_before_the_winner_is_returned() {
    let counter = DropCounter::new();
    let loser = |token| async move {
        let _token = token;
        pending::<Outcome>().await
    };
    let mut racing = first_ok([loser(counter.token()), loser(counter.token())]);
    let a = poller(probe::run!().recorder(), "A");
    assert!(a.poll(Pin::new(&mut racing)).is_pending());
    drop(racing);
    let (key, wins) = gate::<Outcome>();
    let futures: Vec<Pin<Box<dyn Future<Output = Outcome>>>> =
        vec![Box::pin(loser(counter.token())), Box::pin(wins)];
    let mut racing = first_ok(futures);
    assert!(a.poll(Pin::new(&mut racing)).is_pending());
    key.open(Ok(7));
    assert_eq!(a.poll(Pin::new(&mut racing)), Poll::Ready(Ok(7)));
    assert_eq!(counter.alive(), 0);
    assert_eq!(a.counts().alive, 0, "a waker is left");
}

#[test]
fn a_first_ok_that_is_dropped_anywhere_leaves_nothing() {
    let make = |_: &probe::Run| {
        let (keys, gates): (Vec<Key<Outcome>>, Vec<_>) = (0..3).map(|_| gate()).unzip();
        (first_ok(gates), (keys, std::cell::Cell::new(0)))
    };
    let between = |(keys, polls): &(Vec<Key<Outcome>>, std::cell::Cell<usize>)| {
        let next = polls.replace(polls.get() + 1);
        keys[next].open(if next == 2 { Ok(7) } else { Err("fails") });
    };
    at_every_pause(
        || probe::run!(),
        make,
        between,
        |_, (keys, _), _| assert!(keys.iter().all(Key::is_gone)),
    );
}

#[test]
fn a_future_that_is_ready_at_once_wins_in_the_first_poll() {
    let world = World::new();
    let futures = [Err("fails"), Ok(1), Ok(2)].map(ready);
    assert_eq!(world.drive(first_ok(futures)), Ok(1));
}

#[test]
fn a_gather_that_collects_waits_for_all_and_one_that_cancels_ends_with_the_first_error() {
    let services = [
        Service::answering("north", 30, "192.0.2.7"),
        Service::offline("west", 10),
        Service::answering("south", 20, "192.0.2.7"),
    ];
    let world = World::new();
    let asked = services.map(|service| service.ask(world.handle.clone()));
    let all = world.drive(gather(asked, Collect));
    let names: Vec<&str> = all
        .iter()
        .map(|one| match one {
            Ok(answer) => answer.from,
            Err(offline) => offline.0,
        })
        .collect();
    assert_eq!(
        (names, world.now().as_millis()),
        (vec!["north", "west", "south"], 30)
    );

    let world = World::new();
    let asked = services.map(|service| service.ask(world.handle.clone()));
    let offline = world.drive(gather(asked, CancelOthers)).unwrap_err();
    assert_eq!((offline.0, world.now().as_millis()), ("west", 10));
    assert_eq!(
        world.sim.event_loop().timers(),
        0,
        "another future lives on"
    );
}

/// A loop without a driver, and tasks that wait for gates.
fn gated(count: usize) -> (Rc<ManualLoop>, Vec<Key<u32>>, Vec<Task<u32>>) {
    let event_loop = Rc::new(ManualLoop::default());
    let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
    let (keys, tasks) = (0..count)
        .map(|_| gate())
        .map(|(key, gate)| (key, Task::spawn(&spawn, gate)))
        .unzip();
    event_loop.run();
    (event_loop, keys, tasks)
}

#[test]
fn a_wait_that_is_dropped_at_any_suspension_cancels_its_tasks() {
    type World = (Rc<ManualLoop>, Vec<Key<u32>>, std::cell::Cell<usize>);
    let make = |_: &probe::Run| {
        let (event_loop, keys, tasks) = gated(3);
        let world: World = (event_loop, keys, std::cell::Cell::new(0));
        (wait(tasks, Until::All), world)
    };
    let between = |(event_loop, keys, opened): &World| {
        keys[opened.replace(opened.get() + 1)].open(7);
        assert!(event_loop.run());
    };
    let left = |_: &probe::Run, (event_loop, keys, _): &World, polls: usize| {
        assert!(event_loop.run());
        assert_eq!(event_loop.kept(), 0, "a task is left after {polls} polls");
        assert!(keys.iter().all(Key::is_gone));
    };
    at_every_pause(|| probe::run!(), make, between, left);
}

#[test]
fn the_task_that_polled_a_wait_last_is_woken_by_each_task_and_by_nothing_else() {
    let (event_loop, keys, tasks) = gated(2);
    let mut waiting = wait(tasks, Until::All);
    let run = probe::run!();
    let (a, b) = (poller(run.recorder(), "A"), poller(run.recorder(), "B"));
    assert!(a.poll(Pin::new(&mut waiting)).is_pending());
    assert!(b.poll(Pin::new(&mut waiting)).is_pending());
    assert_eq!((a.wakes(), b.wakes()), (0, 0), "it woke its own task");
    keys[1].open(7);
    assert!(event_loop.run());
    assert!(b.wakes() > 0);
    // A poll without news changes nothing, and moves the wait back to A.
    assert!(a.poll(Pin::new(&mut waiting)).is_pending());
    let before = a.wakes();
    keys[0].open(8);
    assert!(event_loop.run());
    assert!(a.wakes() > before);
    let Poll::Ready(waited) = a.poll(Pin::new(&mut waiting)) else {
        panic!("both tasks have finished")
    };
    assert_eq!(shape(&waited), (vec![1, 0], 0));
}

#[test]
fn a_task_that_was_handed_back_can_be_awaited_and_waited_for_again() {
    let (event_loop, keys, tasks) = gated(2);
    let mut waiting = wait(tasks, Until::First);
    let a = poller(probe::run!().recorder(), "A");
    assert!(a.poll(Pin::new(&mut waiting)).is_pending());
    keys[0].open(7);
    assert!(event_loop.run());
    let Poll::Ready(mut waited) = a.poll(Pin::new(&mut waiting)) else {
        panic!("one task has finished")
    };
    drop(waiting);
    let mut task = waited.pending.remove(0);
    assert!(a.poll(Pin::new(&mut task)).is_pending());
    keys[1].open(8);
    assert!(event_loop.run());
    assert!(matches!(a.poll(Pin::new(&mut task)), Poll::Ready(Ok(8))));
}
