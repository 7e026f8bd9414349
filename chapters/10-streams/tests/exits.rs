//! `ExitStack` and `with`: the exits run in reverse and once, whenever the owner is dropped.

use std::cell::RefCell;
use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use event_loop::{Spawn, yield_now};
use futures::FutureExt;
use probe::detect::DropCounter;
use probe::panics;
use probe_futures::pending_times;
use probe_loop::ManualLoop;
use streams::{ExitStack, with};

struct World {
    event_loop: Rc<ManualLoop>,
    spawn: Rc<dyn Spawn>,
    log: Rc<RefCell<Vec<String>>>,
    values: DropCounter,
}

impl World {
    fn new() -> World {
        let event_loop = Rc::new(ManualLoop::default());
        World {
            spawn: Rc::<ManualLoop>::clone(&event_loop),
            event_loop,
            log: Rc::default(),
            values: DropCounter::new(),
        }
    }

    fn write(&self, line: &str) {
        self.log.borrow_mut().push(line.to_owned());
    }

    fn log(&self) -> String {
        self.log.borrow().join(", ")
    }

    /// An exit that is pending so often, writes its name, and ends as the name says.
    fn exit(
        &self,
        name: &'static str,
        pending: usize,
    ) -> impl Future<Output = Result<(), Box<dyn std::error::Error>>> + use<> {
        let (log, value) = (Rc::clone(&self.log), self.values.token());
        async move {
            let _value = value;
            pending_times(pending, ()).await;
            log.borrow_mut().push(name.to_owned());
            match name {
                "fails" => Err("it fails".into()),
                "panics" => panic!("it panics"),
                _ => Ok(()),
            }
        }
    }

    #[track_caller]
    fn nothing_is_left(&self) {
        assert!(self.event_loop.run(), "the loop has no end");
        assert_eq!((self.values.alive(), self.event_loop.kept()), (0, 0));
        assert_eq!(self.event_loop.take_panics(), 0);
    }
}

/// Polls `future` up to so often.
fn polls<F: Future>(future: F, most: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..most {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
    }
    None
}

#[test]
fn a_close_that_is_dropped_after_any_poll_leaves_the_rest_to_the_loop() {
    for most in 0..8 {
        let world = World::new();
        let mut stack = ExitStack::new(&world.spawn);
        for (name, pending) in [("a", 2), ("b", 0), ("fails", 1), ("panics", 0), ("c", 2)] {
            stack.push(world.exit(name, pending));
        }
        let closed = panics::expected(|| polls(stack.close(), most)).unwrap();
        let failures = closed.map(|closed| closed.unwrap_err());
        world.nothing_is_left();
        assert_eq!(
            world.log(),
            "c, panics, fails, b, a",
            "dropped after {most} polls"
        );
        let told: Vec<String> = match &failures {
            Some(failures) => failures.iter().map(ToString::to_string).collect(),
            None => world.event_loop.reports(),
        };
        assert_eq!(told.len(), 2);
        assert!(
            told[0].ends_with("it panics") && told[1].ends_with("it fails"),
            "{told:?}"
        );
    }
}

#[test]
fn a_stack_that_is_dropped_leaves_its_exits_to_one_task() {
    let world = World::new();
    let mut stack = ExitStack::new(&world.spawn);
    stack.push(world.exit("a", 0));
    stack.push(world.exit("b", 3));
    drop(stack);
    assert_eq!((world.log(), world.event_loop.kept()), (String::new(), 1));
    world.nothing_is_left();
    assert_eq!(world.log(), "b, a");
}

#[test]
fn a_stack_without_exits_spawns_no_task() {
    let world = World::new();
    drop(ExitStack::new(&world.spawn));
    drop(ExitStack::new(&world.spawn).close());
    assert!(
        polls(ExitStack::new(&world.spawn).close(), 1)
            .unwrap()
            .is_ok()
    );
    assert_eq!(world.event_loop.kept(), 0);
}

#[test]
fn exits_that_were_moved_run_with_their_new_stack() {
    let world = World::new();
    let mut stack = ExitStack::new(&world.spawn);
    stack.push(world.exit("a", 0));
    stack.push(world.exit("b", 0));
    let moved = stack.pop_all();
    assert_eq!((stack.len(), moved.len()), (0, 2));
    stack.push(world.exit("c", 0));
    drop(stack);
    assert!(world.event_loop.run());
    assert_eq!(world.log(), "c");
    drop(moved);
    world.nothing_is_left();
    assert_eq!(world.log(), "c, b, a");
}

#[test]
fn a_closed_loop_drops_the_exits_and_runs_none() {
    let world = World::new();
    let mut stack = ExitStack::new(&world.spawn);
    stack.push(world.exit("a", 0));
    world.event_loop.close();
    drop(stack);
    assert_eq!((world.log(), world.values.alive()), (String::new(), 0));
}

#[test]
fn a_hundred_thousand_exits_run_in_reverse() {
    let world = World::new();
    let order = Rc::new(RefCell::new(Vec::new()));
    let mut stack = ExitStack::new(&world.spawn);
    for number in 0..100_000 {
        let order = Rc::clone(&order);
        stack.push(async move {
            order.borrow_mut().push(number);
            Ok(())
        });
    }
    assert!(polls(stack.close(), 1).unwrap().is_ok());
    assert!(order.borrow().iter().copied().eq((0..100_000).rev()));
}

/// A `with` whose body and exit are pending twice each.
fn lent(world: &World, way: &'static str) -> impl Future<Output = Result<u32, String>> + use<> {
    let (log, held) = (Rc::clone(&world.log), world.values.token());
    let exit = {
        let (log, value) = (Rc::clone(&world.log), world.values.token());
        move |_held| async move {
            let _value = value;
            log.borrow_mut().push("exit begins".to_owned());
            pending_times(2, ()).await;
            log.borrow_mut().push("exit ends".to_owned());
            match way {
                "both fail" | "exit fails" => Err("the exit".to_owned()),
                _ => Ok(()),
            }
        }
    };
    let body = async move |_held: &mut _| {
        let _guard = OnDrop(Rc::clone(&log));
        pending_times(2, ()).await;
        match way {
            "both fail" => Err("the body".to_owned()),
            "panics" => panic!("the body panics"),
            _ => Ok(7),
        }
    };
    with(&world.spawn, held, body, exit)
}

struct OnDrop(Rc<RefCell<Vec<String>>>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.borrow_mut().push("body ends".to_owned());
    }
}

#[test]
fn the_exit_runs_once_and_behind_the_body_whenever_a_with_is_dropped() {
    for way in ["returns", "both fail", "exit fails", "panics"] {
        for most in 0..7 {
            let world = World::new();
            let ended = panics::expected(|| polls(lent(&world, way), most));
            let ready = !matches!(&ended, Ok(None));
            world.nothing_is_left();
            let log = match most {
                0 => "exit begins, exit ends",
                _ => "body ends, exit begins, exit ends",
            };
            assert_eq!(world.log(), log, "{way}, dropped after {most} polls");
            match (way, ended) {
                (_, Ok(None)) | ("panics", Err(_)) => {}
                ("returns", Ok(Some(ended))) => assert_eq!(ended, Ok(7)),
                ("both fail", Ok(Some(ended))) => assert_eq!(ended, Err("the body".to_owned())),
                (_, ended) => assert_eq!(ended.unwrap(), Some(Err("the exit".to_owned()))),
            }
            let reported = match way {
                "both fail" => 1,
                "exit fails" => usize::from(!ready),
                _ => 0,
            };
            assert_eq!(
                world.event_loop.reports().len(),
                reported,
                "{way}, {most} polls"
            );
        }
    }
}

#[test]
fn a_lent_resource_can_be_changed_and_the_exit_sees_it() {
    let world = World::new();
    let body = async |list: &mut Vec<u32>| {
        list.push(1);
        Ok::<(), String>(())
    };
    let seen = Rc::new(RefCell::new(Vec::new()));
    let keeps = Rc::clone(&seen);
    let lent = with(&world.spawn, Vec::new(), body, |list| async move {
        keeps.replace(list);
        Ok(())
    });
    assert_eq!(polls(lent, 1), Some(Ok(())));
    assert_eq!(*seen.borrow(), [1]);
    world.write("ends");
}

type Lent = Pin<Box<dyn Future<Output = Result<(), String>>>>;

/// A `with` around this body. Its exit takes three polls, and that of `outside` takes more.
fn around(world: &Rc<World>, name: &'static str, body: impl Future<Output = ()> + 'static) -> Lent {
    let exits = Rc::clone(world);
    let lent = with(
        &world.spawn,
        (),
        async move |_: &mut ()| {
            body.await;
            Ok::<(), String>(())
        },
        move |()| async move {
            exits.write(&format!("{name} begins"));
            pending_times(if name == "outside" { 20 } else { 2 }, ()).await;
            exits.write(&format!("{name} ends"));
            Ok(())
        },
    );
    Box::pin(lent)
}

#[test]
fn the_exit_of_a_cancelled_body_waits_for_those_inside_of_it() {
    let order = "3 begins, 3 ends, 2 begins, 2 ends, 1 begins, 1 ends";
    // After every number of polls: in the body, in exit 3, in exit 2, in exit 1.
    for most in 1..12 {
        let world = Rc::new(World::new());
        let third = around(&world, "3", yield_now());
        let second = around(&world, "2", third.map(drop));
        let _cut = polls(around(&world, "1", second.map(drop)), most);
        world.nothing_is_left();
        assert_eq!(world.log(), order, "dropped after {most} polls");
    }
}

#[test]
fn an_exit_waits_for_one_that_its_body_has_cancelled_and_for_no_others() {
    let world = Rc::new(World::new());
    let loser = around(&world, "inner", pending());
    let outside = around(&world, "outside", pending());
    let body = async move {
        let _ready = composition::select(yield_now(), loser).await;
    };
    let mut outer = around(&world, "outer", body);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..2 {
        let _pending = outer.as_mut().poll(&mut context);
    }
    drop(outside);
    drop(outer);
    world.nothing_is_left();
    let log = world.log();
    let at = |what: &str| log.find(what).unwrap_or_else(|| panic!("{what}: {log}"));
    assert!(at("inner ends") < at("outer begins"), "{log}");
    assert!(at("outer begins") < at("outside ends"), "{log}");
}
