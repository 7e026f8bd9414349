//! The shortest schedule in which exactly the faulty version fails.

use super::{Outcome, Version, drive};
use crate::recorder::Recorder;

/// No more schedules than this are tried: a check has 0.2 s for it.
const TRIED: usize = 10_000;

pub(super) struct Searched {
    /// How many steps the shortest one has.
    pub(super) found: Option<usize>,
    /// Every schedule of up to this number of steps was tried, or one was found.
    pub(super) tried_up_to: usize,
}

/// Tries every schedule of up to `longest` steps, shortest first.
pub(super) fn shortest<F: Version, R: Version<Step = F::Step>>(
    alphabet: &[F::Step],
    longest: usize,
    faulty: &impl Fn() -> F,
    right: &impl Fn() -> R,
) -> Searched {
    let mut layer: Vec<Vec<usize>> = vec![Vec::new()];
    let mut tried = 0;
    for length in 1..=longest {
        let mut next = Vec::new();
        for letters in &layer {
            for letter in 0..alphabet.len() {
                if tried == TRIED {
                    return nothing_up_to(length - 1);
                }
                tried += 1;
                let mut letters = letters.clone();
                letters.push(letter);
                let schedule: Vec<_> = letters
                    .iter()
                    .map(|&letter| alphabet[letter].clone())
                    .collect();
                match both(&schedule, faulty, right) {
                    (Outcome::Broken { .. }, Outcome::Kept) => {
                        return Searched {
                            found: Some(length),
                            tried_up_to: length,
                        };
                    }
                    // What fails only in the end may yet go on.
                    (mine, theirs) if goes_on(&mine) && goes_on(&theirs) => next.push(letters),
                    _ => {}
                }
            }
        }
        layer = next;
    }
    nothing_up_to(longest)
}

fn nothing_up_to(steps: usize) -> Searched {
    Searched {
        found: None,
        tried_up_to: steps,
    }
}

fn both<F: Version, R: Version<Step = F::Step>>(
    schedule: &[F::Step],
    faulty: &impl Fn() -> F,
    right: &impl Fn() -> R,
) -> (Outcome, Outcome) {
    let unseen = Recorder::default();
    (
        drive(&mut faulty(), schedule, &unseen),
        drive(&mut right(), schedule, &unseen),
    )
}

fn goes_on(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Kept | Outcome::Broken { step: None, .. })
}
