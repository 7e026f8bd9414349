//! A dump looks into the sets of chapter 07.
//!
//! A learner's part in the place of a set need not look into itself: then the dump names the set, and no
//! test asks for more.

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use composition::{join_all, select, select_all, task_group};
use debugging::DebugMode;
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn};
use futures::channel::oneshot;
use futures::future::{FutureExt, LocalBoxFuture};
use synchronization::wait_graph::named;

type Loop = EventLoop<JumpingDriver, DebugMode>;

const SECOND: Duration = Duration::from_secs(1);

/// Whether the sets are the course's own, which look into themselves for a dump.
fn sets_look_into_themselves() -> bool {
    include_str!("../../07-composition/src/ready_set.rs").contains("leaf::is_asked")
}

/// Whether a group keeps its tasks in a set, and a task says which one it is.
fn groups_are_made_of_sets() -> bool {
    let group = include_str!("../../07-composition/src/task_group.rs");
    let task = include_str!("../../06-cancellation/src/task.rs");
    group.contains("ReadySet<") && task.contains("waits_for(what")
}

fn quiet() -> (DebugMode, Loop, Handle) {
    let debug = DebugMode::new().on_warning(|_| {});
    let event_loop = EventLoop::observed(JumpingDriver::new(), debug.clone());
    let handle = event_loop.handle();
    (debug, event_loop, handle)
}

/// A dump after these iterations, without the lines of this file.
fn dump_after(iterations: usize, debug: &DebugMode, event_loop: &Loop) -> String {
    for _ in 0..iterations {
        event_loop.run_once().unwrap();
    }
    debug.request_dump();
    let _ = event_loop.run_once();
    let text = debug
        .take_dump()
        .expect("every task was polled")
        .to_string();
    let lines = text.lines().map(|line| {
        let places = ["  spawned at ", "  tests/", "  src/"];
        let place = places.iter().find_map(|place| line.find(place));
        place.map_or(line, |place| &line[..place])
    });
    lines.map(|line| format!("{line}\n")).collect()
}

async fn fetch(handle: Handle, seconds: u32) {
    handle.sleep(seconds * SECOND).await;
}

async fn answer(receiver: oneshot::Receiver<u32>) {
    let _ = receiver.await;
}

// ANCHOR: page
async fn page(handle: Handle, address: oneshot::Receiver<u32>) {
    let parts: [LocalBoxFuture<'static, ()>; 3] = [
        fetch(handle.clone(), 5).boxed_local(),
        answer(address).boxed_local(),
        fetch(handle, 7).boxed_local(),
    ];
    join_all(parts).await;
}
// ANCHOR_END: page

#[test]
fn a_dump_shows_each_future_of_a_set_and_what_it_waits_for() {
    let (debug, event_loop, handle) = quiet();
    let (_sender, receiver) = oneshot::channel();
    drop(handle.spawn(page(handle.clone(), receiver)));
    let shown = dump_after(1, &debug, &event_loop);
    if sets_look_into_themselves() {
        assert_eq!(shown, include_str!("sets/page.txt"));
    } else {
        assert!(shown.contains("JoinAll"), "{shown}");
    }
}

#[test]
fn a_set_in_a_set_stands_below_it() {
    let (debug, event_loop, handle) = quiet();
    drop(handle.clone().spawn(async move {
        let inner = join_all([fetch(handle.clone(), 1), fetch(handle.clone(), 2)]);
        select(inner, fetch(handle, 3)).await;
    }));
    let shown = dump_after(1, &debug, &event_loop);
    let tree = "\
      Select\n      \
      ├─ JoinAll\n      \
      │  ├─ fetch\n      \
      │  │  └─ Sleep  waits for a timer, due at 1s\n      \
      │  └─ fetch\n      \
      │     └─ Sleep  waits for a timer, due at 2s\n      \
      └─ fetch\n         \
         └─ Sleep  waits for a timer, due at 3s\n";
    // The two are polled in an order that is drawn.
    let shown = shown.as_str();
    let parts = ["Select", "JoinAll", "due at 3s"];
    assert!(parts.iter().all(|part| shown.contains(part)), "{shown}");
    if sets_look_into_themselves() && shown.find("JoinAll") < shown.find("due at 3s") {
        assert!(shown.ends_with(tree), "{shown}");
    }
}

#[test]
fn a_select_shows_all_its_futures() {
    let (debug, event_loop, handle) = quiet();
    drop(handle.clone().spawn(async move {
        select_all([1, 2, 3].map(|seconds| fetch(handle.clone(), seconds))).await;
    }));
    let shown = dump_after(1, &debug, &event_loop);
    assert!(shown.contains("└─ SelectAll\n"), "{shown}");
    for seconds in [1, 2, 3] {
        let leaf = format!("Sleep  waits for a timer, due at {seconds}s");
        assert!(shown.contains(&leaf), "{shown}");
    }
}

#[test]
fn the_children_of_a_task_group_stand_below_it_with_its_body() {
    let (debug, event_loop, handle) = quiet();
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    drop(handle.clone().spawn(async move {
        let group = task_group(&spawn, async |group| {
            group.spawn(fetch(handle.clone(), 1).map(Ok::<(), ()>));
            group.spawn(fetch(handle.clone(), 2).map(Ok::<(), ()>));
            fetch(handle, 3).await;
            Ok(())
        });
        let _ = group.await;
    }));
    let shown = dump_after(2, &debug, &event_loop);
    assert!(shown.contains("└─ TaskGroup\n"), "{shown}");
    assert!(shown.contains("due at 3s"), "{shown}");
    if sets_look_into_themselves() && groups_are_made_of_sets() {
        assert_eq!(shown.matches("Task  waits for task ").count(), 2, "{shown}");
        assert!(!shown.contains("\ntask 2"), "a child is no root:\n{shown}");
    }
}

#[test]
fn the_name_of_a_future_in_a_set_is_not_that_of_its_task() {
    let (debug, event_loop, handle) = quiet();
    drop(handle.spawn(named("outer", async {
        join_all([named("inner", pending::<()>())]).await;
    })));
    let shown = dump_after(1, &debug, &event_loop);
    assert!(shown.contains("task 1 “outer”"), "{shown}");
}

#[test]
fn only_a_dump_polls_the_futures_that_were_not_woken() {
    let (debug, event_loop, handle) = quiet();
    let polls = Rc::new(Cell::new(0));
    let counted = |polls: &Rc<Cell<u32>>| {
        let polls = Rc::clone(polls);
        poll_fn(move |_| {
            polls.set(polls.get() + 1);
            Poll::<()>::Pending
        })
    };
    let futures = [counted(&polls), counted(&polls)];
    let waker: Rc<Cell<Option<Waker>>> = Rc::default();
    drop(handle.spawn({
        let waker = Rc::clone(&waker);
        async move {
            let mut all = join_all(futures);
            poll_fn(|context| {
                waker.set(Some(context.waker().clone()));
                all.poll_unpin(context)
            })
            .await;
        }
    }));
    event_loop.run_once().unwrap();
    let first = polls.get();
    waker.take().unwrap().wake();
    event_loop.run_once().unwrap();
    assert_eq!(
        polls.get(),
        first,
        "the set was polled, and no future of it"
    );
    dump_after(0, &debug, &event_loop);
    if sets_look_into_themselves() {
        assert_eq!(polls.get(), first + 2);
    }
}

#[test]
fn a_future_of_a_set_whose_wake_was_lost_completes_in_the_dump() {
    let (debug, event_loop, handle) = quiet();
    let is_there = Rc::new(Cell::new(false));
    let forgetful = {
        let is_there = Rc::clone(&is_there);
        poll_fn(move |_| match is_there.get() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
    };
    drop(handle.spawn(async move {
        join_all([forgetful]).await;
    }));
    event_loop.run_once().unwrap();
    is_there.set(true); // No waker is called.
    let shown = dump_after(0, &debug, &event_loop);
    if sets_look_into_themselves() {
        assert!(shown.contains("was ready and not woken"), "{shown}");
    }
}

#[test]
fn futures_that_wait_alike_are_shown_one_by_one() {
    let (debug, event_loop, handle) = quiet();
    drop(handle.clone().spawn(async move {
        join_all([1, 1, 1].map(|seconds| fetch(handle.clone(), seconds))).await;
    }));
    let shown = dump_after(1, &debug, &event_loop);
    if sets_look_into_themselves() {
        assert_eq!(shown.matches("─ fetch").count(), 3, "{shown}");
        assert_eq!(shown.matches("due at 1s").count(), 3, "{shown}");
    }
}
