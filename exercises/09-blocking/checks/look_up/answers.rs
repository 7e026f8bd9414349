//! What each kind of answer comes to.

use super::super::subject::{Answer, LookUpError, Next, Transport};
use super::waits;
use super::world::{FIRST, SECOND, World, right};
use probe::{run, snapshot};

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
