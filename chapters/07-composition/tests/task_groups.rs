//! Nothing outlives a group.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use cancellation::Cleanup;
use composition::{Failed, Group, TaskGroup, task_group};
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn, yield_now};
use probe::detect::Token;
use probe_loop::group_runs::{self, AnyGroup, AnyHandle, End, Fault, Scripted};

const SECOND: Duration = Duration::from_secs(1);

/// What the machine of `probe-loop` needs.
struct Ours(TaskGroup<'static, Token, Fault>);

#[derive(Clone)]
struct Starts(Group<Fault>);

impl AnyGroup for Ours {
    type Handle = Starts;

    fn start(spawn: &Rc<dyn Spawn>, body: impl FnOnce(Starts) -> Scripted<Starts>) -> Ours {
        Ours(task_group(spawn, |group| body(Starts(group))))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<End> {
        let in_words = |failed: &Failed<Fault>| match failed {
            Failed::Error(fault) => fault.message().to_owned(),
            Failed::Panicked(_) => format!("{failed:?}"),
        };
        let polled = Pin::new(&mut self.0).poll(context);
        polled.map_err(|failures| failures.iter().map(in_words).collect())
    }
}

impl AnyHandle for Starts {
    fn spawn(&self, child: Scripted<Starts>) {
        self.0.spawn(async move { child.await.map(drop) });
    }

    fn spawner(&self) -> Rc<dyn Spawn> {
        self.0.spawner()
    }
}

#[test]
fn in_ten_thousand_schedules_nothing_outlives_the_group() {
    for seed in 0..10_000 {
        if let Err(rule) = group_runs::schedule::<Ours>(seed) {
            panic!("{rule}");
        }
    }
}

type Log = Rc<RefCell<Vec<String>>>;

/// Runs this on a loop whose clock jumps, and returns what was written and the time in seconds.
fn on_a_loop<F, Fut>(main: F) -> (Vec<String>, u64)
where
    F: FnOnce(Rc<dyn Spawn>, Handle, Log) -> Fut,
    Fut: Future<Output = ()>,
{
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    let log = Log::default();
    event_loop.block_on(async {
        main(spawn, handle.clone(), Rc::clone(&log)).await;
        yield_now().await; // The loop drops what is left of cancelled tasks.
    });
    let seconds = handle.now().since_start().as_secs();
    assert_eq!(event_loop.tasks(), 0, "a task is left");
    let lines = log.borrow().clone();
    (lines, seconds)
}

/// Writes its name when it is dropped.
struct Dropped(Log, &'static str);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.borrow_mut().push(format!("{} is dropped", self.1));
    }
}

#[test]
fn children_run_side_by_side_and_the_group_waits_for_all() {
    let (_, seconds) = on_a_loop(|spawn, handle, _| async move {
        let sum = Rc::new(Cell::new(0));
        let group = task_group::<_, (), _>(&spawn, async |group| {
            for number in 1..=3 {
                let (handle, sum) = (handle.clone(), Rc::clone(&sum));
                group.spawn(async move {
                    handle.sleep(number * SECOND).await;
                    sum.set(sum.get() + number);
                    Ok(())
                });
            }
            Ok("the body's value")
        });
        assert_eq!(group.await.unwrap(), "the body's value");
        assert_eq!(sum.get(), 6);
    });
    assert_eq!(seconds, 3);
}

#[test]
fn an_error_cancels_the_siblings_and_the_body() {
    let (lines, seconds) = on_a_loop(|spawn, handle, log| async move {
        let group = task_group::<(), _, _>(&spawn, async |group| {
            let _body = Dropped(Rc::clone(&log), "the body");
            let sibling = Dropped(Rc::clone(&log), "the sibling");
            group.spawn(async move {
                let _sibling = sibling;
                pending().await
            });
            let handle = handle.clone();
            group.spawn(async move {
                handle.sleep(SECOND).await;
                Err("no route")
            });
            pending().await
        });
        let failures = group.await.unwrap_err();
        assert!(matches!(failures[..], [Failed::Error("no route")]));
    });
    assert_eq!(lines, ["the body is dropped", "the sibling is dropped"]);
    assert_eq!(seconds, 1);
}

#[test]
fn two_errors_in_one_iteration_are_both_returned_in_their_order() {
    on_a_loop(|spawn, handle, _| async move {
        let group = task_group::<(), _, _>(&spawn, async |group| {
            for (number, after) in [(1, 2), (2, 1), (3, 2)] {
                let handle = handle.clone();
                group.spawn(async move {
                    handle.sleep(SECOND).await;
                    for _ in 1..after {
                        yield_now().await;
                    }
                    Err(number)
                });
            }
            pending().await
        });
        let failures = group.await.unwrap_err();
        // The second fails first. In the next iteration the first is polled before the group, and the
        // third after it: so the third is cancelled.
        assert!(matches!(failures[..], [Failed::Error(2), Failed::Error(1)]));
        let both = task_group::<(), _, _>(&spawn, async |group| {
            group.spawn(async { Err(1) });
            group.spawn(async { panic!("out of memory") });
            Ok(())
        });
        let failures = both.await.unwrap_err();
        assert!(matches!(
            failures[..],
            [Failed::Error(1), Failed::Panicked(_)]
        ));
    });
}

#[test]
fn cleanup_of_a_cancelled_child_is_waited_for() {
    let (lines, seconds) = on_a_loop(|spawn, handle, log| async move {
        let group = task_group::<(), _, _>(&spawn, async |group| {
            let (timer, said) = (handle.clone(), Rc::clone(&log));
            let goodbye = Cleanup::new(&group.spawner(), async move {
                timer.sleep(2 * SECOND).await;
                said.borrow_mut().push("goodbye".to_owned());
            });
            group.spawn(async move {
                let _goodbye = goodbye;
                pending().await
            });
            yield_now().await;
            Err("the body fails")
        });
        assert!(group.await.is_err());
        log.borrow_mut().push("the group is over".to_owned());
    });
    assert_eq!(lines, ["goodbye", "the group is over"]);
    assert_eq!(seconds, 2);
}

#[test]
fn cleanup_of_a_group_in_a_group_is_waited_for_by_the_outer_one() {
    let (lines, _) = on_a_loop(|spawn, handle, log| async move {
        let outer = task_group::<(), _, _>(&spawn, async |outer| {
            let (spawner, timer, said) = (outer.spawner(), handle.clone(), Rc::clone(&log));
            outer.spawn(async move {
                task_group(&spawner, async |inner| {
                    let goodbye = Cleanup::new(&inner.spawner(), async move {
                        timer.sleep(SECOND).await;
                        said.borrow_mut().push("goodbye".to_owned());
                    });
                    inner.spawn(async move {
                        let _goodbye = goodbye;
                        pending().await
                    });
                    pending::<Result<(), &str>>().await
                })
                .await
                .map_err(|_| "inside")
            });
            handle.sleep(SECOND).await;
            Err("outside")
        });
        let failures = outer.await.unwrap_err();
        assert!(matches!(failures[..], [Failed::Error("outside")]));
        log.borrow_mut().push("the outer group is over".to_owned());
    });
    assert_eq!(lines, ["goodbye", "the outer group is over"]);
}

#[test]
fn a_child_may_spawn_and_after_the_end_nothing_can() {
    on_a_loop(|spawn, _, _| async move {
        let count = Rc::new(Cell::new(0));
        let mut kept = None;
        let group = task_group::<_, (), _>(&spawn, async |group| {
            kept = Some(group.clone());
            tree(&group, &count, 10);
            Ok(())
        });
        group.await.unwrap();
        assert_eq!(count.get(), 1_023);
        tree(&kept.unwrap(), &count, 1);
        yield_now().await;
        assert_eq!(count.get(), 1_023);
    });
}

/// A child that counts, and starts two like it.
fn tree(group: &Group<()>, count: &Rc<Cell<u32>>, depth: u32) {
    let (inside, count) = (group.clone(), Rc::clone(count));
    group.spawn(async move {
        count.set(count.get() + 1);
        if depth > 1 {
            tree(&inside, &count, depth - 1);
            tree(&inside, &count, depth - 1);
        }
        Ok(())
    });
}

#[test]
fn the_body_may_borrow() {
    on_a_loop(|spawn, _, _| async move {
        let mut lines = vec!["one"];
        let group = task_group::<_, (), _>(&spawn, async |_| {
            lines.push("two");
            Ok(())
        });
        group.await.unwrap();
        assert_eq!(lines, ["one", "two"]);
    });
}

#[test]
fn a_thousand_children_that_have_finished_take_no_place() {
    let (_, seconds) = on_a_loop(|spawn, handle, _| async move {
        let group = task_group::<_, (), _>(&spawn, async |group| {
            for _ in 0..1_000 {
                group.spawn(async { Ok(()) });
                handle.sleep(SECOND).await;
            }
            Ok(())
        });
        group.await.unwrap();
    });
    assert_eq!(seconds, 1_000);
}

#[test]
#[should_panic = "polled after it was ready"]
fn a_group_that_was_ready_is_not_polled_again() {
    on_a_loop(|spawn, _, _| async move {
        let mut group = task_group::<_, (), _>(&spawn, async |_| Ok(()));
        (&mut group).await.unwrap();
        let _ = (&mut group).await;
    });
}
