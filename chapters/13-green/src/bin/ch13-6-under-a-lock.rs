//! A cache that stays borrowed while a green thread waits.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use green::{Green, wait};

// ANCHOR: price
/// A plain function, right on a thread: it borrows the cache, and loads what is missing.
fn price(cache: &RefCell<HashMap<u32, u32>>, item: u32, load: impl FnOnce() -> u32) -> u32 {
    let mut cache = cache.borrow_mut();
    *cache.entry(item).or_insert_with(load)
}
// ANCHOR_END: price

// ANCHOR: main
fn main() -> std::io::Result<()> {
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.payload_as_str().unwrap_or_default();
        println!("  panics: {text}");
    }));
    closed_output::end_quietly();
    for (how, waits) in [
        ("loads without a wait", false),
        ("waits while it loads", true),
    ] {
        println!("{how}:");
        let event_loop = EventLoop::with_driver(JumpingDriver::new());
        let handle = event_loop.handle();
        let cache = Rc::new(RefCell::new(HashMap::new()));
        let mut threads = Vec::new();
        for (name, item) in [("a", 1), ("b", 2)] {
            let (cache, inside) = (Rc::clone(&cache), handle.clone());
            let thread = Green::new(move || {
                let load = || loads(&inside, item, waits);
                println!("  {name}: {}", price(&cache, item, load));
            })?;
            threads.push(handle.spawn(thread));
        }
        event_loop.block_on(async {
            for thread in threads {
                let _ = thread.await;
            }
        });
    }
    Ok(())
}
// ANCHOR_END: main

// ANCHOR: loads
fn loads(handle: &Handle, item: u32, waits: bool) -> u32 {
    if waits {
        wait(handle.sleep(Duration::from_secs(1)));
    }
    item * 100
}
// ANCHOR_END: loads
