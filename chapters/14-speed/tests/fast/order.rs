//! In which order tasks run.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use event_loop::{Handle, ThreadDriver, yield_now};
use speed::{EventLoop, Steps};

use super::all_steps;

type Notes = Rc<RefCell<Vec<String>>>;

/// Several tasks that spawn, wake, yield and call back, and note what they do.
async fn story(handle: Handle, notes: Notes) {
    let note = {
        let notes = Rc::clone(&notes);
        move |text: String| notes.borrow_mut().push(text)
    };
    let mut tasks = Vec::new();
    for number in 0..5 {
        let note = note.clone();
        let inner = handle.clone();
        tasks.push(handle.spawn(async move {
            for round in 0..number {
                note(format!("{number} in round {round}"));
                let note = note.clone();
                drop(inner.call_soon(move || note(format!("callback of {number}"))));
                yield_now().await;
            }
            number
        }));
    }
    assert!(tasks[3].abort());
    for (number, task) in tasks.into_iter().enumerate() {
        let joined = task.await.ok();
        note(format!("joined {number}: {joined:?}"));
    }
}

#[test]
fn every_combination_of_steps_runs_tasks_in_the_order_of_chapter_04() {
    let expected = {
        let event_loop = event_loop::EventLoop::new();
        let notes = Notes::default();
        event_loop.block_on(story(event_loop.handle(), Rc::clone(&notes)));
        notes.take()
    };
    for steps in all_steps() {
        let event_loop = EventLoop::stepped(ThreadDriver::new(), (), steps);
        let notes = Notes::default();
        event_loop.block_on(story(event_loop.handle(), Rc::clone(&notes)));
        assert_eq!(notes.take(), expected, "{steps:?}");
    }
}

/// A ball that two tasks throw: each waits until it has the ball, notes its name, and wakes the other.
fn player(
    ball: &Rc<Cell<usize>>,
    wakers: &Rc<RefCell<[Option<Waker>; 2]>>,
    me: usize,
    notes: &Rc<RefCell<Vec<&'static str>>>,
) -> impl Future<Output = ()> + use<> {
    let (ball, wakers, notes) = (Rc::clone(ball), Rc::clone(wakers), Rc::clone(notes));
    let mut left = 10;
    poll_fn(move |context| {
        wakers.borrow_mut()[me] = Some(context.waker().clone());
        if ball.get() == me {
            notes.borrow_mut().push(["ping", "pong"][me]);
            ball.set(1 - me);
            left -= 1;
            if let Some(other) = wakers.borrow_mut()[1 - me].take() {
                other.wake();
            }
        }
        if left == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
}

/// Who ran, while two tasks answered each other and a third one waited for its turn.
fn game(steps: Steps) -> String {
    let event_loop = EventLoop::stepped(ThreadDriver::new(), (), steps);
    let handle = event_loop.handle();
    let notes = Rc::new(RefCell::new(Vec::new()));
    event_loop.block_on(async {
        let (ball, wakers) = (Rc::default(), Rc::default());
        let one = handle.spawn(player(&ball, &wakers, 0, &notes));
        let other = handle.spawn(player(&ball, &wakers, 1, &notes));
        let waiting = handle.spawn({
            let notes = Rc::clone(&notes);
            async move {
                for _ in 0..3 {
                    notes.borrow_mut().push("·");
                    yield_now().await;
                }
            }
        });
        for task in [one, other, waiting] {
            task.await.unwrap();
        }
    });
    notes.take().join(" ")
}

#[test]
fn the_lifo_slot_runs_the_woken_task_next_and_no_more_than_three_in_a_row() {
    let order = game(Steps {
        lifo: true,
        ..Steps::default()
    });
    let (waited, _) = order.rsplit_once('·').unwrap();
    let longest = waited
        .split('·')
        .map(|part| part.split_whitespace().count());
    assert_ne!(order, game(Steps::default()));
    // Two tasks that were polled from the queue, and three from the slot after each.
    assert!(longest.max() <= Some(2 * 4), "{order}");
    assert_eq!(order.matches("ping").count(), 10, "{order}");
    assert_eq!(order.matches("pong").count(), 10, "{order}");
    assert_eq!(order.matches('·').count(), 3, "{order}");
}

#[test]
fn a_task_that_wakes_itself_does_not_enter_the_lifo_slot() {
    let steps = Steps {
        lifo: true,
        ..Steps::default()
    };
    let event_loop = EventLoop::stepped(ThreadDriver::new(), (), steps);
    let handle = event_loop.handle();
    let others = Rc::new(Cell::new(0));
    let seen = event_loop.block_on(async {
        for _ in 0..3 {
            let others = Rc::clone(&others);
            drop(handle.spawn(async move { others.set(others.get() + 1) }));
        }
        yield_now().await;
        others.get()
    });
    assert_eq!(seen, 3);
}
