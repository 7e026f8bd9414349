//! A service of three parts, of which one crashes now and then, and another one each time that it starts.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver, Spawn};
use service::{Report, Restart, Supervisor};

const SECOND: Duration = Duration::from_secs(1);

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let ended = event_loop.block_on(service(handle.clone()));
    say(&handle, &format!("main: {ended:?}"));
}

fn say(timer: &Handle, what: &str) {
    println!("{:>4}  {what}", format!("{:?}", timer.now().since_start()));
}

// ANCHOR: service
async fn service(handle: Handle) -> Result<(), service::Escalated> {
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    let (listener, mailer, cache) = (handle.clone(), handle.clone(), handle.clone());
    let log = handle.clone();
    let letters = Rc::new(Cell::new(0));
    let supervisor = Supervisor::new(2, 5 * SECOND)
        .observed(move |report| say(&log, &in_words(&report)))
        .child("listener", Restart::Permanent, move || {
            accept(listener.clone())
        })
        .child("mailer", Restart::Permanent, move || {
            send(mailer.clone(), Rc::clone(&letters))
        })
        .child("cache", Restart::Permanent, move || fill(cache.clone()));
    supervisor.run(&spawn, &handle).await
}
// ANCHOR_END: service

// ANCHOR: parts
async fn accept(timer: Handle) -> Result<(), String> {
    loop {
        timer.sleep(3_600 * SECOND).await;
    }
}

/// Every third letter is one that it cannot read.
async fn send(timer: Handle, letters: Rc<Cell<u32>>) -> Result<(), String> {
    loop {
        timer.sleep(10 * SECOND).await;
        letters.set(letters.get() + 1);
        assert!(
            !letters.get().is_multiple_of(3),
            "letter {} is not UTF-8",
            letters.get()
        );
    }
}

/// From 65 s on, its file is damaged.
async fn fill(timer: Handle) -> Result<(), String> {
    if timer.now().since_start() < 65 * SECOND {
        timer.sleep(65 * SECOND).await;
    }
    timer.sleep(SECOND).await;
    Err("the file is damaged".to_owned())
}
// ANCHOR_END: parts

fn in_words(report: &Report) -> String {
    match report {
        Report::Started(name) => format!("{name} is started"),
        Report::Ended(name, exit) => format!("{name} {exit}"),
        Report::GivesUp(name) => format!("the restart of {name} would be one too many"),
        Report::Cancelled(name) => format!("{name} is cancelled"),
    }
}
