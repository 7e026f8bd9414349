//! A value that meets a poll on another thread, and every short run.

use std::pin::Pin;
use std::task::Poll;

use super::super::subject::Closed;
use super::diagnoses::{expect, sent};
use super::machine::{KNOWN, Reference, Step, Yours};
use probe::run;
use probe::runs::Search;
use probe_futures::laws::waiting::Wait;
use probe_futures::{poller, spy};
use probe_model::sync::thread;
use probe_model::{Blame, compare, explore};

#[test]
fn a_value_that_is_sent_in_the_middle_of_a_poll_is_received() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let Wait { future, event } = sent();
            let mut receiver = spy(run, "receiver", future);
            let a = poller(run.recorder(), "A");
            let recorder = run.recorder().clone();
            let other = thread::spawn(move || {
                let call = recorder.enters("sender", "send(7)");
                event();
                call.returns("Ok, and the sender is dropped");
            });
            let mut polled = a.poll(Pin::new(&mut receiver));
            other.join().expect("sending does not panic");
            if polled.is_pending() {
                polled = a.poll(Pin::new(&mut receiver));
            }
            match polled {
                Poll::Ready(Err(Closed)) => run.diagnose(
                    "closed-over-the-value",
                    "The value was sent during the poll, and the receiver got `Closed`. The sender was dropped after it had sent.",
                ),
                Poll::Ready(received) => expect(run, received, Ok(7)),
                Poll::Pending => run.departs("The value had been sent, and the receiver is pending."),
            }
        },
    );
}

#[test]
fn every_short_run_is_as_expected() {
    use Step::{DropReceiver, DropSender, IsClosed, Send};
    let alphabet = [
        Step::Poll(0),
        Step::Poll(1),
        Send,
        DropSender,
        DropReceiver,
        IsClosed,
    ];
    let search = Search::of(&alphabet)
        .up_to(4)
        .and_random(50, 8, 6)
        .leaving_no_memory()
        .naming(&KNOWN);
    compare(search, || run!(), Yours::new, Reference::new);
}
