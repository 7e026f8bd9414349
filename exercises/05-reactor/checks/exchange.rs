//! 5.9 exchange: from callbacks to a task.

use std::io::{self, ErrorKind};
use std::pin::pin;

use super::subject::serve;
use probe::{Run, run, snapshot};
use probe_futures::Sim;
use probe_io::hostile::{Broken, Ended, Operation, Script, hostile};
use probe_io::stream::{End, show};
use probe_io::{Peer, stream};
use reactor::sale::{self, Outcome, message};

/// Serves one client, which the script plays.
#[track_caller]
fn served(run: &Run, script: impl FnOnce(&Peer)) -> (io::Result<Outcome>, Peer) {
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
fn heard(run: &Run, peer: &Peer) -> Vec<String> {
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

const SOLD: [&str; 3] = [sale::GREETING, "12 coins, yes or no?", sale::SOLD];

/// The client received exactly these messages, the outcome is this, and the end was sent.
#[track_caller]
fn expect(run: &Run, (outcome, peer): &(io::Result<Outcome>, Peer), right: Outcome, said: &[&str]) {
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

#[test]
fn a_known_client_that_says_yes_buys() {
    let run = run!("sold");
    let sold = served(&run, |peer| {
        peer.sends(&message("ada"));
        peer.sends(&message("yes"));
    });
    expect(&run, &sold, Outcome::Sold, &SOLD);
    snapshot!(run);
}

#[test]
fn an_unknown_client_receives_an_error_and_nothing_more() {
    let run = run!("unknown");
    let refused = served(&run, |peer| {
        peer.sends(&message("bob"));
        peer.sends(&message("yes"));
    });
    expect(
        &run,
        &refused,
        Outcome::Refused,
        &[sale::GREETING, sale::UNKNOWN],
    );
    snapshot!(run);
}

#[test]
fn any_answer_but_yes_is_no_sale() {
    for answer in ["no", "", "YES", "yes!"] {
        let run = run!();
        let refused = served(&run, |peer| {
            peer.sends(&message("grace"));
            peer.sends(&message(answer));
        });
        let said = [sale::GREETING, "30 coins, yes or no?", sale::NO_SALE];
        expect(&run, &refused, Outcome::Refused, &said);
    }
}

#[test]
fn a_message_may_come_byte_by_byte() {
    let run = run!("byte_by_byte");
    let sold = served(&run, |peer| {
        peer.sends_byte_by_byte(&message("ada"));
        peer.sends_byte_by_byte(&message("yes"));
    });
    if heard(&Run::unnamed(), &sold.1).len() < SOLD.len() || !matches!(sold.0, Ok(Outcome::Sold)) {
        run.diagnose(
            "read-is-a-message",
            "The client's messages came byte by byte, and the server took a part for the whole message. A stream carries bytes; the \
             reader finds the end of a message by its length.",
        );
    }
    expect(&run, &sold, Outcome::Sold, &SOLD);
    snapshot!(run);
}

#[test]
fn two_messages_may_come_in_one_piece() {
    let run = run!();
    let both = [message("ada"), message("yes")].concat();
    let sim = Sim::new(&run);
    let (stream, peer) = stream(&run, &sim);
    peer.sends(&both);
    let served = sim.run("server", pin!(serve(stream)));
    let Ok(outcome) = served else {
        run.recorder()
            .says("server", "is pending, and no waker is called");
        run.diagnose(
            "rest-thrown-away",
            "The client's name and its answer came in one piece, and the server waits for the answer. The read that returned the name \
             returned the answer too, and its bytes are gone.",
        );
    };
    expect(&run, &(outcome, peer), Outcome::Sold, &SOLD);
}

#[test]
fn a_client_that_accepts_one_byte_at_a_time_receives_every_message() {
    let run = run!();
    let sold = served(&run, |peer| {
        peer.takes(1);
        peer.sends(&message("ada"));
        peer.sends(&message("yes"));
    });
    let received = sold.1.received();
    if !matches!(&SOLD.map(message).concat(), all if received.starts_with(all)) && sold.0.is_ok() {
        run.diagnose(
            "short-write-ignored",
            format!(
                "The client accepts one byte at a time, and has received {}. A write returns how many bytes were accepted; the others are \
                 still to be written.",
                show(&received)
            ),
        );
    }
    expect(&run, &sold, Outcome::Sold, &SOLD);
}

#[test]
fn each_message_is_flushed_before_the_server_waits() {
    let run = run!();
    let sim = Sim::new(&run);
    let (stream, peer) = stream(&run, &sim);
    peer.gets_it_when_flushed();
    let mut service = pin!(serve(stream));
    if sim.run("server", service.as_mut()).is_ok() {
        run.departs("The client had sent nothing, and `serve` was ready.");
    }
    let asked = !heard(&run, &peer).is_empty();
    if !asked && peer.held_back() == 0 {
        run.departs("The server waits for the client's name, and has not written the question.");
    }
    if !asked {
        let held = format!("holds back {} bytes until it is flushed", peer.held_back());
        run.recorder().says("stream", held);
        run.recorder().says("server", "waits for the client's name");
        run.diagnose(
            "waits-before-flush",
            "The server waits for the client's name, and the question is still in the stream's buffer. The client has not received it, so \
             both wait.",
        );
    }
}

#[test]
fn the_last_message_is_sent_before_the_end() {
    for (name, answer, outcome) in [
        ("ada", "yes", Outcome::Sold),
        ("ada", "no", Outcome::Refused),
        ("bob", "yes", Outcome::Refused),
    ] {
        let run = run!();
        let served = served(&run, |peer| {
            peer.gets_it_when_flushed();
            peer.sends(&message(name));
            peer.sends(&message(answer));
        });
        let said = match (name, answer) {
            ("bob", _) => vec![sale::GREETING, sale::UNKNOWN],
            (_, "no") => vec![sale::GREETING, "12 coins, yes or no?", sale::NO_SALE],
            _ => SOLD.to_vec(),
        };
        expect(&run, &served, outcome, &said);
    }
}

#[test]
fn a_client_that_ends_before_its_answer_is_gone() {
    let name = message("ada");
    for sent in [&b""[..], &name[..2], &name] {
        let run = run!();
        let gone = served(&run, |peer| {
            if !sent.is_empty() {
                peer.sends(sent);
            }
            peer.ends();
        });
        let said = if sent.len() == name.len() { 2 } else { 1 };
        expect(&run, &gone, Outcome::Gone, &SOLD[..said]);
    }
}

#[test]
fn a_client_that_ends_after_its_last_message_is_answered() {
    let run = run!();
    let sold = served(&run, |peer| {
        peer.sends(&[message("ada"), message("yes")].concat());
        peer.ends();
    });
    expect(&run, &sold, Outcome::Sold, &SOLD);
}

#[test]
fn the_end_is_sent_with_every_outcome() {
    for script in [&["ada", "yes"][..], &["ada", "no"], &["bob"], &["ada"]] {
        let run = run!();
        let (_outcome, peer) = served(&run, |peer| {
            for text in script {
                peer.sends(&message(text));
            }
            peer.ends();
        });
        heard(&run, &peer);
        match peer.sees_the_end() {
            End::Closed => run.recorder().says("peer", "sees the end"),
            End::Dropped => run.recorder().says("peer", "sees the connection dropped"),
            End::Open => {}
        }
        if peer.sees_the_end() != End::Closed {
            run.diagnose(
                "dropped-instead-of-closed",
                "`serve` returned an outcome, and the stream was dropped without a close. The client cannot tell this end from a broken \
                 connection, and bytes in the stream's buffer would be lost.",
            );
        }
    }
}

#[test]
fn the_error_of_a_read_is_returned() {
    let run = run!();
    let (outcome, _peer) = served(&run, |peer| {
        peer.sends(&message("ada"));
        peer.breaks(ErrorKind::ConnectionReset);
    });
    match outcome {
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(_) => run.departs("The read failed with ConnectionReset, and `serve` returned another error."),
        Ok(_) => run.diagnose(
            "error-swallowed",
            "The read failed with ConnectionReset in the middle of the exchange, and `serve` returned an outcome.",
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

#[test]
fn every_short_script_of_the_stream_has_the_right_outcome() {
    let run = run!();
    let sold = [message("ada"), message("yes")].concat();
    for script in Script::of_all(3) {
        exchanged(&run, &script, &sold);
    }
    // The length of this answer is 3 in its lower seven bits.
    let long = format!("yes{}", "!".repeat(128));
    let longest = "a".repeat(255);
    for texts in [
        &["ada", "no"][..],
        &["bob", "yes"],
        &["ada"],
        &[],
        &["ada", &long],
        &[&longest],
    ] {
        let sent: Vec<u8> = texts.iter().flat_map(|text| message(text)).collect();
        for script in Script::of_ends(3) {
            exchanged(&run, &script, &sent);
        }
    }
}

/// One exchange over a stream that follows this script.
#[track_caller]
fn exchanged(run: &Run, script: &Script, sent: &[u8]) {
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

fn name(broken: Broken) -> Option<&'static str> {
    match broken {
        Broken::ErrorHidden(_) => Some("error-swallowed"),
        Broken::CalledAfterFailure(_) => Some("called-after-failure"),
        _ => None,
    }
}
