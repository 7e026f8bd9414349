//! Which errors the loop reports: those at which no code has looked.

use std::rc::Rc;

use cancellation::Promise;
use event_loop::{EventLoop, JumpingDriver, Spawn, yield_now};

// ANCHOR: pages
async fn pages(spawn: Rc<dyn Spawn>) {
    let page = |what: &str| {
        println!("{what}");
        Promise::<u32>::new(Rc::clone(&spawn))
    };

    let page_1 = page("1 is rejected, and no code looks at it");
    let _ = page_1.reject("out of paper");
    drop(page_1);

    let page_2 = page("2 is rejected, and one of two owners awaits it");
    let copy = page_2.clone();
    let _ = page_2.reject("out of paper");
    let _ = copy.wait().await;
    drop((page_2, copy));

    let page_3 = page("3 is rejected, and a callback ignores its argument");
    page_3.on_done(|_| ());
    let _ = page_3.reject("out of paper");
    yield_now().await; // The loop calls the callback.
    drop(page_3);

    let page_4 = page("4 is cancelled, and no code looks at it");
    page_4.cancel();
    drop(page_4);

    let page_5 = page("5 is printed, and no code looks at it");
    let _ = page_5.resolve(5);
    drop(page_5);
}
// ANCHOR_END: pages

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.on_unretrieved(|report| println!("  the loop reports: {report}"));
    event_loop.block_on(pages(Rc::new(event_loop.handle())));
}
