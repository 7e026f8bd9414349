//! The contract of every generator, independent of what the generator computes.

use std::fmt::Debug;

use generators::{Generator, Step};
use probe::{Run, panics};

use crate::spy::{Spy, outcome, resume};

/// A generator runs only when it is resumed: building one, and dropping it, does nothing.
///
/// `build` makes one out of parts that are watched by spies of the same run. Names `eager-start` if anything was recorded.
#[track_caller]
pub fn does_nothing_until_resumed<T>(run: &Run, build: impl FnOnce() -> T) -> T {
    let before = run.recorder().last_event();
    let built = build();
    let after = run.recorder().last_event();
    if after != before {
        let first = before.map_or(0, |index| index + 1);
        run.diagnose_at(
            Some(first),
            "eager-start",
            "This happened while the generator was being built, before its first resume.",
        );
    }
    built
}

/// A generator that has completed panics whenever it is resumed again, as the protocol says: it is tried three times.
///
/// Names `resumed-after-complete` if it gives something instead.
#[track_caller]
pub fn stays_complete<Sent, G>(run: &Run, generator: &mut Spy<G>, sent: Sent)
where
    Sent: Debug + Clone,
    G: Generator<Sent, Yield: Debug, Return: Debug>,
{
    let call = run.recorder().enters(
        generator.track(),
        format!("{} after the end", resume(&sent)),
    );
    match panics::expected(|| generator.past_the_end().resume(sent.clone())) {
        Err(_panic) => call.returns("panics"),
        Ok(step) => {
            call.returns(outcome(&step));
            run.diagnose(
                "resumed-after-complete",
                "The generator had completed. Resumed again, it went on as if it had not. The contract of `resume` says that it \
                 panics then.",
            );
        }
    }
    for time in ["second", "third"] {
        let again = run.risk(
            Some("resumed-after-complete"),
            &format!(
                "The generator had completed. Resumed after that, it panicked the first time; the {time} time the call did not \
                 return. It panics every time."
            ),
            || panics::expected(|| generator.past_the_end().resume(sent.clone())),
        );
        if let Ok(step) = again {
            let again = format!("{} after the end, for the {time} time", resume(&sent));
            let call = run.recorder().enters(generator.track(), again);
            call.returns(outcome(&step));
            run.diagnose(
                "resumed-after-complete",
                format!(
                    "The generator had completed. Resumed after that, it panicked the first time; the {time} time it went on. It \
                     panics every time."
                ),
            );
        }
    }
}

/// Resumes a generator with one value after another, until it completes.
///
/// Returns what it yielded and what it completed with; `None` for the latter when the values ran out first. It never resumes
/// more often than there are values, so a generator that does not end cannot hang the check.
pub fn drive<Sent, G: Generator<Sent>>(
    generator: &mut G,
    values: impl IntoIterator<Item = Sent>,
) -> (Vec<G::Yield>, Option<G::Return>) {
    let mut yielded = Vec::new();
    for value in values {
        match generator.resume(value) {
            Step::Yielded(value) => yielded.push(value),
            Step::Complete(value) => return (yielded, Some(value)),
        }
    }
    (yielded, None)
}
