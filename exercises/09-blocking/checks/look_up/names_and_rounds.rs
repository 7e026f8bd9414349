//! Names that differ, lists of servers, and numbers of rounds.

use std::cell::Cell;

use super::super::subject::{Answer, Kind, LookUp, Next, Packet, Question, Transport};
use super::world;
use super::world::{FIRST, SECOND, World, right};
use probe::run;

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
