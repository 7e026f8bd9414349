//! 9.6 look_up: which packet is the answer, and what to ask next.

use super::subject::{Answer, Kind, LookUpError, Next};
use probe::{run, snapshot};

#[path = "look_up/machine.rs"]
mod machine;
#[path = "../../../solutions/09-blocking/src/look_up.rs"]
#[allow(unreachable_pub, clippy::duplicate_mod)]
mod reference;
#[path = "look_up/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "look_up/names_and_rounds.rs"]
mod names_and_rounds;

#[path = "look_up/answers.rs"]
mod answers;

#[path = "look_up/ends.rs"]
mod ends;

use world::{FIRST, SECOND, World, right};

#[test]
fn the_servers_are_asked_in_their_order_and_in_rounds() {
    let mut world = World::begun(run!("rounds"));
    for _ in 0..4 {
        world.time_out();
    }
    let servers: Vec<_> = world.asked.iter().map(|(server, _, _)| *server).collect();
    let right = [FIRST, SECOND, FIRST, SECOND];
    if servers.len() > right.len() && servers.starts_with(&right) {
        world.run.departs(format!(
            "Two servers and two rounds: four questions. There were {}.",
            servers.len()
        ));
    }
    if servers != right {
        world.run.diagnose(
            "servers-out-of-order",
            format!("Two servers and two rounds: {FIRST}, {SECOND}, {FIRST}, {SECOND}. Asked: {servers:?}."),
        );
    }
    let mut numbers: Vec<u16> = world.asked.iter().map(|(_, _, id)| *id).collect();
    numbers.dedup();
    if numbers.len() < 4 {
        world.run.diagnose(
            "question-number-reused",
            "Two questions have the same number, and `number` would have returned another one. A late answer to the older \
             question then fits the newer one.",
        );
    }
    world.expect(
        &Next::Done(Err(LookUpError::NoAnswer)),
        "Each server has been asked twice",
    );
    snapshot!(world.run);
}

#[test]
fn the_answer_of_the_server_that_was_asked_last_ends_the_look_up() {
    let mut world = World::begun(run!("second_answers"));
    world.time_out();
    let packet = world.answer(Answer::Addresses(right()));
    world.arrives("addresses, from 192.0.2.2:53", &packet);
    world.expect(&Next::Done(Ok(right())), "The second server has answered");
    snapshot!(world.run);
}

#[test]
fn a_packet_from_another_address_or_port_changes_nothing() {
    for port in [false, true] {
        let mut world = World::begun(run!("stranger"));
        let mut packet = world.answer(Answer::Addresses(vec![]));
        match port {
            true => packet.from.set_port(5_353),
            false => packet.from = SECOND,
        }
        world.arrives(&format!("no address, from {}", packet.from), &packet);
        if matches!(world.last, Next::Done(_)) {
            world.run.diagnose(
                "answer-from-a-stranger",
                format!(
                    "{FIRST} was asked. A packet from {} with the right number ended the look-up. A sender that guesses the number decides \
                     where the program connects to.",
                    packet.from
                ),
            );
        }
        waits(&world);
        let packet = world.answer(Answer::Addresses(right()));
        world.arrives(&format!("addresses, from {FIRST}"), &packet);
        world.expect(
            &Next::Done(Ok(right())),
            "The server that was asked has answered",
        );
        if !port {
            snapshot!(world.run);
        }
    }
}

/// What does not count changes nothing.
fn waits(world: &World) {
    if let Next::Ask { .. } = world.last {
        world.run.diagnose(
            "stranger-ends-the-wait",
            "The packet does not answer the question, and the look-up gave up the server that it waits for. A sender that floods it \
             with wrong packets keeps every answer away.",
        );
    }
    world.expect(&Next::Wait, "The packet does not answer the question");
}

#[test]
fn a_packet_with_another_number_or_question_changes_nothing() {
    let mut world = World::begun(run!());
    let mut packet = world.answer(Answer::Addresses(vec![]));
    packet.id += 1;
    world.arrives("no address, number 4002", &packet);
    if matches!(world.last, Next::Done(_)) {
        world.run.diagnose(
            "question-number-ignored",
            "The question has the number 4001. A packet with the number 4002 ended the look-up.",
        );
    }
    waits(&world);
    for (what, name, kind) in [
        ("about example.com", "example.com", Kind::A),
        ("about IPv6", world::NAME, Kind::Aaaa),
    ] {
        let mut packet = world.answer(Answer::Addresses(vec![]));
        packet.question.name = name.into();
        packet.question.kind = kind;
        world.arrives(&format!("no address, {what}"), &packet);
        if matches!(world.last, Next::Done(_)) {
            world.run.diagnose(
                "other-question-answered",
                format!("The question is about IPv4 addresses of {}. A packet {what} ended the look-up.", world::NAME),
            );
        }
        waits(&world);
    }
}

#[test]
fn a_name_in_capitals_is_the_same_name() {
    let mut world = World::begun(run!());
    let mut packet = world.answer(Answer::Addresses(right()));
    packet.question.name = "Example.ORG".into();
    world.arrives("addresses, about Example.ORG", &packet);
    if world.last == Next::Wait {
        world.run.diagnose(
            "letter-case-compared",
            "The server has written the name in other letters, upper and lower case, and its answer did not count.",
        );
    }
    world.expect(&Next::Done(Ok(right())), "The server has answered");
}
