//! 12.1 which-task: the end of a chain of tasks that wait.

use super::subject::prediction;
use probe::predict::{self, Misconception, Wording};
use probe::{run, snapshot};

const FIRST: [Misconception<'static>; 4] = [
    Misconception {
        mistake: "blamed-the-root",
        predictions: &[
            &["task 1", "task 2"],
            &["task 1", "a task"],
            &["task 1", "a lock"],
        ],
        sentence: "You named `evening`. It waits for task 2, so task 2 has to go on first. The chain goes on from there.",
    },
    Misconception {
        mistake: "blamed-the-waiter",
        predictions: &[&["task 2", "a lock"], &["task 2", "task 3"]],
        sentence: "You named `write_entries`. It waits for a lock that another task holds, so the other task has to go on first.",
    },
    Misconception {
        mistake: "held-taken-for-awaited",
        predictions: &[&["task 3", "a lock"], &["task 3", "the ledger"]],
        sentence: "You say that `backup` waits for the lock. The dump says that it holds the lock. What it waits for stands at the leaf below it.",
    },
    Misconception {
        mistake: "timer-taken-for-a-hang",
        predictions: &[&["task 3", "nothing"]],
        sentence: "You say that nothing wakes `backup`. A timer does, after an hour. The program is slow because a lock is held meanwhile.",
    },
];

const SECOND: [Misconception<'static>; 4] = [
    Misconception {
        mistake: "blamed-the-root",
        predictions: &[
            &["task 1", "task 2"],
            &["task 1", "a task"],
            &["task 1", "a message"],
        ],
        sentence: "You named `serve`. It waits for task 2, so task 2 has to go on first. The chain goes on from there.",
    },
    Misconception {
        mistake: "blamed-the-waiter",
        predictions: &[&["task 2", "a message"], &["task 2", "task 3"]],
        sentence: "You named `answer`. It waits for a message that `look_up` sends, so `look_up` has to go on first.",
    },
    Misconception {
        mistake: "forgotten-waker-overlooked",
        predictions: &[
            &["task 3", "a message"],
            &["task 3", "a timer"],
            &["task 3", "a lock"],
            &["task 3", "task 2"],
        ],
        sentence: "You say that an event wakes `look_up`. Its poll returned `Pending`, and no future has kept its waker: no event can wake it.",
    },
    Misconception {
        mistake: "idle-timer-blamed",
        predictions: &[&["task 4", "a timer"]],
        sentence: "You named `tick`. It waits for its timer, which fires after 10 seconds, and no other task waits for `tick`.",
    },
];

const THIRD: [Misconception<'static>; 2] = [
    Misconception {
        mistake: "blamed-the-waiter",
        predictions: &[
            &["task 3", "a message"],
            &["task 3", "task 2"],
            &["task 1", "task 3"],
        ],
        sentence: "The task that you named waits for something that `set_prices` does later: it sends the message. `set_prices` has to go on first.",
    },
    Misconception {
        mistake: "sender-overlooked",
        predictions: &[&["task 2", "a message"], &["task 2", "task 3"]],
        sentence: "`set_prices` has the sender, and does not wait for a message. Its leaf in the dump says what it waits for.",
    },
];

#[test]
fn in_the_first_program_the_chain_ends_at_this_task() {
    judge(0, ["task 3", "a timer"], &FIRST);
}

#[test]
fn in_the_second_program_the_chain_ends_at_this_task() {
    judge(1, ["task 3", "nothing"], &SECOND);
}

#[test]
fn in_the_third_program_this_task_has_the_sender_and_waits() {
    judge(2, ["task 2", "task 1"], &THIRD);
    let run = run!("three_chains");
    let says = |actor: &str, text: &str| run.recorder().says(actor, text);
    says(
        "dump 1",
        "task 1 waits for task 2, task 2 for the lock of task 3, task 3 for a timer",
    );
    says(
        "dump 2",
        "task 1 waits for task 2, task 2 for a message of task 3, task 3 for nothing",
    );
    says(
        "dump 3",
        "task 2 waits for task 1, task 1 for task 3, task 3 for a message of task 2",
    );
    snapshot!(run);
}

/// The two lines about one of the programs.
#[track_caller]
fn judge(program: usize, lines: [&str; 2], known: &[Misconception<'_>]) {
    let prediction = predict::steady(&run!(), prediction);
    let wording = Wording {
        forms: &[
            "task …",
            "a timer",
            "a lock",
            "the ledger",
            "a message",
            "a task",
            "nothing",
        ],
        guide: "a line is a task, such as `task 1`, or `a timer`, `a lock`, `a message` or `nothing`",
    };
    let predicted = &prediction[2 * program..2 * program + 2];
    predict::written_as(&run!(), predicted, wording);
    let plain = |line: &str| line.trim().trim_end_matches('.').to_lowercase();
    let is = |line: usize, other: &str| plain(predicted[line]) == plain(other);
    if program == 2 && is(0, "task 2") && is(1, "nothing") {
        run!().departs("`set_prices` has the sender, and it waits for something: the leaf below it in the dump says for what.");
    }
    let is_known = known.iter().flat_map(|known| known.predictions);
    let is_known = is_known
        .into_iter()
        .any(|known| is(0, known[0]) && is(1, known[1]));
    if is_known || (is(0, lines[0]) && is(1, lines[1])) {
        return predict::compare(&run!(), predicted, &lines, known);
    }
    let run = run!();
    for line in predicted {
        run.recorder().says("predicted", line.trim());
    }
    if is(0, lines[0]) {
        run.diagnose_at(
            Some(1),
            "leaf-misread",
            "This is the task at the end of the chain. It waits for something else: read what stands below it in the dump.",
        );
    }
    // What is said of a task that does not stand at the end holds for every reason that is given for it.
    let names_it =
        |known: &&Misconception<'_>| known.predictions.iter().any(|known| is(0, known[0]));
    if let Some(known) = known.iter().find(names_it) {
        run.diagnose_at(Some(0), known.mistake, known.sentence);
    }
    run.departs_at(
        Some(0),
        "The chain of the tasks that wait does not end at this task.",
    );
}
