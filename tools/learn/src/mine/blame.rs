//! Finding the fewest parts with which something fails.

use anyhow::Result;

/// The fewest of the suspects with which it fails: with these it does, and without any one of them it does not. The likeliest stand
/// first.
///
/// `fails` says whether it fails with exactly these suspects in place; with all of them it does, and with none it does not. Growing
/// beginnings of the list are asked, 1, 2, 4, 8 …, until one fails; the last of the shortest such beginning is a culprit. So a
/// culprit that stands first takes one question, and one at place n some 2 log n. If it does not fail alone, the next is looked for
/// in what stands before it.
///
/// # Errors
///
/// Those of `fails`.
pub fn fewest<T: Copy>(
    suspects: &[T],
    fails: &mut dyn FnMut(&[T]) -> Result<bool>,
) -> Result<Vec<T>> {
    let mut found = Vec::new();
    let mut left = suspects;
    loop {
        let shortest = shortest(&found, left, fails)?;
        let is_alone = shortest == 1;
        found.insert(0, left[shortest - 1]);
        left = &left[..shortest - 1];
        if is_alone || fails(&found)? {
            return Ok(found);
        }
    }
}

/// The most questions that [`fewest`] asks for one culprit among this number of suspects.
#[must_use]
pub fn most_questions(suspects: usize) -> usize {
    let doublings = suspects.max(1).ilog2() as usize;
    2 * doublings + 2
}

/// The length of the shortest beginning of `suspects` that fails together with `found`; the whole list does.
fn shortest<T: Copy>(
    found: &[T],
    suspects: &[T],
    fails: &mut dyn FnMut(&[T]) -> Result<bool>,
) -> Result<usize> {
    let mut fails_with = |length: usize| fails(&[&suspects[..length], found].concat());
    // With `passes` of them it passes, with `fails_from` it fails.
    let (mut passes, mut fails_from) = (0, 1);
    while fails_from < suspects.len() && !fails_with(fails_from)? {
        passes = fails_from;
        fails_from = (2 * fails_from).min(suspects.len());
    }
    while fails_from - passes > 1 {
        let middle = passes + (fails_from - passes) / 2;
        if fails_with(middle)? {
            fails_from = middle;
        } else {
            passes = middle;
        }
    }
    Ok(fails_from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(suspects: u32, culprits: &[u32]) -> (Vec<u32>, usize) {
        let all: Vec<u32> = (0..suspects).collect();
        let mut asked = 0;
        let found = fewest(&all, &mut |there| {
            asked += 1;
            Ok(culprits.iter().all(|culprit| there.contains(culprit)))
        });
        (found.unwrap(), asked)
    }

    #[test]
    fn one_culprit_is_found_wherever_it_stands() {
        for suspects in 1..20 {
            for culprit in 0..suspects {
                let (found, asked) = asked(suspects, &[culprit]);
                assert_eq!(found, [culprit]);
                assert!(
                    asked <= most_questions(suspects as usize),
                    "{asked} for {suspects}"
                );
            }
        }
    }

    #[test]
    fn a_culprit_that_stands_first_takes_one_question() {
        assert_eq!(asked(29, &[0]), (vec![0], 1));
    }

    #[test]
    fn two_that_only_fail_together_are_both_found() {
        for (a, b) in [(0, 1), (0, 8), (3, 4), (7, 8)] {
            assert_eq!(asked(9, &[a, b]).0, [a, b]);
        }
    }

    #[test]
    fn of_two_that_each_fail_alone_one_is_found() {
        let found = fewest(&[1, 2, 3, 4], &mut |there| {
            Ok(there.contains(&2) || there.contains(&3))
        });
        assert_eq!(found.unwrap().len(), 1);
    }
}
