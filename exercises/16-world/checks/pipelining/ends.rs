//! How a connection ends, and what its calls are told.

use std::io::ErrorKind;

use super::machine::Yours;
use super::steps::{answers, calls, expect, note};
use super::wire::Operation;
use probe::{run, snapshot};
use world::redis::Value;

#[test]
fn the_connection_completes_when_the_stream_is_closed() {
    let run = run!();
    let mut yours = Yours::new();
    let _seen = yours.settle();
    yours.server.puts_off(Some(Operation::Close));
    run.recorder().says("stream", "the close waits");
    yours.client = None;
    run.recorder().drops("client");
    if !yours.connection.waiter.is_due() {
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
