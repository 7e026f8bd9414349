//! trampoline: coroutines that take turns and send each other messages.

use std::cell::RefCell;
use std::rc::Rc;

use super::subject::{Port, Trampoline};
use probe::runs::Search;
use probe::{Run, leaks, panics, run, snapshot};

#[path = "trampoline/runs.rs"]
mod runs;

use runs::{ALPHABET, KNOWN, Tasks};

/// Adds a task whose body notes what it does under its name.
#[track_caller]
fn spawn(
    run: &Run,
    tasks: &mut Trampoline<u32>,
    name: &'static str,
    body: impl FnOnce(&Port<'_, u32>, &dyn Fn(String)) + 'static,
) -> usize {
    let recorder = run.recorder().clone();
    let number = tasks.spawn(move |port| {
        let says = |text: String| recorder.says(name, text);
        body(port, &says);
        recorder.says(name, "ends");
    });
    number.expect("the system gives a stack")
}

/// One turn. A panic of a task that only a wrong answer of the trampoline brings about is a verdict.
#[track_caller]
fn turn(run: &Run, tasks: &mut Trampoline<u32>) -> Option<usize> {
    let call = run.recorder().enters("trampoline", "turn()");
    let turn = panics::expected(|| tasks.turn());
    match turn {
        Ok(turn) => {
            call.returns(format!("{turn:?}"));
            turn
        }
        Err(panic) if panic.message.contains("`Receive` is no message") => run.diagnose(
            "receiver-resumed-without-a-message",
            "A task had asked for a message, and none had been sent to it. The trampoline resumed it with another answer.",
        ),
        Err(panic) if panic.message.contains("has ended was resumed") => run.diagnose(
            "ended-task-in-the-queue",
            "A task had ended, and the trampoline resumed it.",
        ),
        Err(panic) => run.departs(format!("`turn` panicked: {}", panic.message)),
    }
}

/// Turns until none is left, at most so many.
#[track_caller]
fn turns(run: &Run, tasks: &mut Trampoline<u32>, most: usize) -> usize {
    let count = (0..=most)
        .take_while(|_| turn(run, tasks).is_some())
        .count();
    if count > most {
        run.departs(format!(
            "After {most} turns each task has ended or waits. Expected: None."
        ));
    }
    count
}

#[test]
fn tasks_that_ask_for_nothing_take_turns() {
    let run = run!("take_turns");
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
    snapshot!(run);
}

#[test]
fn a_task_that_waits_is_not_resumed() {
    let run = run!("waits");
    let mut tasks = Trampoline::new();
    spawn(&run, &mut tasks, "a", |port, says| {
        says(format!("has {}", port.receive()))
    });
    spawn(&run, &mut tasks, "b", |port, _| {
        (0..2).for_each(|_| port.turn())
    });
    turns(&run, &mut tasks, 4);
    if tasks.waiting() != [0] {
        run.departs(format!(
            "a waits for a message, and b has ended. Expected: [0] wait. Seen: {:?}.",
            tasks.waiting()
        ));
    }
    snapshot!(run);
}

#[test]
fn a_receiver_goes_behind_those_that_are_ready_and_the_sender_behind_it() {
    let run = run!("queue");
    let mut tasks = Trampoline::new();
    let a = spawn(&run, &mut tasks, "a", |port, says| {
        says(format!("has {}", port.receive()))
    });
    spawn(&run, &mut tasks, "b", move |port, _| _ = port.send(a, 7));
    spawn(&run, &mut tasks, "c", |port, _| port.turn());
    for _ in 0..2 {
        turn(&run, &mut tasks);
    }
    let order = [(); 4].map(|()| turn(&run, &mut tasks));
    match order {
        [Some(2), Some(0), Some(1), Some(2)] => {}
        [Some(0), ..] => run.diagnose(
            "jumps-the-queue",
            "b sent a message to a, which was waiting. c had been ready for longer, and a had its turn first.",
        ),
        [Some(1), ..] => run.diagnose(
            "sender-goes-on",
            "b sent a message. c had been ready for longer, and b had its next turn first.",
        ),
        [Some(2), Some(1), Some(0), _] => run.diagnose(
            "sender-before-receiver",
            "b sent a message to a, which was waiting. b had its next turn before a. Expected: a goes to the back of the queue, and the sender behind it.",
        ),
        _ if !order.contains(&Some(1)) => run.diagnose(
            "sender-forgotten",
            "b sent a message to a, which was waiting. After that b was not in the queue, and had no further turn.",
        ),
        _ => run.departs(format!("a waits, b has sent it a message, and c is ready. Expected: the turns of 2, 0, 1 and 2. Seen: {order:?}.")),
    }
    turns(&run, &mut tasks, 0);
    snapshot!(run);
}

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

#[test]
fn a_message_to_a_task_that_has_ended_comes_back() {
    let run = run!("refused");
    let mut tasks = Trampoline::new();
    let a = spawn(&run, &mut tasks, "a", |_, _| {});
    let answers = Rc::<RefCell<Vec<Result<(), u32>>>>::default();
    let list = Rc::clone(&answers);
    spawn(&run, &mut tasks, "b", move |port, says| {
        for to in [a, 99] {
            let sent = port.send(to, 7);
            says(format!("send(7) to {to} → {sent:?}"));
            list.borrow_mut().push(sent);
        }
    });
    turns(&run, &mut tasks, 4);
    if *answers.borrow() != [Err(7), Err(7)] {
        run.diagnose(
            "sent-to-an-ended-task",
            "b sent a message to a task that had ended, and one to a number that no task has. It was told that they were delivered.",
        );
    }
    let next = spawn(&run, &mut tasks, "c", |_, _| {});
    if next != 2 {
        run.diagnose(
            "number-given-again",
            format!("Two tasks have ended, and the third one has the number {next}. A message to the old task would reach the new one."),
        );
    }
    snapshot!(run);
}

#[test]
fn a_panic_of_one_task_leaves_the_others() {
    let run = run!();
    let mut tasks = Trampoline::new();
    spawn(&run, &mut tasks, "a", |port, says| {
        says(format!("has {}", port.receive()))
    });
    spawn(&run, &mut tasks, "b", |port, _| {
        port.turn();
        panic!("b fails");
    });
    spawn(&run, &mut tasks, "c", |port, _| {
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

#[test]
fn whenever_it_is_dropped_nothing_is_left() {
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

/// The same tasks on both sides.
macro_rules! tasks {
    ($($side:tt)*) => {
        || {
            let mut tasks = $($side)*::Trampoline::new();
            Tasks::new(move |what| match what {
                runs::Asked::Turn => runs::Told::Turn(tasks.turn()),
                runs::Asked::Waiting => runs::Told::Waiting(tasks.waiting()),
                runs::Asked::Spawn(script, log) => {
                    let body = move |port: &$($side)*::Port<'_, u32>| {
                        for act in script {
                            let text = match act {
                                runs::Act::Turn => { port.turn(); "has a turn".to_owned() }
                                runs::Act::Receive => format!("has {}", port.receive()),
                                runs::Act::Send(to, message) => match port.send(*to, *message) {
                                    Ok(()) => format!("has sent {message}"),
                                    Err(back) => format!("{back} came back"),
                                },
                            };
                            log.borrow_mut().push(text);
                        }
                        log.borrow_mut().push("ends".to_owned());
                    };
                    runs::Told::Number(tasks.spawn(body).expect("the system gives a stack"))
                }
            })
        }
    };
}

#[test]
fn every_short_run_is_as_expected() {
    let search = Search::of(&ALPHABET)
        .up_to(4)
        .and_random(40, 30, 13)
        .naming(&KNOWN);
    search.compare(&run!(), tasks!(super::subject), tasks!(::green::trampoline));
}
