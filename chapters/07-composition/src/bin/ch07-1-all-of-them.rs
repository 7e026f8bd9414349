//! Four sleeps in a join with one waker: which of them does each poll of the join poll?

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};

type Polled = Rc<RefCell<Vec<char>>>;

// ANCHOR: child
/// Sleeps for this number of seconds. Each of its polls is noted.
async fn child(name: char, seconds: u64, handle: Handle, polled: Polled) -> char {
    let mut sleep = handle.sleep(Duration::from_secs(seconds));
    poll_fn(|context| {
        polled.borrow_mut().push(name);
        Pin::new(&mut sleep).poll(context)
    })
    .await;
    name
}
// ANCHOR_END: child

// ANCHOR: join
/// Polls every child that is not ready yet, as `join_all` does in chapter 02. Prints which.
async fn all(children: Vec<impl Future<Output = char>>, handle: &Handle, polled: &Polled) {
    let mut children: Vec<_> = children.into_iter().map(Box::pin).collect();
    poll_fn(|context| {
        let (mut waiting, mut ready) = (Vec::new(), String::from("none"));
        for mut child in children.drain(..) {
            match child.as_mut().poll(context) {
                Poll::Ready(name) => ready = name.to_string(),
                Poll::Pending => waiting.push(child),
            }
        }
        children = waiting;
        let names: String = polled
            .take()
            .iter()
            .map(|name| format!(" {name}"))
            .collect();
        println!(
            "{:>2} s  polls{names:<9} ready: {ready}",
            handle.now().since_start().as_secs()
        );
        if children.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
// ANCHOR_END: join

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let polled = Polled::default();
    let child = |name, seconds| child(name, seconds, handle.clone(), Rc::clone(&polled));
    let children = vec![child('a', 4), child('b', 3), child('c', 2), child('d', 1)];
    event_loop.block_on(all(children, &handle, &polled));
}
// ANCHOR_END: main
