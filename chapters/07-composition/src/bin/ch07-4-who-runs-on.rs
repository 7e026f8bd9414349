//! Three services are asked for the caller's address, and the first answer is enough.

use std::rc::Rc;
use std::time::Duration;

use cancellation::Task;
use composition::{Offline, Service, Until, wait};
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn};

// ANCHOR: services
const SERVICES: [Service; 3] = [
    Service::answering("north", 30, "192.0.2.7"),
    Service::answering("west", 10, "192.0.2.7"),
    Service::answering("south", 2_000, "192.0.2.7"),
];

async fn ask(handle: Handle, service: Service) -> Result<(), Offline> {
    let answer = service.ask(handle.clone()).await?;
    says(&handle, answer);
    Ok(())
}
// ANCHOR_END: services

// ANCHOR: main
async fn caller(spawn: Rc<dyn Spawn>, handle: Handle) {
    let ask = |service| Task::spawn(&spawn, ask(handle.clone(), service));
    let asked = SERVICES.map(ask).into();
    let waited = wait(asked, Until::First).await;
    says(&handle, "the caller has an answer and goes on");
    handle.sleep(Duration::from_secs(3)).await;
    says(&handle, "the caller has finished");
    drop(waited);
}
// ANCHOR_END: main

fn says(handle: &Handle, text: impl std::fmt::Display) {
    let now = handle.now().to_string();
    println!("{now:>5}  {text}");
}

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(caller(Rc::new(handle.clone()), handle));
}
