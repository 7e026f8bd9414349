//! Another thread starts a task on the loop, and waits for it.

use std::rc::Rc;
use std::sync::mpsc;
use std::thread;

use event_loop::EventLoop;
use wakers::oneshot;

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::new();
    let door = event_loop.handle().door();
    // Pending until the thread has called: the loop sleeps.
    let (done, is_done) = oneshot::channel();

    let thread = thread::spawn(move || {
        // ANCHOR: callback
        let (said, heard) = mpsc::channel();
        let _ = door.call_soon_threadsafe(move |_handle| {
            println!("loop:   a callback came through the door");
            let _ = said.send(());
        });
        let _ = heard.recv();
        println!("thread: it was called");
        // ANCHOR_END: callback

        // ANCHOR: coroutine
        let remote = door.run_coroutine_threadsafe(|handle| async move {
            // An `Rc` could not have come from the other thread. It is made here.
            let words = Rc::new(["the", "answer", "is"]);
            let child = handle.spawn({
                let words = Rc::clone(&words);
                async move { words.len() }
            });
            child.await.map(|number| number * 14)
        });
        match remote.map(|remote| remote.wait()) {
            Ok(Ok(Ok(number))) => println!("thread: {number}"),
            other => println!("thread: {other:?}"),
        }
        // ANCHOR_END: coroutine
        done.send(())
    });

    let _ = event_loop.block_on(is_done);
    let _ = thread.join();
    let late = event_loop.handle().door();
    drop(event_loop);
    let refused = late.call_soon_threadsafe(|_| println!("never called"));
    println!("after the loop is gone: {refused:?}");
}
// ANCHOR_END: main
