//! Many messages, every short script of reads and drops, and two readers.

use std::future::Future;
use std::io::ErrorKind;
use std::task::{Context, Poll, Waker};

use super::super::subject::Frames;
use super::scripts::{READS, READS_WITH_ENDS, Read, judge_scripts};
use super::world::{Next, World, frame, pieces, show};
use probe::run;

#[test]
fn a_hundred_thousand_messages_are_delivered_in_order() {
    const ALL: u32 = 100_000;
    let run = run!();
    run.recorder().says(
        "stream",
        format!("delivers {ALL} messages of four bytes in one piece"),
    );
    let mut frames = Frames::new(
        &*(0..ALL)
            .flat_map(|number| frame(&number.to_be_bytes()))
            .collect::<Vec<u8>>()
            .leak(),
    );
    for number in 0..=ALL {
        let mut context = Context::from_waker(Waker::noop());
        let next = Box::pin(frames.next()).as_mut().poll(&mut context);
        match next {
            Poll::Ready(Ok(Some(message))) if number < ALL && message == number.to_be_bytes() => {}
            Poll::Ready(Ok(None)) if number == ALL => {}
            other => run.departs(format!(
                "Call {} of `next` gave {other:?}; expected: {}.",
                number + 1,
                match number {
                    ALL => "the end".to_owned(),
                    number => format!("the message {:?}", number.to_be_bytes()),
                }
            )),
        }
    }
}

#[test]
fn an_error_of_any_kind_is_returned_once_and_as_it_is() {
    const SHORT: [Read; 3] = [Read::Fails, Read::Bytes(1), Read::Bytes(4)];
    for kind in [
        ErrorKind::Interrupted,
        ErrorKind::WouldBlock,
        ErrorKind::BrokenPipe,
        ErrorKind::Other,
    ] {
        judge_scripts(&SHORT, 3, kind);
    }
}

#[test]
fn after_an_error_the_next_call_goes_on_in_the_same_message() {
    judge_scripts(&READS_WITH_ENDS, 4, ErrorKind::TimedOut);
}

#[test]
fn every_short_script_of_reads_and_drops_delivers_every_message() {
    judge_scripts(&READS, 5, ErrorKind::TimedOut);
}

#[test]
fn two_readers_keep_their_bytes_apart() {
    let run = run!();
    let [first, second] = [&b"one"[..], b"three"].map(|message| {
        let bytes = frame(message);
        World::new(run.clone(), pieces(&bytes, &[1, 3]))
    });
    run.recorder()
        .says("streams", "each of two holds one message, in three pieces");
    let readers = [(first, &b"one"[..]), (second, b"three")];
    let mut came = [None, None];
    for _ in 0..10 {
        for ((world, _), came) in readers.iter().zip(&mut came) {
            if came.is_none() {
                *came = Some(world.next(2)).filter(|next| *next != Next::Dropped);
            }
        }
    }
    for ((_, message), came) in readers.iter().zip(&came) {
        if *came != Some(Next::Message(message.to_vec())) {
            run.diagnose(
                "state-not-in-the-struct",
                format!(
                    "Two readers read two streams in turn. The stream of one holds {}, and its reader returned {}. Alone it returns its message.",
                    show(message),
                    match came {
                        Some(Next::Message(other)) => show(other),
                        Some(other) => format!("{other:?}"),
                        None => "nothing".to_owned(),
                    }
                ),
            );
        }
    }
}
