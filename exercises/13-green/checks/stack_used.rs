//! stack_used: how much memory a stack has.

use super::subject::{Because, after_each_other, after_nested, because, of_many};
use green::stack_use::{Does, measured};
use probe::predict::steady;
use probe::{panics, run, snapshot};

/// A few pages more or less.
const NEAR: usize = 16;

/// The size of the stacks here.
const STACK: usize = 4096;

fn near(yours: usize, right: usize) -> bool {
    yours.abs_diff(right) <= NEAR
}

/// What the system says, or the rule where it does not tell.
fn system_says(does: Does, rule: usize) -> usize {
    match measured(STACK, does) {
        STACK => rule,
        told => told,
    }
}

#[test]
fn nested_calls_need_their_frames() {
    let run = run!("nested");
    for frames in [0, 1, 4, 8, 20, 50] {
        let right = system_says(Does::Calls(frames), 64 * frames + 4);
        let yours = steady(&run, || after_nested(STACK, frames));
        let another = steady(&run, || after_nested(2 * STACK, frames));
        let whole = right / 64 * 64;
        // The last one is more than half of the stack, and no part of the expected run.
        if frames < 50 {
            run.recorder().says(
                "system",
                format!("{frames} frames: a little more than {whole} KiB"),
            );
        }
        if near(yours, right) && near(another, right) {
            continue;
        }
        run.recorder().says(
            "you",
            format!(
                "{frames} frames: {yours} KiB of {STACK}, {another} KiB of {}",
                2 * STACK
            ),
        );
        if yours >= STACK || another > yours + NEAR {
            run.diagnose(
                "stack-size-is-memory",
                "In your rule a larger stack has more memory. The size is a range of addresses, and the system gives a page its memory when it is first touched.",
            );
        }
        if frames == 0 && near(yours, right + 64) {
            run.diagnose(
                "frame-too-many",
                "No nested call has an array of 64 KiB here, and your rule counts one. The function that calls them has a small frame.",
            );
        }
        run.diagnose(
            "misses-the-measurement",
            format!("On a stack of {STACK} KiB the system gave another number for {frames} nested calls. A number may be off by {NEAR} KiB at most."),
        );
    }
    snapshot!(run);
}

#[test]
fn calls_that_have_returned_leave_the_largest() {
    let run = run!("each_other");
    let cases: [&'static [usize]; 6] = [&[1, 3, 2], &[8, 1], &[1, 8], &[5, 5, 5], &[7], &[]];
    // An answer that is not written yet panics here, and counts as not started.
    steady(&run, || after_each_other(&[1]));
    if panics::expected(|| after_each_other(&[])).is_err() {
        run.diagnose(
            "empty-list-forgotten",
            "No function was called, and `after_each_other(&[])` panicked. The green thread itself has a little memory.",
        );
    }
    let yours = cases.map(|frames| steady(&run, || after_each_other(frames)));
    let all_are = |rule: fn(&[usize]) -> usize| {
        (yours.iter().zip(cases)).all(|(yours, frames)| near(*yours, 64 * rule(frames)))
    };
    for (frames, yours) in cases.into_iter().zip(yours) {
        let most = *frames.iter().max().unwrap_or(&0);
        let right = system_says(Does::OneAfterAnother(frames), 64 * most + 4);
        run.recorder().says(
            "system",
            format!("{frames:?}: a little more than {} KiB", right / 64 * 64),
        );
        if near(yours, right) {
            continue;
        }
        run.recorder()
            .says("you", format!("{frames:?}: {yours} KiB"));
        if all_are(|frames| frames.iter().sum()) {
            run.diagnose(
                "sum-not-maximum",
                "You add the frames of functions that run one after the other. The second one's frames lie where the first one's were.",
            );
        }
        if all_are(|frames| *frames.last().unwrap_or(&0)) {
            run.diagnose(
                "memory-given-back",
                "In your rule only the last function counts. A page that has been touched keeps its memory when the function has returned: the stack pointer moves, and the kernel is not told.",
            );
        }
        if all_are(|frames| *frames.first().unwrap_or(&0)) {
            run.diagnose(
                "first-not-largest",
                "In your rule only the first function counts. A later one that needs more touches further pages.",
            );
        }
        run.diagnose(
            "misses-the-measurement",
            format!("The system gave another number for functions of {frames:?} frames, one after the other. A number may be off by {NEAR} KiB at most."),
        );
    }
    snapshot!(run);
}

#[test]
fn many_have_what_each_has() {
    let run = run!();
    for (threads, stack, frames) in [
        (1, 1024, &[1, 3, 2][..]),
        (10_000, 64, &[]),
        (10_000, 1024, &[]),
        (100, 4096, &[8, 1]),
        (1_000, 4096, &[8, 1]),
        (0, 64, &[1]),
    ] {
        let sum = frames.iter().sum::<usize>();
        let most = *frames.iter().max().unwrap_or(&0);
        let (least, most) = (threads * 64 * most, threads * (64 * most + NEAR + 4));
        let yours = steady(&run, || of_many(threads, stack, frames));
        if (least..=most).contains(&yours) {
            continue;
        }
        run.recorder().says(
            "you",
            format!("{threads} on stacks of {stack} KiB behind {frames:?} frames: {yours} KiB"),
        );
        if yours >= threads * stack {
            run.diagnose(
                "stack-size-is-memory",
                "You multiply the size of the stack. That much address space is reserved; memory is what has been touched.",
            );
        }
        let each = threads * 64 * sum;
        if sum * 64 > (most / threads.max(1))
            && (each..=each + threads * (NEAR + 4)).contains(&yours)
        {
            run.diagnose(
                "sum-not-maximum",
                "You add the frames of functions that run one after the other. The second one's frames lie where the first one's were.",
            );
        }
        if threads > 1 && near(yours, after_each_other(frames)) {
            run.diagnose(
                "threads-not-multiplied",
                format!("{threads} green threads have {threads} stacks, and each of them has touched pages of its own. Your number is that of one."),
            );
        }
        run.diagnose(
            "misses-the-measurement",
            format!("Expected: {threads} times what one of them has, which is right to within {NEAR} KiB for each."),
        );
    }
}

#[test]
fn the_reason_agrees_with_the_machine_code() {
    let run = run!();
    let reason = steady(&run, because);
    run.recorder().says("because", format!("{reason:?}"));
    match reason {
        Because::TheFunctionTouchesEachPage => {}
        Because::ArraysAreZeroed => run.diagnose(
            "arrays-are-zeroed",
            "The array is a `MaybeUninit`, and nothing is written to it. Rust fills no memory that the program does not ask it to fill.",
        ),
        Because::TheKernelGivesFrames => run.diagnose(
            "kernel-knows-frames",
            "The kernel sees an access to a page, and gives this page memory. It does not know what a frame is.",
        ),
        Because::TheStackIsMapped => run.diagnose(
            "stack-size-is-memory",
            "A mapping is a range of addresses. The same program without that function has 4 KiB, on a stack that is mapped in the same way.",
        ),
    }
}
