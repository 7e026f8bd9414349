//! 16: many commands on their way, each answer to its caller.

#[path = "pipelining/machine.rs"]
mod machine;
#[path = "pipelining/steps.rs"]
mod steps;
#[path = "pipelining/wire.rs"]
mod wire;

// The tests below come first, and then those of these modules, in this order.
#[path = "pipelining/ends.rs"]
mod ends;

#[path = "pipelining/wakers.rs"]
mod wakers;

use machine::Yours;
use probe::{run, snapshot};
use steps::{answers, calls, expect};
use wire::Operation;

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
