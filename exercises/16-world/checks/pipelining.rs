//! 16: many commands on their way, each answer to its caller.

#[path = "pipelining/machine.rs"]
mod machine;
#[path = "pipelining/reentry.rs"]
mod reentry;
#[path = "pipelining/wire.rs"]
mod wire;

use std::io::ErrorKind;

use machine::{KNOWN, Reference, STEPS, Yours};
use probe::runs::Search;
use probe::{Run, run, snapshot};
use wire::Operation;
use world::redis::Value;

/// Notes what was seen, each in its own track.
fn note(run: &Run, seen: &str) {
    for part in seen.split(", ").filter(|part| *part != "nothing more") {
        match part.strip_prefix("the connection ") {
            Some(rest) => run.recorder().says("connection", rest),
            None => run.recorder().says("callers", part),
        }
    }
}

/// Notes what the callers see, and compares it with what is right.
#[track_caller]
fn expect(run: &Run, yours: &mut Yours, mistake: Option<&str>, right: &str, sentence: &str) {
    let seen = yours.settle();
    note(run, &seen);
    if seen.contains("without end") {
        run.diagnose(
            "busy-poll",
            "Nothing happens outside, and the tasks poll again and again: a task that has nothing to do wakes itself, or another one.",
        );
    }
    if seen != right {
        let sentence = format!("{sentence} Expected: {right}. Seen: {seen}.");
        match mistake {
            Some(mistake) => run.diagnose(mistake, sentence),
            None => run.departs(sentence),
        }
    }
}

/// This many calls, polled once.
fn calls(run: &Run, yours: &mut Yours, count: usize) {
    for _ in 0..count {
        let number = yours.call().expect("the client is there");
        let _pending = yours.calls[number].turn();
        run.recorder()
            .says("callers", format!("call {number} sends ECHO {number}"));
    }
}

fn answers(run: &Run, yours: &Yours, count: usize) {
    let mut bytes = Vec::new();
    for _ in 0..count {
        match yours.server.answer() {
            Some(answer) => bytes.extend(answer),
            None => run.departs("The server should have a command to answer, and has none."),
        }
    }
    (run.recorder()).says("server", format!("sends \"{}\"", bytes.escape_ascii()));
    yours.server.sends(&bytes);
}

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
    let run = run!();
    let mut yours = Yours::new();
    calls(&run, &mut yours, 10);
    let _seen = yours.settle();
    let writes = yours.server.writes();
    if writes > 1 {
        run.diagnose(
            "a-write-for-each",
            format!(
                "Ten commands waited when the connection was polled, and the stream takes all bytes of a write. Your connection made {writes} \
                 writes; on a socket each of them is a system call."
            ),
        );
    }
}

#[test]
fn commands_that_wait_together_leave_with_one_flush() {
    let run = run!();
    let mut yours = Yours::new();
    calls(&run, &mut yours, 10);
    let _seen = yours.settle();
    let flushes = yours.server.flushes();
    if flushes > 1 {
        run.diagnose(
            "a-flush-for-each",
            format!(
                "Ten commands waited when the connection was polled, and the stream takes all bytes of a write. Your connection flushed it \
                 {flushes} times."
            ),
        );
    }
}

#[test]
fn an_answer_may_come_in_pieces_and_a_command_may_leave_in_pieces() {
    let run = run!();
    let mut yours = Yours::new();
    yours.server.takes(3);
    calls(&run, &mut yours, 2);
    expect(
        &run,
        &mut yours,
        None,
        "nothing more",
        "The server has not answered yet.",
    );
    if yours.server.received() != Some(2) {
        run.departs("The stream takes three bytes a write, and two whole commands should have reached the server.");
    }
    for byte in b"+0\r\n+1\r" {
        yours.server.sends(&[*byte]);
        let seen = yours.settle();
        if *byte == b'\n' && seen != "call 0 gets 0" {
            run.diagnose(
                "read-is-a-message",
                format!("The last byte of the first answer has come. Seen: {seen}."),
            );
        }
    }
    yours.server.sends(b"\n");
    let sentence = "The last byte of the answer has come.";
    expect(
        &run,
        &mut yours,
        Some("read-is-a-message"),
        "call 1 gets 1",
        sentence,
    );
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
    let run = run!();
    let mut yours = Yours::new();
    calls(&run, &mut yours, 2);
    let _seen = yours.settle();
    yours.server.stalls(true);
    run.recorder()
        .says("server", "takes nothing more until its answers are read");
    calls(&run, &mut yours, 1);
    let _seen = yours.settle();
    answers(&run, &yours, 2);
    expect(
        &run,
        &mut yours,
        Some("write-blocks-read"),
        "call 0 gets 0, call 1 gets 1",
        "A write waits for room, and two answers have come. A server that cannot send its answers reads no commands: if the client does not \
         read before it has written, both wait forever.",
    );
}

#[test]
fn answers_are_read_while_a_flush_waits() {
    let run = run!();
    let mut yours = Yours::new();
    calls(&run, &mut yours, 2);
    let _seen = yours.settle();
    yours.server.puts_off(Some(Operation::Flush));
    run.recorder().says("stream", "a flush waits from now on");
    calls(&run, &mut yours, 1);
    let _seen = yours.settle();
    answers(&run, &yours, 2);
    expect(
        &run,
        &mut yours,
        Some("write-blocks-read"),
        "call 0 gets 0, call 1 gets 1",
        "A flush waits, and two answers have come.",
    );
    yours.server.puts_off(None);
    run.recorder().says("stream", "the flush goes on");
    let _seen = yours.settle();
    if yours.server.received() != Some(3) {
        run.departs("The flush goes on, and the third command has not reached the server.");
    }
}

#[test]
fn the_connection_completes_when_the_stream_is_closed() {
    let run = run!();
    let mut yours = Yours::new();
    let _seen = yours.settle();
    yours.server.puts_off(Some(Operation::Close));
    run.recorder().says("stream", "the close waits");
    yours.client = None;
    run.recorder().drops("client");
    if !yours.connection.woken.is_up() {
        run.diagnose(
            "forgot-to-wake",
            "The last client was dropped, and the task of the connection was not woken: it has to close the stream now.",
        );
    }
    let seen = yours.settle();
    note(&run, &seen);
    if seen.contains("completes") {
        run.diagnose(
            "completed-before-the-close",
            match yours.server.has_begun_to_close() {
                true => "The last client was dropped, and the close of the stream waits. The connection completed all the same.",
                false => "The last client was dropped, and the connection completed without a close of the stream.",
            },
        );
    }
    yours.server.puts_off(None);
    run.recorder().says("stream", "the close goes on");
    expect(
        &run,
        &mut yours,
        None,
        "the connection completes with Ok",
        "The stream can be closed.",
    );
}

#[test]
fn an_error_of_a_write_a_flush_or_the_close_is_what_the_connection_comes_to() {
    for operation in [Operation::Write, Operation::Flush, Operation::Close] {
        let run = run!();
        let mut yours = Yours::new();
        yours.server.fails(operation);
        run.recorder()
            .says("stream", format!("{operation:?} fails from now on"));
        if operation == Operation::Close {
            yours.client = None;
            run.recorder().drops("client");
        } else {
            calls(&run, &mut yours, 1);
        }
        let seen = yours.settle();
        note(&run, &seen);
        if !seen.contains("completes with BrokenPipe") {
            let sentence = format!(
                "{operation:?} failed with BrokenPipe, and the connection has to complete with that error. Seen: {seen}."
            );
            run.diagnose("error-swallowed", sentence);
        }
        if operation != Operation::Close && !seen.contains("call 0 gets Lost") {
            run.diagnose(
                "callers-left-waiting",
                "The connection has completed with an error, and a call still waits for its answer. None will come.",
            );
        }
    }
}

#[test]
fn a_lost_connection_fails_every_call() {
    for (error, right) in [
        (ErrorKind::UnexpectedEof, "UnexpectedEof"),
        (ErrorKind::ConnectionReset, "ConnectionReset"),
    ] {
        let run = run!();
        let mut yours = Yours::new();
        calls(&run, &mut yours, 2);
        let _seen = yours.settle();
        yours.server.breaks(error);
        run.recorder().says("server", format!("is gone: {error:?}"));
        let seen = yours.settle();
        note(&run, &seen);
        if !seen.contains(&format!("completes with {right}")) {
            run.departs(format!(
                "The connection should complete with {right}. Seen: {seen}."
            ));
        }
        if !(seen.contains("call 0 gets Lost") && seen.contains("call 1 gets Lost")) {
            run.diagnose(
                "callers-left-waiting",
                "The connection has completed with an error, and two calls still wait for their answers. None will come.",
            );
        }
        calls(&run, &mut yours, 1);
        if yours.calls[2].future.is_some() && yours.settle() != "call 2 gets Lost" {
            run.diagnose(
                "callers-left-waiting",
                "The connection is lost, and a later call waits for an answer. None will come.",
            );
        }
    }
}

#[test]
fn the_end_of_the_stream_is_a_loss_as_long_as_there_is_a_client() {
    let run = run!();
    let mut yours = Yours::new();
    let _seen = yours.settle();
    yours.server.ends();
    run.recorder().says("server", "ends the stream");
    expect(
        &run,
        &mut yours,
        Some("idle-end-taken-for-done"),
        "the connection completes with UnexpectedEof",
        "No command waits for an answer, and the client is there: it may call at any time.",
    );
}

#[test]
fn a_connection_that_is_dropped_fails_every_call() {
    let run = run!();
    let mut yours = Yours::new();
    calls(&run, &mut yours, 2);
    let _seen = yours.settle();
    yours.connection.future = None;
    run.recorder().drops("connection");
    expect(
        &run,
        &mut yours,
        Some("callers-left-waiting"),
        "call 0 gets Lost, call 1 gets Lost",
        "The task of the connection was cancelled. Only destructors run then, and they have to tell the calls.",
    );
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
    for bytes in [&b"+0\r\n"[..], b"nonsense\r\n"] {
        let run = run!();
        let mut yours = Yours::new();
        let _seen = yours.settle();
        yours.server.sends(bytes);
        let sentence = format!(
            "No command was sent, and the server sent \"{}\".",
            bytes.escape_ascii()
        );
        expect(
            &run,
            &mut yours,
            Some("bad-answer-ignored"),
            "the connection completes with InvalidData",
            &sentence,
        );
    }
}

#[test]
fn an_error_of_the_server_is_the_answer_of_one_call() {
    let run = run!();
    let mut yours = Yours::new();
    calls(&run, &mut yours, 2);
    let _seen = yours.settle();
    yours.server.sends(b"-ERR no\r\n+1\r\n");
    let error = format!(
        "call 0 gets {:?}, call 1 gets 1",
        Value::Error("ERR no".to_owned())
    );
    expect(
        &run,
        &mut yours,
        None,
        &error,
        "The first command failed, and the second did not.",
    );
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
    let run = run!();
    let mut yours = Yours::new();
    for _ in 0..10_000 {
        let number = yours.call().expect("the client is there");
        let _pending = yours.calls[number].turn();
    }
    run.risk(
        None,
        "Ten thousand calls did not get their answers in time.",
        || {
            let _seen = yours.settle();
            let mut answers = Vec::new();
            while let Some(answer) = yours.server.answer() {
                answers.extend(answer);
            }
            yours.server.sends(&answers);
            let _seen = yours.settle();
            if yours.calls.iter().any(|call| call.future.is_some()) {
                run.departs(
                    "Ten thousand calls were made and answered, and some of them still wait.",
                );
            }
        },
    );
}
