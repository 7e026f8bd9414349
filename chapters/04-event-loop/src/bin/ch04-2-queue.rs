//! A baker puts loaves on a shelf, and wakes the seller for each.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use event_loop::s2_queue::{Next, Queued};

// ANCHOR: main
/// What the two tasks share.
#[derive(Default)]
struct Shelf {
    loaves: u32,
    seller: Option<Waker>,
}

fn main() {
    closed_output::end_quietly();
    let mut queued = Queued::new(Next::Oldest);
    let shelf: Rc<RefCell<Shelf>> = Rc::default();

    // ANCHOR: seller
    let (stock, mut sold) = (Rc::clone(&shelf), 0);
    queued.spawn(poll_fn(move |context| {
        let mut stock = stock.borrow_mut();
        println!("  seller: finds {} loaves", stock.loaves);
        sold += std::mem::take(&mut stock.loaves);
        stock.seller = Some(context.waker().clone());
        if sold < 4 {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }));
    // ANCHOR_END: seller
    // ANCHOR: baker
    let mut baked = 0;
    queued.spawn(poll_fn(move |context| {
        let mut shelf = shelf.borrow_mut();
        println!("  baker:  puts two loaves on the shelf, one after the other");
        for _ in 0..2 {
            baked += 1;
            shelf.loaves += 1;
            if let Some(seller) = &shelf.seller {
                seller.wake_by_ref();
            }
        }
        if baked < 4 {
            context.waker().wake_by_ref(); // There is more to bake.
            return Poll::Pending;
        }
        Poll::Ready(())
    }));
    // ANCHOR_END: baker

    let mut entries = 0;
    while queued.step() {
        entries += 1;
    }
    println!("{entries} entries came out of the queue, and it is empty");
}
// ANCHOR_END: main
