//! 5.9 exchange: from callbacks to a task.

#[path = "exchange/client.rs"]
mod client;

use std::io::ErrorKind;
use std::pin::pin;

use super::subject::serve;
use client::{SOLD, exchanged, expect, heard, served};
use probe::{Run, run, snapshot};
use probe_futures::Sim;
use probe_io::hostile::Script;
use probe_io::stream;
use probe_io::stream::{End, show};
use reactor::sale::{self, Outcome, message};

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
    for answer in ["no", "", "YES", "yes!", " yes", "yes ", "yes\n", "yes\0"] {
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

#[test]
fn every_short_script_of_the_stream_has_the_right_outcome() {
    let run = run!();
    let sold = [message("ada"), message("yes")].concat();
    for script in [Script::of_all(3), Script::of_kinds(), Script::of_retries()].concat() {
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
