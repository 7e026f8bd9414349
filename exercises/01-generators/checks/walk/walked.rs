//! One walk with all its answers, and what is said of a wrong total.

use super::super::subject::{Entry, Walk};
use super::trees::{NOT_A_SIZE, entry};
use generators::{Generator, Step};
use probe::{Run, panics};
use probe_generators::{Spy, laws, spy};

pub(super) struct Walked<'t> {
    pub(super) names: Vec<&'t str>,
    pub(super) total: Option<u64>,
}

/// Walks, answers each name with its size, and gives up when there are more names than entries.
#[track_caller]
pub(super) fn walk<'t, const N: usize>(
    run: &Run,
    tree: &'t Entry,
    sizes: [(&str, u64); N],
) -> Walked<'t> {
    let mut walk = spy(run, "walk", Walk::new(tree));
    let mut walked = Walked {
        names: Vec::new(),
        total: None,
    };
    let mut answer = NOT_A_SIZE;
    loop {
        if walked.names.len() > N + 1 {
            run.recorder()
                .says("caller", "stops asking: there were more names than entries");
            return walked;
        }
        match resume(run, &mut walk, answer) {
            Step::Yielded(name) => {
                walked.names.push(name);
                answer = sizes
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map_or(0, |(_, size)| *size);
            }
            Step::Complete(total) => {
                walked.total = Some(total);
                return walked;
            }
        }
    }
}

#[track_caller]
fn resume<'t>(run: &Run, walk: &mut Spy<Walk<'t>>, answer: u64) -> Step<&'t str, u64> {
    let earlier = walk.resumes();
    let panic = match panics::expected(|| walk.resume(answer)) {
        Ok(step) => return step,
        Err(panic) => panic,
    };
    if !means_completion(&panic.message) {
        run.departs(format!("`resume` panicked: {}.", panic.message));
    }
    match earlier {
        // Nothing below the root had been answered yet, so no child can be at its end.
        1 | 2 => run.diagnose(
            "state-left-taken",
            format!(
                "`resume` panicked as if the walk were complete ({}), although the call before had yielded: what that call took \
                 out of `self`, it did not put back.",
                panic.message
            ),
        ),
        // The first file had been answered: its walk is the first one that can complete.
        3 => run.diagnose(
            "resumed-after-complete",
            format!(
                "`resume` panicked as if the walk were complete ({}): the walk of a child had completed in this call, and was \
                 resumed once more.",
                panic.message
            ),
        ),
        _ => run.departs(format!(
            "`resume` panicked as if the walk were complete ({}), in the middle of it.",
            panic.message
        )),
    }
}

/// Whether this is how the learner's walk panics when it is complete.
fn means_completion(message: &str) -> bool {
    let file = entry("file", []);
    let mut walk = Walk::new(&file);
    let end = panics::expected(|| laws::drive(&mut walk, [0, 7]).1);
    let after_the_end = panics::expected(|| walk.resume(0));
    message.contains("complete")
        || matches!((end, after_the_end), (Ok(Some(_)), Err(panic)) if panic.message == message)
}

/// Reads the wrong total: each entry's size is a digit of its own, and what was sent first is five millions.
#[track_caller]
pub(super) fn explain_total(run: &Run, total: u64, sizes: &[(&str, u64)]) -> ! {
    let right: u64 = sizes.iter().map(|(_, size)| size).sum();
    let (own, last) = (sizes[0].1, sizes[sizes.len() - 1].1);
    if total == NOT_A_SIZE + right - last {
        run.diagnose(
            "lost-resume-argument",
            "Every size is counted one step late: the value that starts the walk is counted, and the last answer is not.",
        );
    }
    if total == right - last {
        run.diagnose(
            "lost-resume-argument",
            "The answer to the last name is missing from the total: it comes with the call in which the walk completes.",
        );
    }
    if total >= NOT_A_SIZE {
        run.diagnose(
            "first-argument-is-an-answer",
            "The value that started the walk was counted as a size. Nothing had been named when it came.",
        );
    }
    if total > right {
        run.diagnose(
            "answer-counted-twice",
            format!(
                "The total is {total} and should be {right}, so some answer was counted more than once: by the child that asked \
                 for it, say, and by its parent as it passed through.",
            ),
        );
    }
    if sizes.len() > 1 && total == right - 11 {
        run.diagnose(
            "own-size-left-out",
            format!(
                "The total is {total} and should be {right}: the sizes of the folders, home and docs, are not in it. An entry with \
                 children has a size of its own."
            ),
        );
    }
    let missing: Vec<&str> = sizes
        .iter()
        .filter(|(_, size)| (total / size).is_multiple_of(10))
        .map(|(name, _)| *name)
        .collect();
    if total == own && sizes.len() > 1 {
        run.diagnose(
            "one-way-delegation",
            "The total is the root's own size. Either the sizes do not reach the children's walks, or what these complete with is \
             not added.",
        );
    }
    if total < right && !missing.is_empty() {
        run.departs(format!(
            "The total is {total} and should be {right}: the size of {} is not in it.",
            missing.join(", ")
        ));
    }
    run.departs(format!("The total should be {right}, and it is {total}."))
}
