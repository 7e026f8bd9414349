//! Steps that most tests take.

use super::machine::Yours;
use probe::Run;

/// Notes what was seen, each in its own track.
pub(super) fn note(run: &Run, seen: &str) {
    for part in seen.split(", ").filter(|part| *part != "nothing more") {
        match part.strip_prefix("the connection ") {
            Some(rest) => run.recorder().says("connection", rest),
            None => run.recorder().says("callers", part),
        }
    }
}

/// Notes what the callers see, and compares it with what is right.
#[track_caller]
pub(super) fn expect(
    run: &Run,
    yours: &mut Yours,
    mistake: Option<&str>,
    right: &str,
    sentence: &str,
) {
    let seen = yours.settle();
    note(run, &seen);
    if seen.contains("without end") {
        run.diagnose(
            "busy-poll",
            "Nothing happens outside, and the tasks poll again and again: a task that has nothing to do wakes itself, or another one.",
        );
    }
    if mistake == Some("rest-of-the-read-lost") && seen != right && yours.server.is_left_unread() {
        run.diagnose(
            "never-registered",
            "The server has sent two answers, and your connection has not read them. Its task was not woken: no waker waits in the stream. Only a \
             read that is pending keeps one.",
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
pub(super) fn calls(run: &Run, yours: &mut Yours, count: usize) {
    for _ in 0..count {
        let number = yours.call().expect("the client is there");
        let _pending = yours.calls[number].turn();
        run.recorder()
            .says("callers", format!("call {number} sends ECHO {number}"));
    }
}

pub(super) fn answers(run: &Run, yours: &Yours, count: usize) {
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
