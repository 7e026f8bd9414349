//! The judgments that take several steps.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::subject::{Port, Trampoline};
use super::steps::{spawn, turn, turns};
use probe::{Run, leaks, panics, run};

/// Each of the calls is made while another task is ready.
pub(super) fn to_the_back() {
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

/// Many messages wait for one task.
pub(super) fn many_messages(run: &Run) {
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

/// More tasks than eight bits have numbers.
pub(super) fn many_tasks(run: &Run) {
    const TASKS: usize = 300;
    let mut tasks = Trampoline::<u32>::new();
    for right in 0..TASKS {
        let number = tasks
            .spawn(|port| port.turn())
            .expect("the system gives a stack");
        if number == right {
            continue;
        }
        run.recorder().says(
            "trampoline",
            format!("task {right} is spawned, and gets the number {number}"),
        );
        if number < right {
            run.diagnose(
                "number-given-again",
                format!("{right} tasks were spawned, and none has ended. The next one got the number {number}, which another task has."),
            );
        }
        run.departs(format!(
            "{right} tasks were spawned. Expected: the next one gets the number {right}."
        ));
    }
    let order: Vec<usize> = (0..3 * TASKS).map_while(|_| tasks.turn()).collect();
    let right: Vec<usize> = (0..TASKS).chain(0..TASKS).collect();
    if order != right {
        run.departs(format!(
            "{TASKS} tasks ask for `Turn` once. Expected: each has two turns, in the order of the numbers. Seen: {} turns.",
            order.len()
        ));
    }
}

/// One of the tasks panics.
pub(super) fn a_panic(run: &Run) {
    let mut tasks = Trampoline::new();
    spawn(run, &mut tasks, "a", |port, says| {
        says(format!("has {}", port.receive()))
    });
    spawn(run, &mut tasks, "b", |port, _| {
        port.turn();
        panic!("b fails");
    });
    spawn(run, &mut tasks, "c", |port, _| {
        (0..2).for_each(|_| port.turn());
        let told = [port.send(1, 5), port.send(0, 6)];
        assert_eq!(told, [Err(5), Ok(())], "what `send` returns");
    });
    let mut seen = Vec::new();
    while seen.len() < 20 {
        match panics::expected(|| tasks.turn()) {
            Ok(None) => break,
            Ok(Some(number)) => seen.push(number.to_string()),
            Err(panic) => seen.push(panic.message),
        }
    }
    let panics = seen.iter().filter(|turn| turn.parse::<usize>().is_err());
    match &panics.collect::<Vec<_>>()[..] {
        [only] if *only == "b fails" && seen.len() == 9 => {}
        [first, second, ..] if *first == "b fails" && second.contains("ended") => run.diagnose(
            "ended-task-in-the-queue",
            "b panicked. It was still in the queue, and a later turn resumed it.",
        ),
        [first] if *first == "b fails" => run.diagnose(
            "others-lost-in-a-panic",
            format!("b panicked, and the panic came out of `turn`. Of the other two not all had their turns: {seen:?}."),
        ),
        [first, second] if *first == "b fails" && second.contains("left: [Ok(()), ") => run.diagnose(
            "sent-to-an-ended-task",
            "b panicked, so it has ended. c then sent it a message, and was told that the message was delivered.",
        ),
        _ => run.departs(format!("a waits, b panics in its second turn, c then sends to both. Expected: 9 turns, one of them with b's panic. Seen: {seen:?}.")),
    }
}

/// The trampoline is dropped after each number of turns.
pub(super) fn dropped() {
    leaks::nothing_is_left(&run!(), 8, |values, case| {
        let mut tasks = Trampoline::new();
        let fails = case.end == leaks::End::Panics;
        for task in 0..3_usize {
            let (token, message) = (values.token(), values.token());
            let body = move |port: &Port<'_, probe::detect::Token>| {
                let _local = token;
                let _ = port.send((task + 1) % 3, message);
                assert!(!fails || task != 1, "in a task");
                if task != 2 {
                    drop(port.receive());
                    drop(port.receive());
                }
            };
            tasks.spawn(body).expect("the system gives a stack");
        }
        for _ in 0..case.steps {
            tasks.turn();
        }
    });
}

/// Messages are sent before their receiver asks for one.
pub(super) fn in_order(run: Run) -> Run {
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
    run
}

/// Two tasks that only call `turn`.
pub(super) fn in_turn(run: Run) -> Run {
    let mut tasks = Trampoline::new();
    let numbers = [("a", 1), ("b", 2)].map(|(name, times)| {
        spawn(&run, &mut tasks, name, move |port, says| {
            for time in 1..=times {
                says(format!("turn {time}"));
                port.turn();
            }
        })
    });
    if numbers != [0, 1] {
        run.departs(format!(
            "The first two tasks have the numbers 0 and 1. Seen: {numbers:?}."
        ));
    }
    if !run.recorder().recording().to_string().is_empty() {
        run.diagnose(
            "eager-start",
            "A task ran inside of `spawn`. It runs in a `turn`.",
        );
    }
    let order: Vec<usize> = (0..6).map_while(|_| turn(&run, &mut tasks)).collect();
    match order[..] {
        [1, 0, ..] => run.diagnose(
            "jumps-the-queue",
            "b was spawned when a was ready, and had its turn before a. A new task belongs behind those that are ready.",
        ),
        [0, 0, ..] => run.diagnose(
            "jumps-the-queue",
            "a asked for `Turn` while b was ready, and had its next turn before b.",
        ),
        [0, 1, 1] => run.diagnose(
            "end-is-no-turn",
            "a ended in its turn, and `turn` resumed b in the same call. It returned b's number, so its caller does not see the turn in which a ended.",
        ),
        _ => {}
    }
    run
}
