//! Finding the fewest parts with which something fails.

use anyhow::Result;

/// The fewest of the suspects with which it fails: with these it does, and without any one of them it does not.
///
/// `fails` says whether it fails with exactly these suspects in place; with all of them it does, and with none it does not. This is
/// the algorithm QuickXplain: for one culprit among n it asks some 2 log n times, and it finds several that only fail together.
///
/// # Errors
///
/// Those of `fails`.
pub fn fewest<T: Copy>(
    suspects: &[T],
    fails: &mut dyn FnMut(&[T]) -> Result<bool>,
) -> Result<Vec<T>> {
    narrow(&[], false, suspects, fails)
}

/// Of `suspects`, the fewest that fail together with `given`.
fn narrow<T: Copy>(
    given: &[T],
    is_new: bool,
    suspects: &[T],
    fails: &mut dyn FnMut(&[T]) -> Result<bool>,
) -> Result<Vec<T>> {
    if suspects.is_empty() || (is_new && fails(given)?) {
        return Ok(Vec::new());
    }
    if suspects.len() == 1 {
        return Ok(suspects.to_vec());
    }
    let (first, second) = suspects.split_at(suspects.len() / 2);
    let of_second = narrow(&[given, first].concat(), true, second, fails)?;
    let of_first = narrow(
        &[given, &of_second].concat(),
        !of_second.is_empty(),
        first,
        fails,
    )?;
    Ok([of_first, of_second].concat())
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
                assert!(asked <= 10, "{asked} for {suspects}");
            }
        }
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
