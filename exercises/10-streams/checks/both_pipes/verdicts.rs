//! What was seen, in words.

use std::io::ErrorKind;

use super::drive::{Ended, IN_VAIN, Went, waits_for};
use super::pipes::Pipe;
use super::program::World;
use super::program::{NAMES, Name, Waits};

/// A mistake's code, if one is sure, and a sentence.
pub(super) type Verdict = (Option<&'static str>, String);

/// What is wrong, if something is.
pub(super) fn verdict(yours: &Went<'_>, expected: &Went<'_>, input: &[u8]) -> Option<Verdict> {
    let world = yours.world.borrow();
    let outcome = match &yours.ended {
        Ended::Ready(outcome) => outcome,
        Ended::EarlierWoken => {
            let sentence = "Two tasks polled the future in turn. A pipe changed, and it woke only the task of an earlier poll: the \
                            newest waker was not handed to the pipe.";
            return Some((Some("first-waker-only"), sentence.to_owned()));
        }
        Ended::Spins => {
            let sentence = format!(
                "No byte could be read or written in {IN_VAIN} polls in a row, and each poll woke its own task."
            );
            return Some((Some("busy-poll"), sentence));
        }
        Ended::Stuck => return Some(stuck(&world, input)),
    };
    let Ended::Ready(right) = &expected.ended else {
        unreachable!("the reference always ends")
    };
    match (outcome, right) {
        (Ok(bytes), Ok(right)) => {
            let received = &expected.world.borrow().received;
            of_bytes(bytes, right, &world, received, input)
        }
        (Ok(_), Err(error)) => Some((
            Some("error-swallowed"),
            format!(
                "A pipe returned {:?}, and `communicate` returned `Ok`.",
                error.kind()
            ),
        )),
        (Err(error), Ok(_)) if error.kind() == ErrorKind::BrokenPipe => Some((
            Some("broken-pipe-is-an-error"),
            format!(
                "The program closed its input when {} of {} bytes were written, and `communicate` returned BrokenPipe. The program's output \
                 is lost.",
                world.pipe(Name::Stdin).written,
                input.len()
            ),
        )),
        (Err(error), Ok(_)) => Some((
            None,
            format!(
                "No pipe returned an error, and `communicate` returned {:?}.",
                error.kind()
            ),
        )),
        (Err(error), Err(right)) if error.kind() != right.kind() => Some((
            None,
            format!(
                "A pipe returned {:?}, and `communicate` returned {:?}.",
                right.kind(),
                error.kind()
            ),
        )),
        (Err(_), Err(_)) => None,
    }
}

fn of_bytes(
    bytes: &(Vec<u8>, Vec<u8>),
    right: &(Vec<u8>, Vec<u8>),
    world: &World,
    received: &[u8],
    input: &[u8],
) -> Option<Verdict> {
    let written = world.pipe(Name::Stdin).written;
    if bytes != right && (&bytes.1, &bytes.0) == (&right.0, &right.1) {
        let sentence = "`communicate` returned what the program wrote to stderr first, and what it wrote to stdout second.";
        return Some((Some("outputs-swapped"), sentence.to_owned()));
    }
    for (name, bytes, right) in [
        ("stdout", &bytes.0, &right.0),
        ("stderr", &bytes.1, &right.1),
    ] {
        if bytes != right {
            let sentence = match bytes.len() == right.len() {
                true => format!(
                    "The bytes of {name} are not those that the program wrote, in their order."
                ),
                false => format!(
                    "The program wrote {} bytes to {name}, and `communicate` returned {}.",
                    right.len(),
                    bytes.len()
                ),
            };
            return Some((None, sentence));
        }
    }
    if world.received == received {
        return None;
    }
    if input.starts_with(&world.received) && written < input.len() {
        let sentence = format!(
            "`communicate` returned when {written} of {} bytes of the input were written. The program had not closed its input, and \
             lacks the rest.",
            input.len()
        );
        return Some((Some("input-cut-short"), sentence));
    }
    Some((
        None,
        "The program read other bytes than those of the input.".to_owned(),
    ))
}

/// Neither can go on.
fn stuck(world: &World, input: &[u8]) -> Verdict {
    let stdin = world.pipe(Name::Stdin);
    let unheard = |name: Name| world.pipe(name).waker.is_none();
    let named = |name, sentence| (Some(name), sentence);
    match world.waits() {
        Waits::ForRoomIn(name) if unheard(name) => {
            let full = format!(
                "The program waits until there is room in {name}, where {} bytes are unread.",
                world.pipe(name).bytes.len()
            );
            let no_output = |pipe: &Pipe| !pipe.called;
            if stdin.waker.is_some() && world.pipes[1..].iter().all(no_output) {
                return named(
                    "input-before-output",
                    format!(
                        "{full} Your code waits until there is room in stdin, and reads neither output."
                    ),
                );
            }
            let awaited = NAMES.into_iter().filter(|name| !unheard(*name));
            let awaited: Vec<_> = awaited.map(|name| name.to_string()).collect();
            let awaited = match awaited.is_empty() {
                true => "does not wait for it".to_owned(),
                false => format!("waits for {}, and not for {name}", awaited.join(" and ")),
            };
            named(
                "reads-one-pipe-first",
                format!("{full} Your code {awaited}. Neither goes on."),
            )
        }
        Waits::ForInput if stdin.written == input.len() && stdin.held => named(
            "stdin-kept-open",
            format!(
                "All {} bytes of the input are written, and the program waits for more, or for the end. Your code still holds stdin: the \
                 input ends when it is dropped.",
                input.len()
            ),
        ),
        Waits::Forever => of_an_error(world),
        _ => (
            None,
            format!(
                "The program {}, and `communicate` does not return: no pipe will wake it.",
                waits_for(world)
            ),
        ),
    }
}

/// The program has broken a pipe, and sleeps.
fn of_an_error(world: &World) -> Verdict {
    let returned = NAMES
        .into_iter()
        .find(|name| world.pipe(*name).error_returned);
    match returned {
        Some(name) => (
            Some("error-waits-for-the-rest"),
            format!("A call on {name} returned an error, and `communicate` waits for the other pipes. The program writes nothing more and does not end."),
        ),
        None => (
            Some("reads-one-pipe-first"),
            "A pipe broke, and your code does not wait for that pipe: it waits for another one, from which nothing comes.".to_owned(),
        ),
    }
}
