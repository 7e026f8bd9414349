//! Answers in the order in which they come, with a limit for all of them.

use std::time::Duration;

use composition::{Service, as_completed, timeout};
use event_loop::{EventLoop, JumpingDriver};
use futures::StreamExt;

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let services = [
            Service::answering("north", 30, "192.0.2.7"),
            Service::offline("west", 10),
            Service::answering("south", 2_000, "192.0.2.7"),
        ];
        let asked = services.map(|service| service.ask(handle.clone()));
        let mut answers = as_completed(asked);
        let print_all = async {
            while let Some((place, answer)) = answers.next().await {
                match answer {
                    Ok(answer) => println!("{place}: {answer}"),
                    Err(offline) => println!("{place}: {offline}"),
                }
            }
        };
        if timeout(&handle, Duration::from_secs(1), print_all)
            .await
            .is_err()
        {
            println!("{} has not answered after {}", answers.len(), handle.now());
        }
    });
}
// ANCHOR_END: main
