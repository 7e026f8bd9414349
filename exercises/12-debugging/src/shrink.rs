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
    todo!("the first seed that fails, and its schedule, shrunk")
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
    todo!("as few decisions as possible")
}
