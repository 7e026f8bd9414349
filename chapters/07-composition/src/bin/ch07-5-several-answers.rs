//! Three services are asked for the caller's address, and the caller wants four different things.

use std::future::Future;
use std::time::Duration;

use composition::{Answer, CancelOthers, Collect, Offline, Service, first_ok, gather, timeout};
use event_loop::{EventLoop, Handle, JumpingDriver};

// ANCHOR: services
const SERVICES: [Service; 3] = [
    Service::answering("north", 30, "192.0.2.7"),
    Service::offline("west", 10),
    Service::answering("south", 50, "198.51.100.7"),
];

/// Three futures, which nothing has polled yet.
fn asked(handle: &Handle) -> Vec<impl Future<Output = Result<Answer, Offline>>> {
    let ask = |service: Service| service.ask(handle.clone());
    SERVICES.into_iter().map(ask).collect()
}
// ANCHOR_END: services

// ANCHOR: agree
/// All have to answer, and to agree.
async fn agreed(handle: Handle) -> String {
    match gather(asked(&handle), CancelOthers).await {
        Ok(answers) if answers.iter().all(|it| it.address == answers[0].address) => {
            format!("all say {}", answers[0].address)
        }
        Ok(_) => "they do not agree".to_owned(),
        Err(offline) => format!("no answer: {offline}"),
    }
}
// ANCHOR_END: agree

// ANCHOR: collect
/// Those that answer have to agree.
async fn agreed_if_online(handle: Handle) -> String {
    let results = gather(asked(&handle), Collect).await;
    let answers: Vec<Answer> = results.into_iter().flatten().collect();
    let texts: Vec<String> = answers.iter().map(Answer::to_string).collect();
    texts.join(", ")
}
// ANCHOR_END: collect

// ANCHOR: first
/// One answer is enough.
async fn first(handle: Handle) -> String {
    match first_ok(asked(&handle)).await {
        Ok(answer) => answer.to_string(),
        Err(all) => format!("no answer from {} services", all.len()),
    }
}
// ANCHOR_END: first

// ANCHOR: optional
/// One answer is enough, and none is no disaster.
async fn optional(handle: Handle) -> String {
    let limit = Duration::from_millis(20);
    match timeout(&handle, limit, first_ok(asked(&handle))).await {
        Ok(Ok(answer)) => answer.to_string(),
        Ok(Err(_)) | Err(_) => "unknown address".to_owned(),
    }
}
// ANCHOR_END: optional

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    run("all agree", agreed);
    run("all that answer", agreed_if_online);
    run("the first", first);
    run("optional", optional);
}

/// Each question on a loop of its own, so that each begins at 0.
fn run<F: Future<Output = String>>(question: &str, ask: impl FnOnce(Handle) -> F) {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let answer = event_loop.block_on(ask(event_loop.handle()));
    let now = event_loop.handle().now();
    println!(
        "{question:<16} {answer}  ({now}, {} timers)",
        event_loop.timers()
    );
}
// ANCHOR_END: main
