//! Which wakers are called, and a waker that makes another call; every short run and ten thousand calls.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::super::subject::{Client, Lost, client};
use super::machine::{KNOWN, Reference, STEPS, Yours};
use super::wire::Server;
use probe::panics::expected;
use probe::runs::Search;
use probe::{Recorder, run};
use probe_futures::poller;
use world::redis::Value;

type Call = Pin<Box<dyn Future<Output = Result<Value, Lost>>>>;

fn echo(client: &Client, word: &'static str) -> Call {
    let client = client.clone();
    Box::pin(async move { client.call(&["ECHO", word]).await })
}

fn poll<F: Future + ?Sized>(future: &mut Pin<Box<F>>, waker: &Waker) -> Poll<F::Output> {
    future.as_mut().poll(&mut Context::from_waker(waker))
}

#[test]
fn the_task_that_polled_last_is_woken() {
    let run = run!();
    let server = Server::default();
    let (client, connection) = client(server.stream());
    let mut connection: Pin<Box<dyn Future<Output = std::io::Result<()>>>> = Box::pin(connection);
    let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
    let _pending = (a.poll(connection.as_mut()), b.poll(connection.as_mut()));
    let mut call = echo(&client, "0");
    let _pending = a.poll(call.as_mut());
    if b.wakes() == 0 {
        let first = "A and then B polled the connection, and a call was made. B is not woken, and no task sends the command.";
        match a.wakes() {
            0 => run.diagnose("forgot-to-wake", first),
            _ => run.diagnose("first-waker-only", first),
        }
    }
    let _pending = (b.poll(call.as_mut()), a.poll(connection.as_mut()));
    let before = b.wakes();
    server.sends(
        &server
            .answer()
            .unwrap_or_else(|| run.departs("The command was not sent.")),
    );
    let _pending = a.poll(connection.as_mut());
    if b.wakes() == before {
        let sentence = "A and then B polled the call, and its answer was read. B is not woken.";
        run.diagnose("first-waker-only", sentence);
    }
}

#[test]
fn a_waker_may_call_again() {
    let run = run!();
    let server = Server::default();
    let (client, connection) = client(server.stream());
    let mut connection: Pin<Box<dyn Future<Output = std::io::Result<()>>>> = Box::pin(connection);
    for ends in [false, true] {
        let mut call = echo(&client, "first");
        let caller = poller(&Recorder::default(), "caller");
        let again: Rc<RefCell<Option<Call>>> = Rc::default();
        let (made, inside) = (Rc::clone(&again), client.clone());
        // As a task does that a loop polls inside its waker.
        caller.on_wake_local(move || {
            let mut call = echo(&inside, "again");
            let _pending = poll(&mut call, Waker::noop());
            made.replace(Some(call));
        });
        run.risk(
            Some("borrowed-across-wake"),
            "The waker of a caller made another call, inside of `wake`. Your code holds a borrow of its own state while it calls a waker.",
            || {
                let _pending = caller.poll(call.as_mut());
                let _pending = poll(&mut connection, Waker::noop());
                if ends {
                    server.ends();
                } else {
                    server.sends(&server.answer().expect("the command was sent"));
                }
                let polled = expected(|| drop(poll(&mut connection, Waker::noop())));
                if let Err(panic) = polled {
                    run.diagnose(
                        "borrowed-across-wake",
                        format!(
                            "The waker of a caller made another call, inside of `wake`, and your code panicked: {}. It holds a borrow of \
                             its own state while it calls a waker.",
                            panic.message
                        ),
                    );
                }
            },
        );
        drop((caller, again.take()));
        if !ends {
            let _pending = poll(&mut connection, Waker::noop());
            server.sends(&server.answer().unwrap_or_else(|| {
                run.departs("A call that a waker made was not sent.");
            }));
            let _pending = poll(&mut connection, Waker::noop());
        }
    }
}

#[test]
fn in_every_short_run_each_call_gets_its_own_answer() {
    let run = run!();
    Search::of(&STEPS)
        .up_to(4)
        .and_random(300, 24, 169)
        .naming(&KNOWN)
        .compare(&run, Yours::new, Reference::new);
}

#[test]
fn ten_thousand_calls_cost_no_more_than_their_bytes() {
    let run = run!();
    let mut yours = Yours::new();
    for _ in 0..10_000 {
        let number = yours.call().expect("the client is there");
        let _pending = yours.calls[number].turn();
    }
    run.risk(
        None,
        "Ten thousand calls did not get their answers in time.",
        || {
            let _seen = yours.settle();
            let mut answers = Vec::new();
            while let Some(answer) = yours.server.answer() {
                answers.extend(answer);
            }
            yours.server.sends(&answers);
            let _seen = yours.settle();
            if yours.calls.iter().any(|call| call.future.is_some()) {
                run.departs(
                    "Ten thousand calls were made and answered, and some of them still wait.",
                );
            }
        },
    );
}
