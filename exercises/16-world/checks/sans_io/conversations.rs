//! Every short run, and conversations that are cut anywhere.

use super::end;
use super::end::{CLIENT, End, close, expect, part, server, whole};
use super::moves;
use probe::random::Random;
use probe::run;
use probe::runs::Search;
use world::sans_io::frame::{Message, Opcode};

#[test]
fn every_short_run_is_as_the_contract_says() {
    let search = Search::of(&moves::alphabet())
        .up_to(3)
        .and_random(200, 12, 16);
    search.compare(
        &run!(),
        moves::Driver::<super::super::subject::Connection>::new,
        moves::Driver::<world::sans_io::Connection>::new,
    );
}

#[test]
fn a_conversation_is_the_same_however_it_is_cut() {
    let mut frames = Vec::new();
    for number in 0..30_u8 {
        frames.push(part(Opcode::Text, "ж".repeat(usize::from(number))));
        frames.push(whole(Opcode::Ping, [number]));
        frames.push(whole(Opcode::Continuation, ""));
    }
    frames.push(whole(Opcode::Binary, [7; 900]));
    frames.push(close(1000));
    let (mut random, mut whole): (_, End) = (Random::seeded(16), server(run!()));
    let bytes = whole.bytes_of(&frames);
    whole.read(&bytes);
    for _ in 0..50 {
        let (mut end, mut rest) = (server(run!()), &bytes[..]);
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(rest.len().min(1 + random.below(200)));
            end.read(piece);
            rest = behind;
        }
        let (events, sent) = (whole.events.clone(), whole.sent.clone());
        expect(&mut end, &events, &sent);
    }
    if whole.events.len() != 32 || whole.sent.len() != 31 {
        whole
            .run
            .departs("31 messages and a close frame arrived, and 30 pings.");
    }
}

#[test]
fn a_client_masks_what_it_sends() {
    use world::sans_io::frame::{FrameReader, Role};
    let mut core = super::super::subject::Connection::new(end::settings(CLIENT, 100), end::at(0));
    let run = run!();
    let _sent = core.send(Message::Text("hi".to_owned()));
    let mut reader = FrameReader::new(Role::Server, 100);
    reader.push(&core.take_output());
    if reader.next() != Ok(Some(whole(Opcode::Text, "hi"))) {
        run.departs("A client sent a message, and a server's reader refuses its bytes. `FrameWriter::new` takes the role.");
    }
}
