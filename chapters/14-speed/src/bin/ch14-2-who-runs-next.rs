//! A question, an answer, and a third task that waits: with and without a LIFO slot.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

use event_loop::{Handle, ThreadDriver, yield_now};
use speed::{EventLoop, Steps};

/// Two players and their ball.
#[derive(Default)]
struct Table {
    ball: Cell<usize>,
    waiting: RefCell<[Option<Waker>; 2]>,
    order: RefCell<Vec<&'static str>>,
}

// ANCHOR: player
/// Plays the ball four times: waits until it is here, plays it, and wakes the other player.
fn player(table: Rc<Table>, me: usize) -> impl Future<Output = ()> {
    let mut left = 4;
    poll_fn(move |context| {
        table.waiting.borrow_mut()[me] = Some(context.waker().clone());
        if table.ball.get() == me {
            table.order.borrow_mut().push(["ping", "pong"][me]);
            table.ball.set(1 - me);
            left -= 1;
            let other = table.waiting.borrow_mut()[1 - me].take();
            if let Some(other) = other {
                other.wake();
            }
        }
        if left > 0 {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
}
// ANCHOR_END: player

// ANCHOR: game
async fn game(handle: Handle) -> String {
    let table = Rc::new(Table::default());
    let players = [0, 1].map(|me| handle.spawn(player(Rc::clone(&table), me)));
    let others = Rc::clone(&table);
    let third = handle.spawn(async move {
        for _ in 0..4 {
            others.order.borrow_mut().push("third");
            yield_now().await;
        }
    });
    for task in players.into_iter().chain([third]) {
        task.await.expect("the tasks do not panic");
    }
    table.order.take().join(" ")
}
// ANCHOR_END: game

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    for lifo in [false, true] {
        let steps = Steps {
            lifo,
            ..Steps::default()
        };
        let event_loop = EventLoop::stepped(ThreadDriver::new(), (), steps);
        let order = event_loop.block_on(game(event_loop.handle()));
        println!("{} {order}", if lifo { "slot: " } else { "queue:" });
    }
}
// ANCHOR_END: main
