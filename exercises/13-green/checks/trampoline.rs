//! trampoline: coroutines that take turns and send each other messages.

#[path = "trampoline/rules.rs"]
mod rules;
#[path = "trampoline/runs.rs"]
mod runs;
#[path = "trampoline/steps.rs"]
mod steps;

use std::cell::RefCell;
use std::rc::Rc;

use super::subject::Trampoline;
use probe::runs::Search;
use probe::{run, snapshot};
use runs::{ALPHABET, KNOWN, Tasks};
use steps::{spawn, turn, turns};

#[test]
fn tasks_that_ask_for_nothing_take_turns() {
    snapshot!(rules::in_turn(run!("take_turns")));
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
    snapshot!(rules::in_order(run!("in_order")));
}

#[test]
fn each_call_sends_its_task_to_the_back_of_the_queue() {
    rules::to_the_back();
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
    rules::many_messages(&run!());
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
fn each_of_many_tasks_has_a_number_of_its_own() {
    rules::many_tasks(&run!());
}

#[test]
fn a_panic_of_one_task_leaves_the_others() {
    rules::a_panic(&run!());
}

#[test]
fn whenever_it_is_dropped_nothing_is_left() {
    rules::dropped();
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
                                }};
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
