//! A function with two awaits and a branch, as the compiler makes a machine of it.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use state_machines::site::{Site, refresh};
use state_machines::yield_now;

// ANCHOR: site
type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// A site at which each answer takes one pause.
struct Far {
    newest: u32,
}

impl Site for Far {
    type Version = Boxed<u32>;
    type Download = Boxed<String>;

    fn version(&self) -> Boxed<u32> {
        println!("    site: asked for its version");
        let newest = self.newest;
        Box::pin(async move {
            yield_now().await;
            println!("    site: says that it is {newest}");
            newest
        })
    }

    fn download(&self, version: u32) -> Boxed<String> {
        println!("    site: asked for the text of version {version}");
        Box::pin(async move {
            yield_now().await;
            println!("    site: sends the text");
            format!("text {version}")
        })
    }
}
// ANCHOR_END: site

// ANCHOR: caller
fn main() {
    closed_output::end_quietly();
    let site = Far { newest: 2 };
    for known in [2, 1] {
        println!("caller: refreshes, and knows version {known}");
        let mut refreshing = pin!(refresh(&site, known));
        let mut context = Context::from_waker(Waker::noop());
        loop {
            println!("  poll");
            match refreshing.as_mut().poll(&mut context) {
                Poll::Pending => println!("  pending"),
                Poll::Ready(refreshed) => {
                    println!("  ready: {refreshed:?}\n");
                    break;
                }
            }
        }
    }
}
// ANCHOR_END: caller
