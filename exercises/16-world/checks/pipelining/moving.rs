//! Bytes in both directions.

use super::machine::Yours;
use super::steps::{answers, calls, expect};
use super::wire::Operation;
use probe::Run;

/// Ten calls wait, and the writes are counted.
pub(super) fn one_write(run: &Run) {
    let mut yours = Yours::new();
    calls(run, &mut yours, 10);
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

/// Ten calls wait, and the flushes are counted.
pub(super) fn one_flush(run: &Run) {
    let mut yours = Yours::new();
    calls(run, &mut yours, 10);
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

/// Each read and each write moves a part.
pub(super) fn in_pieces(run: &Run) {
    let mut yours = Yours::new();
    yours.server.takes(3);
    calls(run, &mut yours, 2);
    expect(
        run,
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
        run,
        &mut yours,
        Some("read-is-a-message"),
        "call 1 gets 1",
        sentence,
    );
}

/// The server takes no bytes, and sends an answer.
pub(super) fn while_a_write_waits(run: &Run) {
    let mut yours = Yours::new();
    calls(run, &mut yours, 2);
    let _seen = yours.settle();
    yours.server.stalls(true);
    run.recorder()
        .says("server", "takes nothing more until its answers are read");
    calls(run, &mut yours, 1);
    let _seen = yours.settle();
    answers(run, &yours, 2);
    expect(
        run,
        &mut yours,
        Some("write-blocks-read"),
        "call 0 gets 0, call 1 gets 1",
        "A write waits for room, and two answers have come. A server that cannot send its answers reads no commands: if the client does not \
         read before it has written, both wait forever.",
    );
}

/// A flush is pending, and the server sends an answer.
pub(super) fn while_a_flush_waits(run: &Run) {
    let mut yours = Yours::new();
    calls(run, &mut yours, 2);
    let _seen = yours.settle();
    yours.server.puts_off(Some(Operation::Flush));
    run.recorder().says("stream", "a flush waits from now on");
    calls(run, &mut yours, 1);
    let _seen = yours.settle();
    answers(run, &yours, 2);
    expect(
        run,
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

/// Ten thousand calls wait at once.
pub(super) fn ten_thousand(run: &Run) {
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
