//! A receiver that waits in one task, is handed over, and waits in another.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use wakers::oneshot::{self, Receiver};
use wakers::ready_list::ReadyList;

// ANCHOR: main
// ANCHOR: caller
fn main() {
    closed_output::end_quietly();
    let (sender, receiver) = oneshot::channel();
    let desk = Desk::default();
    let mut list = ReadyList::new();
    list.add(first_task(receiver, Rc::clone(&desk)));
    list.add(second_task(desk));

    println!("run");
    list.run();
    println!("send(7): {:?}", sender.send(7));
    println!("run");
    list.run();

    let (sender, receiver) = oneshot::channel::<u32>();
    drop(receiver);
    println!("the receiver is gone: {}", sender.is_closed());
    println!("send(7): {:?}", sender.send(7));
}
// ANCHOR_END: caller

/// Where a receiver is left for the next task.
pub(crate) type Desk = Rc<RefCell<Option<Receiver<u32>>>>;

// ANCHOR: tasks
pub(crate) fn first_task(receiver: Receiver<u32>, desk: Desk) -> impl Future<Output = ()> {
    let mut first = Some(receiver);
    poll_fn(move |context| {
        let Some(mut receiver) = first.take() else {
            println!("  first task: woken for nothing");
            return Poll::Ready(());
        };
        let poll = Pin::new(&mut receiver).poll(context);
        println!("  first task: polls the receiver: {poll:?}; puts it on the desk");
        *desk.borrow_mut() = Some(receiver);
        Poll::Pending
    })
}

pub(crate) fn second_task(desk: Desk) -> impl Future<Output = ()> {
    poll_fn(move |context| {
        let mut desk = desk.borrow_mut();
        let receiver = desk.as_mut().expect("it is on the desk");
        let poll = Pin::new(receiver).poll(context);
        println!("  second task: polls the receiver: {poll:?}");
        poll.map(drop)
    })
}
// ANCHOR_END: tasks
// ANCHOR_END: main
