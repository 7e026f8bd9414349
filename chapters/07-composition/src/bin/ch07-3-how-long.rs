//! A caller asks three services in turn, and has one second for all of it.

use std::time::Duration;

use composition::{Deadline, Elapsed, Service, timeout, timeout_at};
use event_loop::{EventLoop, Handle, JumpingDriver};

// ANCHOR: services
const SERVICES: [Service; 3] = [
    Service::answering("north", 700, "192.0.2.7"),
    Service::answering("west", 800, "192.0.2.7"),
    Service::answering("south", 900, "192.0.2.7"),
];
// ANCHOR_END: services

// ANCHOR: each
async fn one_second_each(handle: &Handle) -> Result<(), Elapsed> {
    for service in SERVICES {
        let limited = timeout(handle, Duration::from_secs(1), service.ask(handle.clone()));
        let answer = limited.await?.expect("no service is offline");
        says(handle, answer);
    }
    Ok(())
}
// ANCHOR_END: each

// ANCHOR: together
async fn until(deadline: Deadline, handle: &Handle) -> Result<(), Elapsed> {
    for service in SERVICES {
        let own = Deadline::at(handle.now() + Duration::from_secs(1)).of(service.name());
        let sooner = deadline.shortened(own);
        let asked = timeout_at(handle, sooner, service.ask(handle.clone()));
        let answer = asked.await?.expect("no service is offline");
        says(handle, answer);
    }
    Ok(())
}
// ANCHOR_END: together

fn says(handle: &Handle, text: impl std::fmt::Display) {
    let now = handle.now().to_string();
    println!("{now:>5}  {text}");
}

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        println!("a time-out for each service:");
        match one_second_each(&handle).await {
            Ok(()) => says(&handle, "the request is answered"),
            Err(elapsed) => says(&handle, elapsed),
        }

        println!("a deadline for all of them:");
        let request = Deadline::at(handle.now() + Duration::from_secs(1)).of("request");
        match until(request, &handle).await {
            Ok(()) => says(&handle, "the request is answered"),
            Err(elapsed) => says(&handle, elapsed),
        }
    });
}
// ANCHOR_END: main
