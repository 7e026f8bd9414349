//! A crawler that fetches faster than its index is written: first without a limit, then with one.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use synchronization::Notify;
use synchronization::channel::{Sender, channel};

const PAGES: u32 = 1_000;
const TO_FETCH: Duration = Duration::from_millis(1);
const TO_INDEX: Duration = Duration::from_millis(10);

// ANCHOR: unlimited
/// Pages go through a list without a limit.
async fn unlimited(handle: Handle) -> usize {
    let (list, added) = (Rc::new(RefCell::new(VecDeque::new())), Notify::new());
    let (pages, adds, timer) = (Rc::clone(&list), added.clone(), handle.clone());
    let crawler = handle.spawn(async move {
        for page in 0..PAGES {
            timer.sleep(TO_FETCH).await;
            pages.borrow_mut().push_back(page);
            adds.notify_one();
        }
    });
    let (mut indexed, mut most) = (0, 0);
    while indexed < PAGES {
        most = most.max(list.borrow().len());
        let page = list.borrow_mut().pop_front();
        match page {
            Some(_page) => handle.sleep(TO_INDEX).await,
            None => added.notified().await,
        }
        indexed += u32::from(page.is_some());
    }
    drop(crawler);
    most
}
// ANCHOR_END: unlimited

// ANCHOR: limited
/// Pages go through a channel with eight slots.
async fn limited(handle: Handle) -> usize {
    let (sender, mut receiver) = channel(8);
    let waiting = Rc::new(RefCell::new((0, 0)));
    let crawler = handle.spawn(crawl(handle.clone(), sender, Rc::clone(&waiting)));
    while let Some(_page) = receiver.recv().await {
        waiting.borrow_mut().0 -= 1;
        handle.sleep(TO_INDEX).await;
    }
    drop(crawler);
    let (_, most) = *waiting.borrow();
    most
}

async fn crawl(handle: Handle, sender: Sender<u32>, waiting: Rc<RefCell<(usize, usize)>>) {
    for page in 0..PAGES {
        handle.sleep(TO_FETCH).await;
        if sender.send(page).await.is_err() {
            return; // No task indexes pages any more: fetching them is wasted work.
        }
        let (now, most) = &mut *waiting.borrow_mut();
        *now += 1;
        *most = (*most).max(*now);
    }
}
// ANCHOR_END: limited

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let most = event_loop.block_on(unlimited(handle.clone()));
    let first = handle.now();
    println!("a list:    {most:>3} pages wait at most, {first} in all");
    let most = event_loop.block_on(limited(handle.clone()));
    println!(
        "a channel: {most:>3} pages wait at most, {:?} in all",
        handle.now() - first
    );
}
