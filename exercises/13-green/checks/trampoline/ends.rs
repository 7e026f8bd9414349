//! Tasks that end, panic or are dropped; many tasks, and every short run.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::subject::{Port, Trampoline};
use super::runs::{self, ALPHABET, KNOWN, Tasks};
use super::steps::{spawn, turns};
use probe::runs::Search;
use probe::{leaks, panics, run, snapshot};

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
    let run = run!();
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
    search.compare(
        &run!(),
        tasks!(super::super::subject),
        tasks!(::green::trampoline),
    );
}
