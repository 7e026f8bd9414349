//! The client, what it hears, and what the contract says that it should.

use std::io::{self, ErrorKind};
use std::pin::pin;

use super::super::subject::serve;
use probe::Run;
use probe_futures::Sim;
use probe_io::hostile::{Broken, Ended, Operation, Script, hostile};
use probe_io::stream::{End, show};
use probe_io::{Peer, stream};
use reactor::sale::{self, Outcome, message};

/// Serves one client, which the script plays.
#[track_caller]
pub(super) fn served(run: &Run, script: impl FnOnce(&Peer)) -> (io::Result<Outcome>, Peer) {
    let sim = Sim::new(run);
    let (stream, peer) = stream(run, &sim);
    peer.bounds_reads_of_the_end();
    script(&peer);
    let service = pin!(serve(stream));
    match sim.run("server", service) {
        Ok(outcome) => {
            let text = match &outcome {
                Ok(outcome) => format!("returns {outcome:?}"),
                Err(error) => format!("returns the error {:?}", error.kind()),
            };
            run.recorder().says("server", text);
            (outcome, peer)
        }
        Err(stuck) => {
            run.recorder()
                .says("server", "is pending, and no waker is called");
            heard(run, &peer);
            if stuck.wakers_held == 0 {
                run.diagnose(
                    "pending-without-a-wake",
                    "`serve` was pending, and no waker of its task is kept: no operation of the stream is pending.",
                );
            }
            run.departs(
                "The client has sent every message that the server needs, and the server waits for more bytes.",
            );
        }
    }
}

/// The whole messages that reached the client.
pub(super) fn heard(run: &Run, peer: &Peer) -> Vec<String> {
    let mut bytes = peer.received();
    let mut messages = Vec::new();
    while let Some(message) = sale::take_message(&mut bytes) {
        messages.push(String::from_utf8_lossy(&message).into_owned());
    }
    for message in &messages {
        run.recorder().says("peer", format!("received {message:?}"));
    }
    if !bytes.is_empty() {
        (run.recorder()).says(
            "peer",
            format!("received {}, which is no whole message", show(&bytes)),
        );
        run.departs("The server sent bytes that are not whole messages: each message begins with one byte, its length.");
    }
    messages
}

pub(super) const SOLD: [&str; 3] = [sale::GREETING, "12 coins, yes or no?", sale::SOLD];

/// The client received exactly these messages, the outcome is this, and the end was sent.
#[track_caller]
pub(super) fn expect(
    run: &Run,
    (outcome, peer): &(io::Result<Outcome>, Peer),
    right: Outcome,
    said: &[&str],
) {
    let ended = run.recorder().last_event();
    let heard = heard(run, peer);
    if heard.len() < said.len() && said.iter().zip(&heard).all(|(right, heard)| heard == right) {
        if peer.sees_the_end() != End::Closed
            && outcome.as_ref().is_ok_and(|outcome| *outcome == right)
        {
            run.diagnose(
                "closed-before-flush",
                "`serve` returned the right outcome, and the client did not receive the last message: it was in the stream's buffer when the \
                 stream was dropped. A flush or a close sends the buffer.",
            );
        }
        run.departs(format!(
            "The client did not receive {:?}.",
            said[heard.len()]
        ));
    }
    if heard.len() > said.len() && said.iter().zip(&heard).all(|(right, heard)| heard == right) {
        match right {
            Outcome::Gone => run.diagnose(
                "end-taken-for-an-answer",
                "The client's end came before its answer, and the server sent another message. An end is not a message: the outcome is \
                 `Gone`.",
            ),
            _ => run.diagnose(
                "went-on-after-refusing",
                "The server sent an error, which ends the sale, and then the message of the next step.",
            ),
        }
    }
    if heard != said {
        run.departs(format!("The client should have received {said:?}."));
    }
    match outcome {
        Ok(outcome) if *outcome == right => {}
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => run.diagnose_at(
            ended,
            "gone-taken-for-an-error",
            "The client's end came before its answer, and `serve` returned the error `UnexpectedEof`. By the contract the outcome is \
             `Gone`.",
        ),
        Ok(_) => run.departs_at(ended, format!("The outcome should be {right:?}.")),
        Err(error) => run.departs_at(
            ended,
            format!("`serve` returned an error, and no operation of the stream had failed: {error}."),
        ),
    }
}

/// The outcome, and the bytes that the server has to send, for a client that sends this and ends.
fn contract(mut sent: Vec<u8>) -> (Outcome, Vec<u8>) {
    let mut said = message(sale::GREETING);
    let mut says = |text: &str| said.extend(message(text));
    let outcome = match sale::take_message(&mut sent) {
        None => Outcome::Gone,
        Some(name) => match sale::price(&name) {
            None => {
                says(sale::UNKNOWN);
                Outcome::Refused
            }
            Some(price) => {
                says(&sale::offer(price));
                match sale::take_message(&mut sent).as_deref() {
                    None => Outcome::Gone,
                    Some(b"yes") => {
                        says(sale::SOLD);
                        Outcome::Sold
                    }
                    Some(_) => {
                        says(sale::NO_SALE);
                        Outcome::Refused
                    }
                }
            }
        },
    };
    (outcome, said)
}

/// One exchange over a stream that follows this script.
#[track_caller]
pub(super) fn exchanged(run: &Run, script: &Script, sent: &[u8]) {
    let (stream, witness) = hostile(run, script, sent);
    let ended = witness.drive(pin!(serve(stream)), || {});
    let (outcome, said) = contract(witness.input());
    match witness.verdict(&ended, &said) {
        // The server need not read what follows the last message, and it may flush and close a stream that has failed.
        None
        | Some(Broken::Unread | Broken::CalledAfterFailure(Operation::Flush | Operation::Close)) => {
        }
        Some(_) => return witness.judge(ended, &said, name),
    }
    let Ended::Ready(Ok(came_out)) = ended else {
        expect_dropped(run, witness.is_dropped());
        return;
    };
    let recorder = run.recorder();
    recorder.says("server", format!("returns {came_out:?}"));
    if witness.written() != said {
        witness.report(Broken::Incomplete, &said, Some("short-write-ignored"));
    }
    if came_out != outcome {
        run.departs(format!(
            "The client sent {}, and the outcome is {came_out:?}. It should be {outcome:?}.",
            show(&witness.input())
        ));
    }
    if !witness.is_closed() {
        recorder.says("stream", "is not closed    expected: closed");
        run.diagnose(
            "dropped-instead-of-closed",
            "`serve` returned an outcome, and the stream's close had not returned `Ok`. `poll_close` may be pending, and has to be polled until \
             it is done.",
        );
    }
    expect_dropped(run, witness.is_dropped());
}

#[track_caller]
fn expect_dropped(run: &Run, is_dropped: bool) {
    if !is_dropped {
        run.recorder()
            .says("stream", "is not dropped    expected: dropped");
        run.diagnose(
            "never-dropped",
            "`serve` is done, and the stream was not dropped: its descriptor stays open.",
        );
    }
}

pub(super) fn name(broken: Broken) -> Option<&'static str> {
    match broken {
        Broken::ErrorHidden(_) => Some("error-swallowed"),
        Broken::EarlierWoken => Some("first-waker-only"),
        Broken::CalledAfterFailure(_) => Some("called-after-failure"),
        _ => None,
    }
}
