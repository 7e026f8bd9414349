//! 9.6 look_up: which packet is the answer, and what to ask next.

use std::cell::Cell;

use super::subject::{Answer, Kind, LookUp, LookUpError, Next, Packet, Question, Transport};
use probe::{run, snapshot};

#[path = "look_up/machine.rs"]
mod machine;
#[path = "../../../solutions/09-blocking/src/look_up.rs"]
#[allow(unreachable_pub, clippy::duplicate_mod)]
mod reference;
#[path = "look_up/world.rs"]
mod world;

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

#[test]
fn a_name_with_other_letters_is_another_name() {
    // Upper and lower case of ASCII letters are the same. U+212A is a letter of its own, whose lower case is "k".
    for (asked, answered) in [
        ("kiosk.example", "\u{212a}iosk.example"),
        ("\u{e9}t\u{e9}.example", "\u{c9}T\u{c9}.example"),
        ("example.org", "example.org."),
        ("example.org", "example.or"),
    ] {
        let run = run!();
        let question = |name: &str| Question {
            name: name.into(),
            kind: Kind::A,
        };
        let mut look_up = LookUp::new(question(asked), vec![FIRST], 1, || 4_001);
        let _asks = look_up.begin();
        let packet = Packet {
            from: FIRST,
            over: Transport::Udp,
            id: 4_001,
            question: question(answered),
            answer: Answer::Addresses(right()),
        };
        let next = look_up.packet(&packet);
        run.recorder().says(
            "packet",
            format!("asked {asked:?}, answered {answered:?}: {next:?}"),
        );
        if next != Next::Wait {
            run.departs(format!(
                "The question is about {asked:?}, and the packet about {answered:?}. Only the case of ASCII letters may differ. Expected: Wait. \
                 Returned: {next:?}."
            ));
        }
    }
}

#[test]
fn each_place_in_the_list_is_asked_in_each_round_and_has_one_number() {
    for servers in [
        vec![],
        vec![FIRST],
        vec![FIRST, FIRST],
        vec![FIRST, SECOND, FIRST],
    ] {
        for rounds in 0..3 {
            let run = run!();
            let question = Question {
                name: world::NAME.into(),
                kind: Kind::A,
            };
            let numbers = Cell::new(0);
            let mut look_up = LookUp::new(question, servers.clone(), rounds, || {
                numbers.set(numbers.get() + 1);
                numbers.get()
            });
            let mut asked = Vec::new();
            let mut next = look_up.begin();
            while let Next::Ask { server, .. } = next {
                asked.push(server);
                if asked.len() > 20 {
                    break;
                }
                next = look_up.time_out();
            }
            run.recorder().says(
                "look-up",
                format!("{rounds} rounds of {servers:?}, no answer: asks {asked:?}"),
            );
            if asked != servers.repeat(rounds) {
                run.departs(format!(
                    "{rounds} rounds of {servers:?}, and no answer. Asked: {asked:?}."
                ));
            }
            if usize::from(numbers.get()) != asked.len() {
                run.departs(format!(
                    "There were {} questions, and `number` was called {} times. It is called once for each question over UDP.",
                    asked.len(),
                    numbers.get()
                ));
            }
        }
    }
}

#[test]
fn a_number_of_rounds_of_more_than_32_bits_is_a_number_of_rounds() {
    let rounds = (u32::MAX as usize).saturating_add(1);
    let mut world = World::new(run!(), vec![FIRST, SECOND], rounds);
    world.tell("begin", LookUp::begin);
    world.expect(
        &Next::Ask {
            server: FIRST,
            over: Transport::Udp,
            id: 4_001,
        },
        "The rounds are 4,294,967,296",
    );
}

#[test]
fn an_answer_that_comes_after_its_time_out_changes_nothing() {
    let mut world = World::begun(run!("late"));
    world.time_out();
    let packet = world.answer_to(0, Answer::Addresses(right()));
    world.arrives(&format!("addresses, from {FIRST}, number 4001"), &packet);
    if matches!(world.last, Next::Done(_)) {
        world.run.diagnose(
            "late-answer-counts",
            format!("{SECOND} was asked last. The answer of {FIRST} to the question before ended the look-up."),
        );
    }
    waits(&world);
    snapshot!(world.run);
}

#[test]
fn no_such_name_ends_the_look_up_and_a_failure_does_not() {
    let mut world = World::begun(run!("no_such_name"));
    let packet = world.answer(Answer::ServerFailed);
    world.arrives("ServerFailed", &packet);
    if matches!(world.last, Next::Done(_)) {
        world.run.diagnose(
            "failure-ends-the-look-up",
            "The first server failed, which says nothing about the name. The second was not asked.",
        );
    }
    if world.last == Next::Wait {
        world.run.diagnose(
            "failure-waits-for-the-time-out",
            "The server has said that it failed, and the look-up waits on. No other answer will come.",
        );
    }
    let packet = world.answer(Answer::NoSuchName);
    world.arrives("NoSuchName", &packet);
    if let Next::Ask { .. } = world.last {
        world.run.diagnose(
            "no-such-name-asked-again",
            "A server has said that the name does not exist, and the next server was asked. The answer is known.",
        );
    }
    world.expect(
        &Next::Done(Err(LookUpError::NoSuchName)),
        "The name does not exist",
    );
    snapshot!(world.run);
}

#[test]
fn a_cut_answer_is_asked_for_over_tcp() {
    let mut world = World::begun(run!("over_tcp"));
    let packet = world.answer(Answer::Truncated);
    world.arrives("Truncated", &packet);
    let over = world.asked.last().map(|(server, over, _)| (*server, *over));
    if world.asked.len() == 2 && over != Some((FIRST, Transport::Tcp)) {
        world.run.diagnose(
            "not-asked-over-tcp",
            "The answer is too long for a packet. Over UDP each server's answer is; the same server has to be asked over TCP.",
        );
    }
    world.expect(
        &Next::Ask {
            server: FIRST,
            over: Transport::Tcp,
            id: 4_001,
        },
        "The answer is too long for a packet",
    );
    let mut packet = world.answer(Answer::Addresses(vec![]));
    packet.over = Transport::Udp;
    world.arrives("no address, over UDP", &packet);
    if matches!(world.last, Next::Done(_)) {
        world.run.diagnose(
            "transport-not-compared",
            "The question was asked over TCP, and a packet over UDP ended the look-up.",
        );
    }
    waits(&world);
    let packet = world.answer(Answer::Addresses(right()));
    world.arrives("addresses, over TCP", &packet);
    world.expect(&Next::Done(Ok(right())), "The server has answered over TCP");
    snapshot!(world.run);
}

#[test]
fn an_answer_that_is_cut_over_tcp_too_is_a_failure_of_the_server() {
    let mut world = World::begun(run!());
    for _ in 0..2 {
        let packet = world.answer(Answer::Truncated);
        let over = packet.over;
        world.arrives(&format!("Truncated, over {over:?}"), &packet);
    }
    if world.asked.last() == Some(&(FIRST, Transport::Tcp, 4_001)) && world.last != Next::Wait {
        world.run.diagnose(
            "cut-answer-loops",
            "The answer was cut over TCP, and the same server was asked over TCP again. It will cut the answer again, and there is no end.",
        );
    }
    world.expect(
        &Next::Ask {
            server: SECOND,
            over: Transport::Udp,
            id: 4_002,
        },
        "The first server has no whole answer",
    );
}

#[test]
fn an_answer_without_an_address_is_an_answer() {
    let mut world = World::begun(run!());
    let packet = world.answer(Answer::Addresses(vec![]));
    world.arrives("no address", &packet);
    if let Next::Ask { .. } = world.last {
        world.run.diagnose(
            "no-address-asked-again",
            "The server has said that the name has no address of this kind, and the next server was asked.",
        );
    }
    world.expect(
        &Next::Done(Ok(vec![])),
        "The name has no address of this kind",
    );
}

#[test]
fn after_the_end_nothing_is_asked_and_nothing_ends_again() {
    let mut world = World::begun(run!());
    let packet = world.answer(Answer::Addresses(right()));
    world.arrives("addresses", &packet);
    for again in [false, true] {
        match again {
            false => world.arrives("addresses, once more", &packet),
            true => world.time_out(),
        };
        if world.last != Next::Wait {
            world.run.diagnose(
                "continues-after-done",
                format!(
                    "The look-up has ended, and returned {} afterwards.",
                    world::words(&world.last)
                ),
            );
        }
    }
}

#[test]
fn after_70_000_time_outs_the_next_server_is_asked() {
    let mut world = World::new(run!(), vec![FIRST, SECOND], usize::MAX);
    world.tell("begin", LookUp::begin);
    world.time_outs(70_000);
    let id = 4_001_u16.wrapping_add(u16::try_from(70_000 - 65_536).unwrap_or(0));
    world.expect(
        &Next::Ask {
            server: FIRST,
            over: Transport::Udp,
            id,
        },
        "70,000 questions have been asked before, and the rounds are usize::MAX",
    );
}

#[test]
fn every_short_run_is_that_of_the_reference() {
    let run = run!();
    machine::compare(&run);
}
