//! trampoline: coroutines that take turns and send each other messages.

#[path = "trampoline/runs.rs"]
mod runs;
#[path = "trampoline/steps.rs"]
mod steps;

// The tests below come first, and then those of these modules, in this order.
#[path = "trampoline/messages.rs"]
mod messages;

#[path = "trampoline/ends.rs"]
mod ends;

use super::subject::Trampoline;
use probe::{run, snapshot};
use steps::{spawn, turn, turns};

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
