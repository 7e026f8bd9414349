//! A wake puts a task in a queue, and returns.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use wakers::ready_list::ReadyList;

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let mut list = ReadyList::new();
    let door: Rc<RefCell<Option<Waker>>> = Rc::default();

    let bell = Rc::clone(&door);
    list.add(poll_fn(move |context| {
        println!("  host: polled, and leaves a waker at the door");
        *bell.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }));
    list.add(poll_fn(move |_| {
        println!("  guest: polled");
        for ring in ["once", "twice", "three times"] {
            if let Some(host) = &*door.borrow() {
                println!("  guest: calls the host's waker {ring}");
                host.wake_by_ref();
            }
        }
        println!("  guest: has done all it came for");
        Poll::Ready(())
    }));

    println!("run");
    let polls = list.run();
    println!("{polls} polls, and the queue is empty");
}
// ANCHOR_END: main
