//! What is said of a script that went wrong.

use std::io::ErrorKind;

use super::scripts::{Read, Wrong};
use super::world::{MESSAGES, all};
use probe::{Run, run};

#[track_caller]
pub(super) fn report_script(
    script: &[Read],
    kind: ErrorKind,
    came: &[Vec<u8>],
    wrong: &Wrong,
) -> ! {
    let run = run!();
    shown(&run, script, kind, came);
    let fails = script.contains(&Read::Fails) || script.contains(&Read::Ends);
    let is_dropped = script.contains(&Read::WaitsAndIsDropped);
    let delivered = format!(
        "Sent: {}. Delivered: {}. No shorter script shows a difference.",
        all(&MESSAGES.map(<[u8]>::to_vec)),
        all(came)
    );
    match wrong {
        Wrong::TriedAgain => run.diagnose(
            "error-tried-again",
            format!(
                "The stream returned the error {kind:?}, and no call of `next` returned it: the call read the stream again. By the contract the \
                 caller gets each error of the stream, as it is, and decides whether to go on.",
            ),
        ),
        Wrong::Hidden => run.diagnose(
            "error-swallowed",
            format!("The stream returned the error {kind:?}, and `next` returned `None`, as if every message had arrived."),
        ),
        Wrong::Rebuilt => run.diagnose(
            "error-rebuilt",
            format!(
                "The stream returned the error {kind:?}, and `next` returned one of the same kind that is not the stream's: your code made a new \
                 one. What the stream's error holds beside its kind is lost: the operating system's code, or the message.",
            ),
        ),
        Wrong::EndAfterError => run.diagnose(
            "end-after-an-error",
            "A call of `next` returned an error, and a later call returned `None`, although the stream had not ended between two messages. \
             By the contract the next call after an error goes on in the same message.",
        ),
        Wrong::Truncated => run.diagnose(
            "truncation-unnoticed",
            "The stream ended inside a message, and `next` returned `None`, as if the stream had ended between two messages.",
        ),
        Wrong::Panicked(message) => run.departs(format!("`next` panicked: {message}.")),
        Wrong::Other if fails && !is_dropped => run.diagnose(
            "part-lost-on-error",
            format!(
                "A call of `next` returned an error, and the caller called `next` again. That call did not go on in the same message. {delivered} \
                 The bytes that were read before the error have to be kept."
            ),
        ),
        Wrong::Other if is_dropped && !fails => run.diagnose(
            "lost-on-cancel",
            format!("The reads ended as shown, and after each drop the caller called `next` again. {delivered}"),
        ),
        Wrong::Other => run.departs(format!(
            "The reads ended as shown, and after each drop or error the caller called `next` again. {delivered}"
        )),
    }
}

fn shown(run: &Run, script: &[Read], kind: ErrorKind, came: &[Vec<u8>]) {
    for read in script {
        let says = match read {
            Read::Bytes(usize::MAX) => "delivers all that fits".to_owned(),
            Read::Bytes(count) => format!("delivers at most {count} bytes"),
            Read::Waits => "returns Pending".to_owned(),
            Read::WaitsAndIsDropped => {
                "returns Pending, and the call of `next` is dropped".to_owned()
            }
            Read::Fails => format!("returns the error {kind:?}"),
            Read::Ends => "returns 0, its end for now".to_owned(),
        };
        run.recorder().says("stream", says);
    }
    run.recorder().says("stream", "delivers the rest");
    run.recorder()
        .says("reader", format!("has delivered {}", all(came)));
}
