//! Messages, and the order of the turns after them.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::subject::{Port, Trampoline};
use super::steps::{spawn, turn, turns};
use probe::{run, snapshot};

#[test]
fn a_task_gets_the_message_that_another_one_sends() {
    let run = run!("send");
    let mut tasks = Trampoline::new();
    let a = spawn(&run, &mut tasks, "a", |port, says| {
        says(format!("has {}", port.receive()))
    });
    spawn(&run, &mut tasks, "b", move |port, says| {
        let sent = port.send(a, 7);
        says(format!("send → {sent:?}"));
    });
    turns(&run, &mut tasks, 4);
    snapshot!(run);
}

#[test]
fn messages_wait_for_their_receiver_in_order() {
    let run = run!("in_order");
    let mut tasks = Trampoline::new();
    let heard = Rc::<RefCell<Vec<u32>>>::default();
    let list = Rc::clone(&heard);
    let a = spawn(&run, &mut tasks, "a", move |port, says| {
        for _ in 0..4 {
            port.turn();
        }
        for _ in 0..3 {
            let message = port.receive();
            list.borrow_mut().push(message);
            says(format!("has {message}"));
        }
    });
    spawn(&run, &mut tasks, "b", move |port, _| {
        for message in [1, 2, 3] {
            let _ = port.send(a, message);
        }
    });
    turns(&run, &mut tasks, 12);
    match heard.borrow()[..] {
        [1, 2, 3] => {}
        [3, ..] if heard.borrow().len() == 1 => run.diagnose(
            "message-overwritten",
            "b sent 1, 2 and 3 while a was not waiting. a received 3, and no other message: each one took the place of the one before.",
        ),
        [1] => run.diagnose(
            "second-message-lost",
            "b sent 1, 2 and 3 while a was not waiting. a received 1. The others were dropped, because one was there already.",
        ),
        [3, 2, 1] => run.diagnose(
            "newest-message-first",
            "b sent 1, 2 and 3 while a was not waiting. a received 3 first.",
        ),
        [] => run.diagnose(
            "sent-to-nobody",
            "b sent 1, 2 and 3 to a, which had not asked for a message yet. When a asked, none was there.",
        ),
        _ => run.departs(format!("b sent 1, 2 and 3 while a was not waiting. a received {:?}.", heard.borrow())),
    }
    snapshot!(run);
}

#[test]
fn each_call_sends_its_task_to_the_back_of_the_queue() {
    // What task 0 calls in its second turn. In its first turn it calls `turn`, and task 1 sends it a message.
    type Call = fn(&Port<'_, u32>);
    let calls: [(&str, &str, &str, Call); 4] = [
        ("turn()", "jumps-the-queue", "asked for `Turn`", |port| {
            port.turn()
        }),
        (
            "receive()",
            "jumps-the-queue",
            "asked for a message, and one was there",
            |port| _ = port.receive(),
        ),
        (
            "send(7) to 2",
            "sender-goes-on",
            "sent a message to c",
            |port| _ = port.send(2, 7),
        ),
        (
            "send(7) to 99",
            "sender-goes-on",
            "sent a message to a number that no task has",
            |port| _ = port.send(99, 7),
        ),
    ];
    for (name, mistake, asked, call) in calls {
        let run = run!();
        let mut tasks = Trampoline::new();
        spawn(&run, &mut tasks, "a", move |port, says| {
            port.turn();
            says(name.to_owned());
            call(port);
        });
        spawn(&run, &mut tasks, "b", |port, _| {
            let _ = port.send(0, 1);
            port.turn();
        });
        spawn(&run, &mut tasks, "c", |port, _| {
            (0..2).for_each(|_| port.turn())
        });
        let seen = [(); 7].map(|()| turn(&run, &mut tasks));
        if seen == [0, 1, 2, 0, 1, 2, 0].map(Some) {
            continue;
        }
        if seen[..5] == [0, 1, 2, 0, 0].map(Some) {
            run.diagnose(
                mistake,
                format!("a {asked}. b and c had been ready for longer, and a had its next turn before them."),
            );
        }
        run.departs(format!(
            "In its second turn a {asked}. Expected: the turns of 0, 1, 2, 0, 1, 2 and 0. Seen: {seen:?}."
        ));
    }
}

#[test]
fn a_task_receives_what_it_has_sent_to_itself() {
    let run = run!();
    let mut tasks = Trampoline::new();
    let seen = Rc::<RefCell<Vec<Result<(), u32>>>>::default();
    let list = Rc::clone(&seen);
    spawn(&run, &mut tasks, "a", move |port, says| {
        let sent = port.send(0, 7);
        says(format!("send(7) to itself → {sent:?}"));
        list.borrow_mut().push(sent);
        says(format!("has {}", port.receive()));
        list.borrow_mut().push(Ok(()));
    });
    turns(&run, &mut tasks, 3);
    match seen.borrow()[..] {
        [Ok(()), Ok(())] => {}
        [Err(7), ..] => run.diagnose(
            "own-message-refused",
            "a sent a message to its own number, and the message came back. a has not ended.",
        ),
        _ => run.departs("a sent 7 to its own number, and was told `Ok`. Expected: a receives 7. a has not received it."),
    }
}

#[test]
fn a_mailbox_has_room_for_each_message() {
    let run = run!();
    let mut tasks = Trampoline::new();
    let counts = Rc::new(RefCell::new((0_u32, 0_u32)));
    let (sender, receiver) = (Rc::clone(&counts), Rc::clone(&counts));
    let most = 1_000;
    let b = 1;
    // Without a note for each message: the run would be long.
    let first = tasks.spawn(move |port| {
        sender.borrow_mut().0 = (0..most)
            .take_while(|message| port.send(b, *message).is_ok())
            .count() as u32;
    });
    first.expect("the system gives a stack");
    let second = tasks.spawn(move |port| {
        (0..most).for_each(|_| port.turn());
        for message in 0..most {
            if port.receive() != message {
                break;
            }
            receiver.borrow_mut().1 += 1;
        }
    });
    second.expect("the system gives a stack");
    let turns = (0..10 * most)
        .take_while(|_| tasks.turn().is_some())
        .count();
    let (sent, received) = *counts.borrow();
    if sent < most {
        run.diagnose(
            "bounded-mailbox",
            format!("a sent messages to b, which was ready and received none yet. b's mailbox took {sent} of them, and the next one came back, although b had not ended."),
        );
    }
    if received < most {
        run.departs(format!("a sent {most} messages to b before b received one. After {turns} turns b has received {received} of them in order."));
    }
}
