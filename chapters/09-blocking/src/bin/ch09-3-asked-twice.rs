//! Ten tasks want the same address at the same time.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use blocking::SingleFlight;
use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::future::join_all;

// ANCHOR: look_up
/// One look-up: a query to a server that answers after 20 ms. Every third query is lost.
async fn look_up(handle: Handle, queries: Rc<Cell<u32>>) -> Result<&'static str, &'static str> {
    let number = queries.get() + 1;
    queries.set(number);
    handle.sleep(Duration::from_millis(20)).await;
    if number.is_multiple_of(3) {
        Err("no answer")
    } else {
        Ok("127.0.0.1")
    }
}
// ANCHOR_END: look_up

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let queries = Rc::new(Cell::new(0));
        let each = (0..10).map(|_| look_up(handle.clone(), Rc::clone(&queries)));
        report("each for itself", &join_all(each).await, &queries);

        let queries = Rc::new(Cell::new(0));
        let flights = SingleFlight::new();
        for round in ["shared", "shared, again", "shared, a third time"] {
            let shared = (0..10).map(|_| {
                let work = || look_up(handle.clone(), Rc::clone(&queries));
                flights.run("localhost", work)
            });
            report(round, &join_all(shared).await, &queries);
        }
    });
}
// ANCHOR_END: main

fn report(how: &str, answers: &[Result<&str, &str>], queries: &Cell<u32>) {
    let errors = answers.iter().filter(|answer| answer.is_err()).count();
    let (answers, queries) = (answers.len() - errors, queries.get());
    println!("{how}: {answers} addresses, {errors} errors; {queries} queries so far");
}
