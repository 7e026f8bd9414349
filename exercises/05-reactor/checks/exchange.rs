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

/// Serves one client, whom the script plays.
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
                Ok(outcome) => format!("ends: {outcome:?}"),
                Err(error) => format!("ends: {:?}", error.kind()),
            };
            run.recorder().says("server", text);
            (outcome, peer)
        }
        Err(stuck) => {
            run.recorder().says("server", "waits for ever");
            heard(run, &peer);
            if stuck.wakers_held == 0 {
                run.diagnose(
                    "pending-without-a-wake",
                    "It was pending, and nobody holds a waker: what it waits for is not something that wakes.",
                );
            }
            run.departs(
                "The client has sent all that it will send, and the server waits for more, with what it needs already sent to it.",
            );
        }
    }
}

/// The messages that reached the client, as far as they are messages.
fn heard(run: &Run, peer: &Peer) -> Vec<String> {
    let mut bytes = peer.received();
    let mut messages = Vec::new();
    while let Some(message) = sale::take_message(&mut bytes) {
        messages.push(String::from_utf8_lossy(&message).into_owned());
    }
    for message in &messages {
        run.recorder()
            .says("peer", format!("has heard {message:?}"));
    }
    if !bytes.is_empty() {
        (run.recorder()).says("peer", format!("has {} left over", show(&bytes)));
        run.departs("What the server sent is not a row of messages: each begins with a byte that says how long it is.");
    }
    messages
}

const SOLD: [&str; 3] = [sale::GREETING, "12 coins, yes or no?", sale::SOLD];

/// The client has heard just this, the outcome is that, and the end was sent.
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
                "The server has come to the right end, and the client has not heard its last words: they were written into the stream's \
                 buffer, and the stream was dropped. A buffer is sent when it is flushed, or the stream is closed.",
            );
        }
        run.departs(format!(
            "The client should have heard {:?} as well.",
            said[heard.len()]
        ));
    }
    if heard.len() > said.len() && said.iter().zip(&heard).all(|(right, heard)| heard == right) {
        match right {
            Outcome::Gone => run.diagnose(
                "end-taken-for-an-answer",
                "The client's end came before its answer, and the server answered something. An end is not a message, and nobody is \
                 there to hear of it.",
            ),
            _ => run.diagnose(
                "went-on-after-refusing",
                "The client was told an error, which ends the sale, and the server went on with the next step.",
            ),
        }
    }
    if heard != said {
        run.departs(format!("The client should have heard {said:?}."));
    }
    match outcome {
        Ok(outcome) if *outcome == right => {}
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => run.diagnose_at(
            ended,
            "gone-taken-for-an-error",
            "The client's end came before its answer, and `UnexpectedEof` came out. By the contract that is an outcome like the others: \
             `Gone`.",
        ),
        Ok(_) => run.departs_at(ended, format!("The outcome should be {right:?}.")),
        Err(error) => run.departs_at(
            ended,
            format!("An error came out, and nothing was wrong: {error}."),
        ),
    }
}

#[test]
fn who_is_known_and_says_yes_is_sold_to() {
    let run = run!("sold");
    let sold = served(&run, |peer| {
        peer.sends(&message("ada"));
        peer.sends(&message("yes"));
    });
    expect(&run, &sold, Outcome::Sold, &SOLD);
    snapshot!(run);
}

#[test]
fn who_is_not_known_is_told_so_and_nothing_more() {
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
fn anything_but_a_yes_is_no_sale() {
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
            "The client's messages came byte by byte, and a part was taken for the whole. A stream has no messages, only bytes; where \
             one message ends is for the reader to find out.",
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
        run.recorder().says("server", "waits for ever");
        run.diagnose(
            "rest-thrown-away",
            "The client's name and its answer came in one piece, and the server waits for the answer. It was thrown away together with \
             what had been read of the name, or kept in a buffer that is gone.",
        );
    };
    expect(&run, &(outcome, peer), Outcome::Sold, &SOLD);
}

#[test]
fn a_client_that_takes_one_byte_at_a_time_hears_all() {
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
                "The client takes one byte at a time, and has received {}. A write says how many bytes were taken; the others are still \
                 to be written.",
                show(&received)
            ),
        );
    }
    expect(&run, &sold, Outcome::Sold, &SOLD);
}

#[test]
fn what_the_stream_holds_back_is_flushed_before_the_answer_is_awaited() {
    let run = run!();
    let sim = Sim::new(&run);
    let (stream, peer) = stream(&run, &sim);
    peer.gets_it_when_flushed();
    let mut service = pin!(serve(stream));
    if sim.run("server", service.as_mut()).is_ok() {
        run.departs("The client had said nothing yet, and the server was done.");
    }
    let asked = !heard(&run, &peer).is_empty();
    if !asked && peer.held_back() == 0 {
        run.departs("The server waits for the client's name before it has asked for it.");
    }
    if !asked {
        let held = format!("holds back {} bytes until it is flushed", peer.held_back());
        run.recorder().says("stream", held);
        run.recorder().says("server", "waits for the client's name");
        run.diagnose(
            "waits-before-flush",
            "The server waits for the client's name, and the client has not been asked: the question is in the stream's buffer. Both \
             wait, for ever.",
        );
    }
}

#[test]
fn the_last_words_are_out_before_the_end() {
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
fn a_client_that_has_said_all_and_ended_is_still_answered() {
    let run = run!();
    let sold = served(&run, |peer| {
        peer.sends(&[message("ada"), message("yes")].concat());
        peer.ends();
    });
    expect(&run, &sold, Outcome::Sold, &SOLD);
}

#[test]
fn when_all_is_said_the_end_is_sent() {
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
                "Everything was said, and the stream was dropped without being closed. The client sees no end that was meant; and what a \
                 stream still has in its buffer then would be lost.",
            );
        }
    }
}

#[test]
fn a_broken_connection_is_an_error() {
    let run = run!();
    let (outcome, _peer) = served(&run, |peer| {
        peer.sends(&message("ada"));
        peer.breaks(ErrorKind::ConnectionReset);
    });
    match outcome {
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(_) => run.departs("The connection was reset, and another error came out."),
        Ok(_) => run.diagnose(
            "error-swallowed",
            "The connection was reset in the middle of the exchange, and that came out as an outcome like the others.",
        ),
    }
}

/// What the server has to say to a client that sends this and ends, and the outcome.
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
fn the_outcome_is_right_whatever_the_stream_returns() {
    let run = run!();
    let sold = [message("ada"), message("yes")].concat();
    for script in Script::of_all(3) {
        exchanged(&run, &script, &sold);
    }
    for texts in [&["ada", "no"][..], &["bob", "yes"], &["ada"], &[]] {
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
    recorder.says("server", format!("ends: {came_out:?}"));
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
