//! Spawning, and what becomes of a task.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::Poll;

use event_loop::{EventLoop, Handle, JoinError, Spawn, yield_now};
use probe::run;
use probe_futures::gate;
use probe_loop::{SimLoop, drive};

/// A note that several futures write into.
#[derive(Clone, Default)]
struct Notes(Rc<RefCell<Vec<String>>>);

impl Notes {
    fn add(&self, note: impl Into<String>) {
        self.0.borrow_mut().push(note.into());
    }

    fn all(&self) -> Vec<String> {
        self.0.borrow().clone()
    }
}

#[test]
fn a_spawned_future_is_not_polled_before_spawn_returns() {
    let notes = Notes::default();
    let child = notes.clone();
    let event_loop = EventLoop::new();
    let task = event_loop.handle().spawn(async move { child.add("child") });
    notes.add("spawned");
    event_loop.block_on(task).unwrap();
    assert_eq!(notes.all(), ["spawned", "child"]);
}

#[test]
fn tasks_run_in_the_order_in_which_they_were_spawned() {
    let notes = Notes::default();
    let event_loop = EventLoop::new();
    for name in ["first", "second", "third"] {
        let notes = notes.clone();
        drop(event_loop.handle().spawn(async move {
            notes.add(name);
            yield_now().await;
            notes.add(name);
        }));
    }
    event_loop.run_once().unwrap();
    event_loop.run_once().unwrap();
    let turn = ["first", "second", "third"];
    assert_eq!(notes.all(), [turn, turn].concat());
    assert_eq!(event_loop.tasks(), 0);
}

#[test]
fn a_task_may_spawn_from_inside_its_poll() {
    let sum = drive(&run!(), |handle| async move {
        let mut sum = 0;
        for number in 1..=10 {
            let inner = handle.clone();
            let child =
                handle.spawn(async move { inner.spawn(async move { number }).await.unwrap() });
            sum += child.await.unwrap();
        }
        sum
    });
    assert_eq!(sum, 55);
}

#[test]
fn a_destructor_may_spawn() {
    struct SpawnsWhenDropped(Handle, Notes);

    impl Drop for SpawnsWhenDropped {
        fn drop(&mut self) {
            let notes = self.1.clone();
            drop(
                self.0
                    .spawn(async move { notes.add("spawned by a destructor") }),
            );
        }
    }

    let notes = Notes::default();
    let event_loop = EventLoop::new();
    let guard = SpawnsWhenDropped(event_loop.handle(), notes.clone());
    let task = event_loop.handle().spawn(async move {
        let _guard = guard;
        pending::<()>().await;
    });
    event_loop.run_once().unwrap();
    assert!(task.abort());
    event_loop.run_once().unwrap();
    assert_eq!(notes.all(), ["spawned by a destructor"]);
}

#[test]
fn what_is_spawned_through_the_trait_runs_too() {
    let done = Rc::new(Cell::new(false));
    let seen = Rc::clone(&done);
    drive(&run!(), |handle| async move {
        handle.spawn_boxed(Box::pin(async move { seen.set(true) }));
        yield_now().await;
    });
    assert!(done.get());
}

#[test]
fn a_task_that_is_ready_is_dropped_before_the_next_one_is_polled() {
    struct Noted(Notes);

    impl Drop for Noted {
        fn drop(&mut self) {
            self.0.add("dropped");
        }
    }

    let notes = Notes::default();
    let event_loop = EventLoop::new();
    let held = Noted(notes.clone());
    let after = notes.clone();
    drop(event_loop.handle().spawn(poll_fn(move |_| {
        let _ = &held;
        Poll::Ready(())
    })));
    drop(
        event_loop
            .handle()
            .spawn(async move { after.add("the next one") }),
    );
    event_loop.run_once().unwrap();
    assert_eq!(notes.all(), ["dropped", "the next one"]);
}

#[test]
fn an_aborted_task_is_dropped_at_once_and_runs_no_more() {
    let (key, gate) = gate::<()>();
    let event_loop = EventLoop::new();
    let task = event_loop.handle().spawn(gate);
    event_loop.run_once().unwrap();
    assert!(task.abort());
    assert!(key.is_gone());
    assert!(task.is_finished());
    assert!(!task.abort(), "it is over");
    assert_eq!(event_loop.tasks(), 0);
    key.open(());
    assert!(matches!(event_loop.block_on(task), Err(JoinError::Aborted)));
}

#[test]
fn a_task_that_aborts_itself_is_dropped_after_its_poll() {
    let sim_loop = SimLoop::new(&run!());
    let own = Rc::new(RefCell::new(None::<event_loop::JoinHandle<()>>));
    let inside = Rc::clone(&own);
    let reached = Rc::new(Cell::new(false));
    let seen = Rc::clone(&reached);
    let task = sim_loop.spawn("suicidal", async move {
        assert!(inside.borrow().as_ref().unwrap().abort());
        seen.set(true);
        pending::<()>().await;
    });
    *own.borrow_mut() = Some(task);
    sim_loop.event_loop().run_once().unwrap();
    assert!(
        reached.get(),
        "the poll in which it was aborted goes on to its end"
    );
    assert_eq!(sim_loop.event_loop().tasks(), 0);
    assert!(own.borrow().as_ref().unwrap().is_finished());
}

#[test]
fn a_task_that_aborts_itself_and_is_ready_is_ready() {
    let event_loop = EventLoop::new();
    let own = Rc::new(RefCell::new(None::<event_loop::JoinHandle<u32>>));
    let inside = Rc::clone(&own);
    let task = event_loop.handle().spawn(async move {
        inside.borrow().as_ref().unwrap().abort();
        7
    });
    *own.borrow_mut() = Some(task);
    event_loop.run_once().unwrap();
    let task = own.borrow_mut().take().unwrap();
    assert_eq!(event_loop.block_on(task).unwrap(), 7);
}

#[test]
fn an_aborted_task_that_was_woken_is_not_polled() {
    let polls = Rc::new(Cell::new(0));
    let count = Rc::clone(&polls);
    let event_loop = EventLoop::new();
    let task = event_loop.handle().spawn(poll_fn(move |_| {
        count.set(count.get() + 1);
        Poll::<()>::Pending
    }));
    task.abort();
    event_loop.run_once().unwrap();
    assert_eq!(polls.get(), 0);
}

#[test]
fn each_task_has_a_number_of_its_own() {
    let event_loop = EventLoop::new();
    let tasks = [0, 1, 2].map(|_| event_loop.handle().spawn(async {}).task().unwrap());
    assert!(tasks.is_sorted() && tasks[0] != tasks[1] && tasks[1] != tasks[2]);
}
