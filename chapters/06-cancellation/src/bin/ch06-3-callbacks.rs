//! The callbacks of a promise, and a chain of promises.

use std::rc::Rc;

use cancellation::Promise;
use event_loop::{EventLoop, JumpingDriver, Spawn};
use wakers::oneshot;

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let spawn: Rc<dyn Spawn> = Rc::new(event_loop.handle());
    event_loop.block_on(async {
        // ANCHOR: callbacks
        let price: Promise<u32> = Promise::new(Rc::clone(&spawn));
        price.on_done(|_| println!("first callback"));
        let (sender, called) = oneshot::channel();
        price.on_done(move |_| {
            println!("second callback");
            let _ = sender.send(());
        });
        println!("resolve");
        let _ = price.resolve(20);
        println!("resolved");
        let _ = called.await;
        // ANCHOR_END: callbacks

        // ANCHOR: chain
        println!("a chain:");
        let order: Promise<u32> = Promise::new(Rc::clone(&spawn));
        let total = order
            .and_then(|count| Ok(count * 20))
            .and_then(|total| Err::<u32, _>(format!("{total} is too much").into()))
            .and_then(|total| {
                println!("this link is skipped");
                Ok(total)
            })
            .or_else(|failure| {
                println!("errback: {failure}");
                Ok(0)
            });
        let _ = order.resolve(1_000);
        println!("total: {:?}", total.wait().await.ok());
        // ANCHOR_END: chain
    });
}
