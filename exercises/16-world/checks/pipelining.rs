//! 16: many commands on their way, each answer to its caller.

#[path = "pipelining/ending.rs"]
mod ending;
#[path = "pipelining/machine.rs"]
mod machine;
#[path = "pipelining/moving.rs"]
mod moving;
#[path = "pipelining/reentry.rs"]
mod reentry;
#[path = "pipelining/steps.rs"]
mod steps;
#[path = "pipelining/wire.rs"]
mod wire;

use machine::{KNOWN, Reference, STEPS, Yours};
use probe::runs::Search;
use probe::{run, snapshot};
use steps::{answers, calls, expect, note};

#[test]
fn a_call_gets_the_answer_of_the_server() {
    let run = run!("one_call");
    let mut yours = Yours::new();
    calls(&run, &mut yours, 1);
    expect(
        &run,
        &mut yours,
        None,
        "nothing more",
        "The server has not answered yet.",
    );
    if yours.server.received() != Some(1) {
        if yours.server.held_back() > 0 {
            run.diagnose(
                "closed-before-flush",
                "The command was written, and the stream still holds it: nothing has flushed it. The server waits for the command, and the \
                 caller for the answer.",
            );
        }
        run.departs(
            "The connection was polled after the call, and the command has not reached the server.",
        );
    }
    answers(&run, &yours, 1);
    let sentence = "The server has answered the only command.";
    expect(&run, &mut yours, None, "call 0 gets 0", sentence);
    snapshot!(run);
}

#[test]
fn commands_are_sent_before_earlier_ones_are_answered() {
    let run = run!("three_calls");
    let mut yours = Yours::new();
    calls(&run, &mut yours, 3);
    expect(
        &run,
        &mut yours,
        None,
        "nothing more",
        "The server has not answered yet.",
    );
    let received = yours.server.received();
    (run.recorder()).says("server", format!("has {} commands", received.unwrap_or(0)));
    if received == Some(1) {
        run.diagnose(
            "a-round-trip-for-each",
            "Three calls wait, and the server has one command: the next one waits for its answer. Three commands then cost three round \
             trips.",
        );
    }
    if received != Some(3) {
        run.departs("Three calls wait, and the server should have three commands.");
    }
    answers(&run, &yours, 1);
    expect(
        &run,
        &mut yours,
        None,
        "call 0 gets 0",
        "The server has answered the first command.",
    );
    answers(&run, &yours, 2);
    expect(
        &run,
        &mut yours,
        Some("rest-of-the-read-lost"),
        "call 1 gets 1, call 2 gets 2",
        "The server sent two answers, and one read returned both.",
    );
    snapshot!(run);
}

#[test]
fn commands_that_wait_together_leave_in_one_write() {
    moving::one_write(&run!());
}

#[test]
fn commands_that_wait_together_leave_with_one_flush() {
    moving::one_flush(&run!());
}

#[test]
fn an_answer_may_come_in_pieces_and_a_command_may_leave_in_pieces() {
    moving::in_pieces(&run!());
}

#[test]
fn a_call_that_is_dropped_changes_no_other_answer() {
    let run = run!("dropped_call");
    let mut yours = Yours::new();
    calls(&run, &mut yours, 3);
    expect(
        &run,
        &mut yours,
        None,
        "nothing more",
        "The server has not answered yet.",
    );
    yours.calls[1].future = None;
    run.recorder().says("callers", "call 1 is dropped");
    answers(&run, &yours, 3);
    expect(
        &run,
        &mut yours,
        Some("answer-to-the-wrong-caller"),
        "call 0 gets 0, call 2 gets 2",
        "Call 1 was dropped, and the server has its command: it answers it, in its turn.",
    );
    snapshot!(run);
}

#[test]
fn answers_are_read_while_the_server_takes_nothing() {
    moving::while_a_write_waits(&run!());
}

#[test]
fn answers_are_read_while_a_flush_waits() {
    moving::while_a_flush_waits(&run!());
}

#[test]
fn the_connection_completes_when_the_stream_is_closed() {
    ending::closed(&run!());
}

#[test]
fn an_error_of_a_write_a_flush_or_the_close_is_what_the_connection_comes_to() {
    ending::errors_of_the_stream();
}

#[test]
fn a_lost_connection_fails_every_call() {
    ending::lost();
}

#[test]
fn the_end_of_the_stream_is_a_loss_as_long_as_there_is_a_client() {
    ending::lost_with_a_client(&run!());
}

#[test]
fn a_connection_that_is_dropped_fails_every_call() {
    ending::dropped(&run!());
}

#[test]
fn the_connection_ends_after_the_last_answer() {
    let run = run!("the_end");
    let mut yours = Yours::new();
    calls(&run, &mut yours, 2);
    let _seen = yours.settle();
    yours.client = None;
    run.recorder().drops("client");
    yours.calls[1].future = None;
    run.recorder().says("callers", "call 1 is dropped");
    expect(
        &run,
        &mut yours,
        None,
        "nothing more",
        "A call holds the client.",
    );
    answers(&run, &yours, 1);
    let seen = yours.settle();
    note(&run, &seen);
    if seen.contains("completes") {
        run.diagnose(
            "ended-before-the-answers",
            "The last client is gone, and the connection completed although the server has a command that it has not answered.",
        );
    }
    answers(&run, &yours, 1);
    let sentence = "The last client is gone, and the last command is answered.";
    expect(
        &run,
        &mut yours,
        None,
        "the connection completes with Ok",
        sentence,
    );
    if !yours.server.is_closed() {
        run.departs("The connection completed, and has not closed the stream.");
    }
    snapshot!(run);
}

#[test]
fn an_answer_without_a_command_ends_the_connection() {
    ending::without_a_command();
}

#[test]
fn an_error_of_the_server_is_the_answer_of_one_call() {
    ending::an_error_of_the_server(&run!());
}

#[test]
fn the_task_that_polled_last_is_woken() {
    reentry::the_latest_waker_is_called(&run!());
}

#[test]
fn a_waker_may_call_again() {
    reentry::a_waker_calls(&run!());
}

#[test]
fn in_every_short_run_each_call_gets_its_own_answer() {
    let run = run!();
    Search::of(&STEPS)
        .up_to(4)
        .and_random(300, 24, 169)
        .naming(&KNOWN)
        .compare(&run, Yours::new, Reference::new);
}

#[test]
fn ten_thousand_calls_cost_no_more_than_their_bytes() {
    moving::ten_thousand(&run!());
}
