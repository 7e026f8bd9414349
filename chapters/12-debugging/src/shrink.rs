//! The first schedule that fails, and the shortest one that fails in the same way.

/// A schedule that fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<F> {
    /// The seed of the run in which the failure was found: with it the run can be repeated.
    pub seed: u64,
    /// The shrunk schedule.
    pub schedule: Vec<usize>,
    /// How it fails.
    pub failure: F,
}

/// Tries one seed after the other, in order, and shrinks the schedule of the first that fails. `None` if none of
/// them fails.
///
/// `run_seed` runs a test with the decisions of a seed. If the test fails, it returns the decisions that were
/// taken, and the failure. `run` runs the test with given decisions: see [`shrink`].
pub fn find<F: PartialEq>(
    seeds: impl IntoIterator<Item = u64>,
    mut run_seed: impl FnMut(u64) -> Option<(Vec<usize>, F)>,
    run: impl FnMut(&[usize]) -> Option<F>,
) -> Option<Found<F>> {
    // YOURS
    seeds
        .into_iter()
        .find_map(|seed| {
            let (schedule, failure) = run_seed(seed)?;
            Some((seed, schedule, failure))
        })
        .map(|(seed, schedule, failure)| Found {
            seed,
            schedule: shrink(&schedule, &failure, run),
            failure,
        })
    // STUB: todo!("the first seed that fails, and its schedule, shrunk")
    // YOURS_END
}

/// A short schedule that fails in the same way as this one.
///
/// A schedule is a list of decisions. Each says which of the ready tasks runs next, counted from the oldest, 0.
/// From the end of the list on every decision is 0: the order of a program. So a decision that is not 0 is what makes
/// a schedule hard to understand, and a schedule of zeros and the empty one are the same run.
///
/// `run` runs the test with a schedule, and returns how it failed; `None` if it passed. The given schedule fails with
/// `failure`: the caller has seen it fail so, and nothing is promised for another one. The schedule that is returned:
///
/// - fails with a failure that is equal to `failure`. A test can fail in several ways, and another failure is not the
///   one that was found;
/// - passes, or fails in another way, when any single decision that is not 0 is set to 0;
/// - does not end with a 0.
///
/// It takes at most `100 + 10 * n * (d + 1)` runs, where `n` is the number of decisions and `d` that of those that stay.
pub fn shrink<F: PartialEq>(
    schedule: &[usize],
    failure: &F,
    mut run: impl FnMut(&[usize]) -> Option<F>,
) -> Vec<usize> {
    // YOURS
    // ANCHOR: shrink
    let mut fails = |schedule: &[usize]| run(schedule).as_ref() == Some(failure);
    let mut shortest = trimmed(schedule);
    // Half of the decisions at once, then a quarter: one run may remove what would take many.
    let mut width = shortest.len().div_ceil(2);
    while width > 1 {
        set_to_zero(&mut shortest, width, &mut fails);
        width = width.div_ceil(2);
    }
    // Then one by one, until none can go: a decision may become superfluous when another is gone.
    while set_to_zero(&mut shortest, 1, &mut fails) {}
    shortest
    // ANCHOR_END: shrink
    // STUB: todo!("as few decisions as possible")
    // YOURS_END
}
// YOURS

/// Sets each run of `width` decisions to zero, the last first, where the schedule still fails so. Whether any changed.
fn set_to_zero(
    schedule: &mut Vec<usize>,
    width: usize,
    fails: &mut impl FnMut(&[usize]) -> bool,
) -> bool {
    let mut changed = false;
    let mut end = schedule.len();
    while end > 0 {
        let begin = end.saturating_sub(width);
        let end_now = end.min(schedule.len());
        if begin < end_now
            && schedule[begin..end_now]
                .iter()
                .any(|&decision| decision != 0)
        {
            let mut fewer = schedule.clone();
            fewer[begin..end_now].fill(0);
            let fewer = trimmed(&fewer);
            if fails(&fewer) {
                *schedule = fewer;
                changed = true;
            }
        }
        end = begin;
    }
    changed
}

fn trimmed(schedule: &[usize]) -> Vec<usize> {
    let length = schedule.iter().rposition(|&decision| decision != 0);
    schedule[..length.map_or(0, |last| last + 1)].to_vec()
}
// YOURS_END
